"""Day-end balancing and reconciliation statements in the console."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa

from clerkwork.run.balancing import OPEN
from clerkwork.run.runs import find_run
from clerkwork.store.tables import items

from .conftest import OTHER, OWN, House, post

_DIGEST = re.compile(r'name="digest" value="([0-9a-f]+)"')


def day_path(house: House) -> str:
    """The page of the day that ran last night."""
    return f"/balance/{find_run(house.office, house.runs[OWN]).business_date}/{OWN}"


def signed(client: httpx.Client, path: str, deed: str, **form: str) -> httpx.Response:
    """Sign what the page shows."""
    digest = _DIGEST.search(client.get(path).text)
    seen = digest[1] if digest else "0"
    return post(client, f"{path}/{deed}", page="/me", digest=seen, **form)


@pytest.fixture
def settled(house: House) -> Iterator[House]:
    """Every item refused by decision: nothing is open."""
    table, column = items, items.c.state
    with house.office.store.begin() as conn:
        before = {row.id: row.state for row in conn.execute(sa.select(table.c.id, column))}
        conn.execute(sa.update(table).where(column.in_(OPEN)).values(state="refused"))
    yield house
    with house.office.store.begin() as conn:
        for item, state in before.items():
            conn.execute(sa.update(table).where(table.c.id == item).values(state=state))


def test_the_days_of_ones_desks_are_listed_and_an_open_one_cannot_be_signed(house: House):
    """With what is open; another desk's are neither listed nor shown."""
    path = day_path(house)
    with house.visitor("operator.own") as client:
        assert path in client.get("/balance").text
        page = client.get(path).text
        assert "not balanced" in page
        assert "Sign as maker" not in page
        assert "DAY_NOT_BALANCED" in signed(client, path, "sign").text
        assert client.get(f"/balance/2020-01-01/{OWN}").status_code == 404
        assert client.get(f"/balance/tomorrow/{OWN}").status_code == 404
    with house.visitor("operator.other") as client:
        assert path not in client.get("/balance").text
        assert client.get(path).status_code == 403


def test_a_balanced_day_is_signed_by_two_people_and_void_when_it_changes(settled: House):
    """Each sees the form that is theirs; names and times stand on the page."""
    path = day_path(settled)
    with settled.visitor("operator.own") as maker, settled.visitor("checker.own") as checker:
        digest = _DIGEST.search(maker.get(path).text)
        assert digest is not None
        early = post(checker, f"{path}/countersign", page="/me", digest=digest[1])
        assert "NOT_SIGNED_YET" in early.text
        assert "SIGNED_OTHERWISE" in post(maker, f"{path}/sign", page="/me", digest="0").text
        assert signed(maker, path, "sign").status_code == 303
        assert "Sign as checker" not in maker.get(path).text
        assert "Sign as checker" in checker.get(path).text
        assert signed(checker, path, "countersign").headers["location"] == path
        page = checker.get(path).text
        assert page.count(">signed<") == 2
        with settled.office.store.begin() as conn:
            one = conn.execute(sa.select(items.c.id).limit(1)).scalar_one()
            changed = sa.update(items).where(items.c.id == one).values(state="abandoned")
            conn.execute(changed)
        page = checker.get(path).text
        assert page.count(">void<") == 2
        assert f"item {one}" in page


def test_a_statement_is_shown_with_both_sides_and_signed_by_name(house: House):
    """The maker first, another person then; the starter of the run does not check it."""
    path = f"/runs/{house.runs[OWN]}/statements"
    with house.visitor("maker.own") as maker, house.visitor("checker.own") as checker:
        page = maker.get(path).text
        assert "Adjusted balance" in page
        assert path in maker.get(f"/runs/{house.runs[OWN]}").text
        account, currency = re.findall(r'id="account-(\d+)-([A-Z]{3})"', page)[0]
        which = {"account": account, "currency": currency}
        assert signed(maker, path, "sign", **which).status_code == 303
        assert "STATEMENT_UNKNOWN" in signed(maker, path, "sign", account="0").text
        done = signed(checker, path, "countersign", **which)
        assert done.headers["location"] == f"{path}#account-{account}-{currency}"
        assert checker.get(path).text.count(">signed<") == 2
    with house.visitor("maker.other") as client:
        assert client.get(path).status_code == 403
        assert client.get(f"/runs/{house.runs[OTHER]}/statements").status_code == 200


def test_what_is_saved_says_what_it_rests_on(house: House):
    """Counts times minutes, with where the minutes are from; of one's own desks only."""
    with house.visitor("auditor.own") as client:
        page = client.get("/saved").text
        assert "1 runs of 120 min, 0 items of 4 min" in page
        assert "estimate for the practice bank" in page
        assert 'hx-get="/saved"' in client.get("/").text
    with house.visitor("auditor.other") as client:
        assert "runs of 120 min" not in client.get("/saved").text
