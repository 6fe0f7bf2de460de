"""What was booked wrongly is taken back: asked for, agreed to by others, keyed once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clerkwork.errors import Refused
from clerkwork.facts import plain, to_minor
from clerkwork.practice.ledger import Books, database
from clerkwork.practice.ledger.books import Draft
from clerkwork.run.items import instruction_of, list_items, load_item
from clerkwork.run.reversing import correction_of, reversals, reverse_item
from clerkwork.store.items import move

from ..conftest import Branch
from .conftest import House, opened_night, post

Night = tuple[House, Branch]


@pytest.fixture(scope="module")
def night(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A night of which four simple items are booked."""
    with opened_night(decided, tmp_path_factory.mktemp("correcting")) as (house, branch):
        rows = list_items(house.office, state="waiting")
        branch.agree([row for row in rows if row.needs == ["checker"]][:6])
        yield house, branch


def booked(house: House) -> Any:
    """A booked item that nothing takes back, and that takes nothing back."""
    rows = list_items(house.office, state="confirmed")
    return next(row for row in rows if not row.reverses and not reversals(house.office, row))


def bound(row: Any) -> dict[str, str]:
    """What the item's page carries of what it showed."""
    return {"version": str(row.version), "digest": row.digest}


def asked_for(house: House, row: Any) -> Any:
    """The reversal that a maker asks for on the page."""
    page = f"/items/{row.id}/reverse"
    with house.visitor("maker.own") as client:
        done = post(client, page, why="the wrong account", **bound(row))
    assert done.status_code == 303, done.text
    return load_item(house.office, done.headers["location"].removeprefix("/items/"))


def test_a_reversal_is_shown_asked_for_agreed_to_and_keyed(night: Night):
    """Same sides, below zero, red, naming the original; each page leads to the other's."""
    house, branch = night
    row = booked(house)
    page = f"/items/{row.id}/reverse"
    with house.visitor("operator.own") as client:
        assert client.get(page).status_code == 403
    with house.visitor("maker.other") as client:
        assert client.get(page).status_code == 403
    before = len(branch.vouchers())
    with house.visitor("maker.own") as client:
        assert page in client.get(f"/items/{row.id}").text
        shown = client.get(page).text
        assert f"<b>-{instruction_of(row).fields['amount']}</b>" in shown and "<b>red</b>" in shown
        assert "WHY_MISSING" in post(client, page, **bound(row)).text
    made = asked_for(house, row)
    assert (made.state, made.reverses, made.edited_by) == ("waiting", row.id, ["maker.own"])
    assert {"checker", "authoriser"} <= set(made.needs)
    with house.visitor("operator.own") as client:
        assert f"/items/{made.id}" in client.get(f"/items/{row.id}").text
        assert f"/items/{row.id}" in client.get(f"/items/{made.id}").text
        assert "the wrong account" in client.get(f"/items/{made.id}").text
    branch.agree([made])
    assert load_item(house.office, made.id).state == "confirmed"
    (red,) = [v for v in branch.vouchers() if v["reference"] == made.reference]
    (blue,) = [v for v in branch.vouchers() if v["reference"] == row.reference]
    assert red["amount_minor"] == -blue["amount_minor"] and red["colour"] == "red"
    assert red["original_voucher"] == blue["number"]
    assert [red[s] for s in ("debit_account", "credit_account")] == [
        blue[s] for s in ("debit_account", "credit_account")
    ]
    assert len(branch.vouchers()) == before + 1


def test_what_is_right_is_keyed_after_the_reversal(night: Night):
    """One form, two items: each agreed to; the right one is keyed once, after the other."""
    house, branch = night
    office, row = house.office, booked(house)
    page = f"/items/{row.id}/reverse"
    now = instruction_of(row).fields["amount"]
    right = plain(Decimal(now) + 1, row.currency)
    with house.visitor("maker.own") as client:
        bad = post(client, page, why="digits", **bound(row), **{"field.amount": "-5.00"})
        assert "AMOUNT_SIGN" in bad.text and not reversals(office, row)
        done = post(client, page, why="digits", **bound(row), **{"field.amount": right})
        made = load_item(office, done.headers["location"].removeprefix("/items/"))
        other = correction_of(office, made)
        assert other is not None
        assert f"/items/{other.id}" in client.get(f"/items/{made.id}").text
    branch.agree([other])
    assert load_item(office, other.id).state == "approved"  # the wrong one still stands
    branch.agree([made])
    assert {load_item(office, one.id).state for one in (made, other)} == {"confirmed"}
    keyed = {voucher["reference"]: voucher for voucher in branch.vouchers()}
    assert keyed[other.reference]["original_voucher"] == keyed[made.reference]["number"]
    assert keyed[other.reference]["amount_minor"] == to_minor(Decimal(right), row.currency)


def test_at_most_one_reversal_of_an_item_stands(night: Night):
    """A second is refused, also in the same moment; when the first is refused, another may be."""
    house, branch = night
    row = booked(house)
    made: list[str] = []
    said: list[str] = []

    def ask() -> None:
        try:
            made.append(reverse_item(house.office, row, house.person("maker.own"), "twice"))
        except Refused as refusal:
            said.append(refusal.code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and said == ["REVERSED_ALREADY"] * 5
    with house.visitor("checker.own") as client:
        first = load_item(house.office, made[0])
        post(client, f"/items/{first.id}/reject", page=f"/items/{first.id}", decision="refuse",
             why="it was right", **bound(first))  # fmt: skip
    assert load_item(house.office, made[0]).state == "refused"
    again = asked_for(house, row)
    assert again.reference != first.reference and again.id != first.id
    assert [one.id for one in reversals(house.office, row)] == [first.id, again.id]


def test_who_asks_for_a_reversal_agrees_to_none(night: Night):
    """Also with every role: maker is never checker."""
    house, _ = night
    house.add("all", "maker", "checker", "authoriser", desks=("*",))
    row = booked(house)
    made = load_item(house.office, reverse_item(house.office, row, house.person("all"), "wrong"))
    with house.visitor("all") as client:
        page = f"/items/{made.id}"
        answer = post(client, f"{page}/agree", page="/me", **bound(made))
        assert (answer.status_code, "SELF_APPROVAL" in answer.text) == (403, True)
        assert page not in client.get("/approvals").text


def test_only_what_is_booked_is_taken_back(night: Night):
    """A waiting item is edited or refused; a reversal that is booked may itself be wrong."""
    house, _ = night
    waiting = next(r for r in list_items(house.office, state="waiting") if not r.reverses)
    with house.visitor("maker.own") as client:
        answer = client.get(f"/items/{waiting.id}/reverse")
        assert (answer.status_code, "ITEM_NOT_BOOKED" in answer.text) == (422, True)
    reds = [r for r in list_items(house.office, state="confirmed") if r.reverses]
    red = next(r for r in reds if not reversals(house.office, r))
    blue = asked_for(house, red)
    fields = instruction_of(blue).fields
    assert fields["colour"] == "blue" and not fields["amount"].startswith("-")


def test_several_are_taken_back_at_once_and_counted_before(night: Night):
    """Ticked on the run's page; what cannot be taken back is left out, with why."""
    house, branch = night
    row = booked(house)
    waiting = next(r for r in list_items(house.office, state="waiting") if not r.reverses)
    query = f"/exceptions/bulk?do=reverse&item={row.id}&item={waiting.id}"
    with house.visitor("maker.own") as client:
        run = client.get(f"/runs/{row.run_id}").text
        assert f'name="item" value="{row.id}"' in run and 'value="reverse"' in run
        page = client.get(query).text
        assert "Do it with 1" in page and "keyed: debit" in page and waiting.id in page
        (seen,) = re.findall(r'name="seen" value="([^"]+)"', page)
        send = {"page": query, "do": "reverse", "seen": seen}
        assert "WHY_MISSING" in post(client, "/exceptions/bulk", **send).text
        assert post(client, "/exceptions/bulk", **send, why="all wrong").status_code == 303
        assert "REVERSED_ALREADY" in post(
            client, "/exceptions/bulk", **send | {"page": "/me"}, why="again"
        ).text  # fmt: skip
    assert [one.state for one in reversals(house.office, row)] == ["waiting"]
    with house.visitor("operator.own") as client:
        assert "Do it with" not in client.get(query).text


def test_a_reversal_that_was_sent_before_a_crash_is_not_sent_again(night: Night):
    """The worker died after the committing key: the next one finds it in the ledger."""
    house, branch = night
    office = house.office
    row = next(r for r in list_items(office, state="waiting") if r.reverses)
    branch.agree([row], key=False)
    with office.store.begin() as conn:
        move(conn, row.id, "keying", by="worker-1", why="taken up")
    fields = dict(instruction_of(row).fields)
    del fields["amount"]
    minor = to_minor(instruction_of(row).signed_amount, row.currency)
    Books(database(branch.home)).book(Draft(amount_minor=minor, **fields), keyed_by="T0042")
    before = len(branch.vouchers())

    branch.work_until_at_rest()

    assert load_item(office, row.id).state == "confirmed"
    assert len(branch.vouchers()) == before
