"""Breaks settled by people: matched by hand, written off by rule, sent back; in bulk, too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clerkwork.errors import Refused
from clerkwork.run.breaks import break_of, find_break, load_open_breaks
from clerkwork.run.closing import load_plan
from clerkwork.run.deciding import decide_item
from clerkwork.run.hand_matches import find_match
from clerkwork.run.hand_matching import agree_to_match, propose_match
from clerkwork.run.items import instruction_of, list_items, load_item
from clerkwork.run.runs import find_run, load_run
from clerkwork.run.worklist import standing_breaks
from clerkwork.run.writing_off import write_off

from ..conftest import ACCOUNTING_DATE, Branch
from .conftest import OWN, House, broken, opened_night, post

Night = tuple[House, Branch]


@pytest.fixture(scope="module")
def night(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A night whose breaks stand open; in USD the bank allows any difference."""
    with opened_night(decided, tmp_path_factory.mktemp("by-hand"), rules=wide) as found:
        yield found


def wide(text: str) -> str:
    """The stock rules, with no limit for what is left in USD, and small ones alone in EUR."""
    narrow, none = 'USD = { difference = "2.00"', 'EUR = { difference = "2.00", alone = "0.00"'
    assert narrow in text and none in text
    text = text.replace(narrow, 'USD = { difference = "9999999.00"')
    return text.replace(none, 'EUR = { difference = "2.00", alone = "50.00"')


def proposed(house: House, *rows: Any, name: str = "maker.own") -> Any:
    """The match of these breaks that a maker proposes on the page."""
    query = "&".join(f"break={row.id}" for row in rows)
    with house.visitor(name) as client:
        done = post(
            client, "/matches", page=f"/matches/new?{query}",
            breaks=" ".join(row.id for row in rows), why="the same payment",
        )  # fmt: skip
    assert done.status_code == 303, done.text
    return find_match(house.office, done.headers["location"].removeprefix("/matches/"))


def test_a_match_is_weighed_proposed_and_agreed_to_by_another(night: Night):
    """Found from the break's page; it counts only with the second person's word."""
    house, _ = night
    ours, theirs = broken(house, "left", "880.00"), broken(house, "right", "880.00")
    with house.visitor("maker.own") as client:
        page = client.get(f"/breaks/{ours.id}").text
        assert f'value="{theirs.id}"' in page and "/matches/new" in page
        weighed = client.get(f"/matches/new?break={ours.id}&break={theirs.id}").text
        assert "Propose 1" in weighed and weighed.count("880.00") >= 4
        send = {"page": f"/matches/new?break={ours.id}&break={theirs.id}"}
        missing = post(client, "/matches", breaks=f"{ours.id} {theirs.id}", **send)
        assert "WHY_MISSING" in missing.text
    row = proposed(house, ours, theirs)
    page = f"/matches/{row.id}"
    assert (row.state, row.by) == ("proposed", "maker.own")
    assert find_break(house.office, ours.id).cleared_on is None
    with house.visitor("maker.own") as client:
        assert post(client, f"{page}/agree", page="/me").status_code == 403
        again = client.get(f"/matches/new?break={ours.id}&break={theirs.id}").text
        assert "BREAK_PROPOSED" in again
    with house.visitor("checker.other") as client:
        assert client.get(page).status_code == 403
        assert page not in client.get("/approvals").text
    with house.visitor("checker.own") as client:
        assert page in client.get("/approvals").text and "the same payment" in client.get(page).text
        assert post(client, f"{page}/agree", page=page).status_code == 303
        late = post(client, f"{page}/send-back", page="/me", why="no")
        assert "MATCH_DECIDED" in late.text
    for each in (ours, theirs):
        now = find_break(house.office, each.id)
        assert (now.cleared_on, now.cleared_by) == (row.day, "maker.own")
    assert house.event("match.agreed")


def test_maker_is_never_the_checker_of_a_match(night: Night):
    """Nor is who started the run that found its breaks, whatever their roles."""
    house, _ = night
    house.add("every", "maker", "checker", desks=("*",))
    rows = broken(house, "left", "41.00"), broken(house, "right", "41.00")
    row = proposed(house, *rows, name="every")
    page = f"/matches/{row.id}"
    with house.visitor("every") as client:
        assert page not in client.get("/approvals").text
        answer = post(client, f"{page}/agree", page="/me")
        assert (answer.status_code, "SELF_APPROVAL" in answer.text) == (403, True)
    with house.visitor("checker.own") as client:
        done = post(client, f"{page}/send-back", page=page, why="two payments")
        assert done.status_code == 303
        assert "two payments" in client.get(page).text
    assert proposed(house, *rows).id != row.id  # they are free again


def test_up_to_the_banks_limit_one_person_is_enough(night: Night):
    """By the larger side; a cent more, and a second one agrees."""
    house, _ = night
    euro = ("1011978001", "EUR")
    for amount, state in (("50.00", "agreed"), ("50.01", "proposed")):
        rows = (
            broken(house, "left", "49.00", place=euro),
            broken(house, "right", amount, place=euro),
        )
        row = proposed(house, *rows)
        assert (row.state, row.decided_by) == (state, "maker.own" if state == "agreed" else None)


def test_what_the_bank_does_not_allow_is_said_and_not_offered(night: Night):
    """Sides that differ too far, one side only, two accounts, a break that a voucher settles."""
    house, _ = night
    ours, far = broken(house, "left", "500.00"), broken(house, "right", "470.00")
    rows = standing_breaks(house.office, bots=None)
    keyed = next(row for row in rows if row.reason == "bank_fee" and row.references)
    for chosen, code in (
        ((ours, far), "MATCH_DIFFERS"),
        ((ours, broken(house, "left", "-500.00")), "MATCH_ONE_SIDE"),
        ((keyed, ours), "BREAK_HAS_ITEM" if keyed.account == ours.account else "MATCH_ONE_SIDE"),
    ):
        query = "&".join(f"break={row.id}" for row in chosen)
        with house.visitor("maker.own") as client:
            page = client.get(f"/matches/new?{query}").text
            assert code in page and 'action="/matches"' not in page


def test_a_difference_stands_and_is_written_off_by_a_voucher(night: Night):
    """Within the rule: the rest is a break of its own, keyed by rule once others agree."""
    house, branch = night
    office = house.office
    row = proposed(house, broken(house, "left", "300.00"), broken(house, "right", "296.50"))
    with house.visitor("checker.own") as client:
        post(client, f"/matches/{row.id}/agree", page=f"/matches/{row.id}")
    rests = [r for r in standing_breaks(office, bots=None) if r.reason == "hand_difference"]
    (rest,) = [one for one in rests if one.currency == "CNY"]
    assert (rest.books, rest.difference_minor) == ("ours", -350)
    bulk = f"/exceptions/bulk?do=write_off&break={rest.id}"
    with house.visitor("operator.own") as client:
        assert "Do it with" not in client.get(bulk).text
    with house.visitor("maker.own") as client:
        shown = client.get(bulk).text
        assert "Do it with 1" in shown and "6711000001" in shown and "1011156001" in shown
        done = post(
            client, "/exceptions/bulk", page=bulk, do="write_off", breaks=rest.id, why="small"
        )
        assert done.status_code == 303
        again = post(
            client, "/exceptions/bulk", page="/me", do="write_off", breaks=rest.id, why="x"
        )
        assert "BREAK_HAS_ITEM" in again.text
    (item,) = [one for one in list_items(office, state="waiting") if one.kind == "write_off"]
    assert item.edited_by == ["maker.own"] and set(item.needs) == {"checker", "authoriser"}
    fields = instruction_of(item).fields
    assert (fields["debit_account"], fields["credit_account"]) == ("6711000001", "1011156001")
    assert break_of(find_break(office, rest.id)).references == (item.reference,)
    branch.agree([item])
    (voucher,) = [one for one in branch.vouchers() if one["reference"] == item.reference]
    assert (voucher["amount_minor"], load_item(office, item.id).state) == (350, "confirmed")
    tomorrow = load_run(office, "last").business_date + timedelta(days=1)
    carried = [one.references for one in load_open_breaks(office, "practice", tomorrow)]
    assert (item.reference,) in carried  # settled by the journal line that it makes


def test_a_refused_write_off_may_be_asked_for_again(night: Night):
    """Under another reference: what was refused is not keyed by the next one's approval."""
    house, branch = night
    office = house.office
    row = broken(house, "right", "2.10")
    maker = house.person("maker.own")
    first = load_item(office, write_off(office, row, maker, "small"))
    with pytest.raises(Refused, match="BREAK_HAS_ITEM"):
        write_off(office, row, maker, "twice")
    decide_item(office, first, branch.people["checker"], "refuse", "look again")
    second = load_item(office, write_off(office, find_break(office, row.id), maker, "it is small"))
    assert first.reference != second.reference
    with pytest.raises(Refused, match="NO_WRITE_OFF"):
        write_off(office, broken(house, "right", "2500.00"), maker, "too large")


def test_breaks_go_back_to_whom_they_came_from(night: Night):
    """With why; in bulk it is said before to whom each goes."""
    house, _ = night
    row = broken(house, "left", "7.00")
    page = f"/breaks/{row.id}"
    with house.visitor("checker.own") as client:
        post(client, f"{page}/assign", page=page, person="operator.own")
    bulk = f"/exceptions/bulk?do=send_back&break={row.id}"
    with house.visitor("operator.own") as client:
        assert "goes to checker.own" in client.get(bulk).text
        send = {"page": bulk, "do": "send_back", "breaks": row.id}
        assert "WHY_MISSING" in post(client, "/exceptions/bulk", **send).text
        assert post(client, "/exceptions/bulk", **send, why="not ours").status_code == 303
        shown = client.get(page).text
        assert "not ours" in shown and "In hand of: checker.own" in shown


def test_a_later_night_respects_a_match(night: Night):
    """Run again, the day has the match; neither line is a break, and every statement is equal."""
    house, branch = night
    office = house.office
    before = load_plan(office, find_run(office, house.runs[OWN]))
    lone = {
        item.side: item
        for item in before.breaks
        if item.entry.currency == "USD" and not item.references and item.counterpart is None
    }
    rows = [find_break(office, f"practice:{b.entry.id}:{b.reason}") for b in lone.values()]
    match = proposed(house, *rows)
    with house.visitor("checker.own") as client:
        post(client, f"/matches/{match.id}/agree", page=f"/matches/{match.id}")

    again = branch.run()

    plan = load_plan(office, find_run(office, again))
    (found,) = [one for one in plan.matches if one.rule == "by-hand"]
    assert {*found.left, *found.right} == {item.entry.id for item in lone.values()}
    assert "the same payment" in found.because[0]
    standing = {(item.entry.id, item.reason) for item in plan.breaks}
    assert not standing & {(item.entry.id, item.reason) for item in lone.values()}
    rests = [item for item in plan.breaks if item.reason == "hand_difference"]
    assert [item.difference for item in rests] == [Decimal(match.difference_minor) / 100]
    assert all(statement.is_equal for statement in plan.balance_statements)
    unchanged = {(i.entry.id, i.reason) for i in before.breaks} - {
        (item.entry.id, item.reason) for item in lone.values()
    }
    assert unchanged == {(i.entry.id, i.reason) for i in plan.breaks if i not in rests}


def test_the_next_day_has_the_voucher_and_opens_nothing_again(decided: Path, tmp_path: Path):
    """Matched, the rest written off and keyed: a day later it is settled, every balance equal."""

    def wider(text: str) -> str:
        small = 'USD = "2.00"'
        assert small in text
        return wide(text).replace(small, 'USD = "9999999.00"')

    tomorrow = ACCOUNTING_DATE + timedelta(days=1)
    with opened_night(decided, tmp_path, rules=wider, accounting_date=tomorrow) as (house, branch):
        office = house.office
        first = load_plan(office, find_run(office, house.runs[OWN]))
        lone = {
            item.side: item
            for item in first.breaks
            if item.entry.currency == "USD" and not item.references and item.counterpart is None
        }
        rows = [find_break(office, f"practice:{b.entry.id}:{b.reason}") for b in lone.values()]
        match = propose_match(office, rows, house.person("maker.own"), "one payment")
        agree_to_match(office, match, house.person("checker.own"))
        rests = [r for r in standing_breaks(office, bots=None) if r.reason == "hand_difference"]
        item = load_item(office, write_off(office, rests[0], house.person("maker.own"), "by rule"))
        branch.agree()

        then = find_run(office, branch.run(business_date=ACCOUNTING_DATE.isoformat()))

        plan = load_plan(office, then)
        assert load_item(office, item.id).state == "confirmed"
        assert "hand_difference" in {cleared.reason for cleared in plan.cleared}
        assert find_break(office, rests[0].id).cleared_on == ACCOUNTING_DATE
        matched = {(one.entry.id, one.reason) for one in lone.values()}
        assert not matched & {(one.entry.id, one.reason) for one in (*plan.breaks, *plan.cleared)}
        assert all(statement.is_equal for statement in plan.balance_statements)
        references = [voucher["reference"] for voucher in branch.vouchers()]
        assert len(references) == len(set(references))
