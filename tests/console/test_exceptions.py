"""Exceptions: real ones, made by a real ledger, and what a person may do with each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clerkwork import practice
from clerkwork.errors import Refused
from clerkwork.facts import to_minor
from clerkwork.people import list_people
from clerkwork.practice.ledger import Books, database
from clerkwork.practice.ledger.books import Draft
from clerkwork.run.breaks import break_of
from clerkwork.run.deciding import edit_item, look_again
from clerkwork.run.items import instruction_of, list_items, load_item
from clerkwork.run.office import open_office
from clerkwork.run.stopping import standing_stop
from clerkwork.run.supervise import Child
from clerkwork.run.worker import at_work
from clerkwork.run.worklist import standing_breaks

from ..conftest import ACCOUNTING_DATE, Branch
from .conftest import OTHER, OWN, House, make_workspace, post, served

Night = tuple[House, Branch, dict[str, str]]  # the right credit account of each item
WRONG = "1999999999"  # an account that the ledger does not have


@pytest.fixture(scope="module")
def night(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """The console over a night with the practice bank behind it, and three items it refused."""
    workspace = make_workspace(tmp_path_factory.mktemp("exceptions") / "workspace")
    shutil.copytree(decided, workspace.home)
    with (
        practice.start(workspace.home, accounting_date=ACCOUNTING_DATE),
        open_office(workspace) as office,
        served(office) as house,
    ):
        branch = Branch(office, {person.name: person for person in list_people(office.store)})
        for desk, word in ((OWN, "own"), (OTHER, "other")):
            for role in ("operator", "maker", "checker", "manager", "auditor"):
                house.add(f"{role}.{word}", role, desks=(desk,))
        rows = [row for row in list_items(office, state="waiting") if row.needs == ["checker"]]
        right = {row.id: instruction_of(row).fields["credit_account"] for row in rows}
        for row in rows[:4]:
            wrong = {"credit_account": WRONG}
            edit_item(office, row, branch.people["maker"], wrong, "a slip")
        now = [load_item(office, row.id) for row in rows[:4]]
        branch.agree(now)
        yield house, branch, right


def excepted(house: House) -> Any:
    """An item that the ledger refused, which no test has settled yet."""
    return list_items(house.office, state="excepted")[0]


def bound(row: Any) -> dict[str, str]:
    """What the item's page carries of what it showed."""
    return {"version": str(row.version), "digest": row.digest}


def test_what_happened_is_said_in_the_readers_language_with_evidence(night):
    """The ledger's refusal, the picture at the failure, and what may be done now."""
    house, _, _ = night
    row = excepted(house)
    for language in ("en", "zh"):
        with house.visitor("checker.own") as client:
            client.cookies.set("clerkwork-language", language)
            listed = client.get("/exceptions").text
            page = client.get(f"/items/{row.id}").text
        assert f"/items/{row.id}" in listed
        assert row.failure["code"] in page
        for pictured in re.findall(r'<img src="(/runs/[^"]+/evidence/\w+)"', page):
            with house.visitor("checker.own") as client:
                assert client.get(pictured).content.startswith(b"\x89PNG")
        assert "evidence/" in page and f"/items/{row.id}/look-up" in page


def test_an_item_done_by_hand_is_read_back_and_confirmed(night):
    """A clerk keyed it under its reference: compared field by field, nothing is typed."""
    house, branch, _ = night
    row = excepted(house)
    page = f"/items/{row.id}"
    with house.visitor("operator.own") as client:
        asked = post(client, f"{page}/look-up", page=page, why="is it there?", **bound(row))
        assert asked.status_code == 303
        branch.work_until_at_rest()
        still = load_item(house.office, row.id)
        assert (still.state, still.failure["code"]) == ("excepted", "REFERENCE_ABSENT")

        by_hand(branch, row)
        before = len(branch.vouchers())
        post(client, f"{page}/look-up", page=page, why="keyed by hand", **bound(still))
        branch.work_until_at_rest()
    ended = load_item(house.office, row.id)
    assert (ended.state, ended.failure) == ("confirmed", None)
    assert len(branch.vouchers()) == before


def by_hand(branch: Branch, row: Any) -> None:
    """What a clerk keys into the ledger, past Clerkwork."""
    fields = dict(instruction_of(row).fields)
    minor = to_minor(instruction_of(row).amount, row.currency)
    del fields["amount"]
    draft = Draft(amount_minor=minor, **fields)
    Books(database(branch.home)).book(draft, keyed_by="T0042")


def test_a_mended_item_waits_again_and_is_keyed(night):
    """The maker mends the account, a checker agrees, the worker keys it."""
    house, branch, accounts = night
    row = excepted(house)
    page = f"/items/{row.id}"
    right = {"field.credit_account": accounts[row.id], "why": "the right account"}
    fields = {f"field.{name}": value for name, value in instruction_of(row).fields.items()}
    with house.visitor("maker.own") as client:
        saved = post(client, f"{page}/edit", page=f"{page}/edit", **bound(row), **fields | right)
        assert saved.status_code == 303
    with house.visitor("checker.own") as client:
        now = load_item(house.office, row.id)
        assert now.state == "waiting"
        post(client, f"{page}/agree", page=page, **bound(now))
    branch.work_until_at_rest()
    assert load_item(house.office, row.id).state == "confirmed"


def test_approving_again_needs_a_why_and_a_checker_without_a_hand(night):
    """An operator may not; without a reason nothing happens; what changed meanwhile is said."""
    house, branch, _ = night
    row = excepted(house)
    page = f"/items/{row.id}"
    with house.visitor("operator.own") as client:
        assert post(client, f"{page}/retry", page=page, why="x", **bound(row)).status_code == 403
    with house.visitor("checker.own") as client:
        assert "WHY_MISSING" in post(client, f"{page}/retry", page=page, **bound(row)).text
        done = post(client, f"{page}/retry", page=page, why="once more", **bound(row))
        assert done.status_code == 303
        late = post(client, f"{page}/abandon", page=page, why="no", **bound(row))
        assert "ITEM_CHANGED" in late.text
    branch.work_until_at_rest()
    assert load_item(house.office, row.id).state == "excepted"  # the account is still wrong


def test_nothing_may_be_looked_up_that_is_settled(night):
    """A confirmed or waiting item has nothing to be asked about."""
    house, branch, _ = night
    row = list_items(house.office, state="waiting")[0]
    with pytest.raises(Refused, match="ITEM_STATE"):
        look_again(house.office, row, branch.people["checker"], "curious")


def test_in_bulk_it_is_counted_before_and_what_does_not_fit_is_left_out(night):
    """Abandon what is excepted; a waiting item among the ticked is named, and left alone."""
    house, _, _ = night
    row, other = excepted(house), list_items(house.office, state="waiting")[0]
    query = f"do=abandon&item={row.id}&item={other.id}"
    with house.visitor("checker.own") as client:
        page = client.get(f"/exceptions/bulk?{query}").text
        assert "Do it with 1" in page and other.id in page
        (seen,) = re.findall(r'name="seen" value="([^"]+)"', page)
        assert seen.startswith(row.id)
        send = {"page": f"/exceptions/bulk?{query}", "do": "abandon", "seen": seen}
        assert "WHY_MISSING" in post(client, "/exceptions/bulk", **send).text
        done = post(client, "/exceptions/bulk", **send, why="booked elsewhere")
        assert done.status_code == 303
    with house.visitor("operator.own") as client:
        assert post(client, "/exceptions/bulk", **send | {"page": "/me"}).status_code in (403, 422)
    assert load_item(house.office, row.id).state == "abandoned"
    assert load_item(house.office, other.id).state == "waiting"


def test_a_break_shows_both_sides_and_why_the_nearest_did_not_match(night):
    """Its own line framed, what it differs from, five candidates with reasons."""
    house, _, _ = night
    rows = standing_breaks(house.office, bots=None)
    row = next(one for one in rows if one.reason == "own_amount")
    item = break_of(row)
    assert item.counterpart is not None
    with house.visitor("auditor.own") as client:
        page = client.get(f"/breaks/{row.id}").text
        assert item.entry.reference in page and item.counterpart.text in page
        assert page.count('class="why-not"') == 5 and "apart" in page
        assert "<mark>" in page and "/items/" in page
        (picture,) = set(re.findall(rf'src="(/breaks/{re.escape(row.id)}/sources/\w+)"', page))
        assert client.get(picture).content.startswith(b"\x89PNG")
        assert client.get("/breaks/none").status_code == 404
    with house.visitor("checker.other") as client:
        assert client.get(f"/breaks/{row.id}").status_code == 403
        assert "/breaks/" not in client.get("/exceptions").text


def test_breaks_are_given_to_somebody_in_bulk_and_found_by_owner(night):
    """Ticked, reviewed, given; the list by owner has exactly these."""
    house, _, _ = night
    rows = standing_breaks(house.office, bots=None)[:3]
    query = "&".join(["do=assign", *(f"break={row.id}" for row in rows)])
    with house.visitor("manager.own") as client:
        page = client.get(f"/exceptions/bulk?{query}").text
        assert "Do it with 3" in page
        sent = {"do": "assign", "breaks": " ".join(row.id for row in rows)}
        wrong = post(client, "/exceptions/bulk", page="/me", person="checker.other", **sent)
        assert wrong.status_code == 403
        done = post(client, "/exceptions/bulk", page="/me", person="checker.own", **sent)
        assert done.status_code == 303
    with house.visitor("checker.own") as client:
        mine = re.findall(r'href="/breaks/([^"]+)"', client.get("/exceptions?owner=~mine").text)
        assert sorted(mine) == sorted(row.id for row in rows)
        address = f"/breaks/{rows[0].id}"
        said = post(client, f"{address}/comment", page=address, text="asked them")
        assert said.status_code == 303
        assert "asked them" in client.get(address).text


def test_stop_all_stands_until_somebody_resumes(night):
    """No worker starts meanwhile, from wherever; the page says who stopped, and why."""
    house, branch, _ = night
    home = house.office.workspace.home
    with house.visitor("manager.own") as client:
        assert "WHY_MISSING" in post(client, "/stop-all", page="/exceptions").text
        assert standing_stop(home) is None
        done = post(client, "/stop-all", page="/exceptions", why="wrong rates loaded")
        assert done.status_code == 303
        assert "wrong rates loaded" in client.get("/exceptions").text
        with pytest.raises(Refused, match="WORK_STOPPED"), at_work(house.office):
            pass
        child = Child("worker")
        child.look(house.office)  # as `serve` does, which keeps workers at work
        assert child.process is None
        assert post(client, "/resume", page="/exceptions", why="rates mended").status_code == 303
        assert "NOT_STOPPED" in post(client, "/resume", page="/exceptions", why="again").text
    with branch.at_work() as worker:
        assert worker is not None
    names = [event.name for _, event in house.office.audit.read()]
    assert names.count("worker.stop_asked") == names.count("worker.resumed") == 1
