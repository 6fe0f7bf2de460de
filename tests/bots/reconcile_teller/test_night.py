"""One night, end to end: real terminal, real browser, real durable engine."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clerkwork.facts import Instruction, Plan, from_minor
from clerkwork.practice import documents, manners
from clerkwork.practice.ledger import Books, database
from clerkwork.practice.world import EPOCH, day
from clerkwork.run.closing import exit_code, items_of
from clerkwork.run.deciding import edit_item
from clerkwork.run.items import instruction_of, list_items, load_item
from clerkwork.run.runs import load_run


def told(plan: Plan) -> list[tuple[object, ...]]:
    """What the plan says of the day's new breaks, as the truth says it."""
    return sorted(
        (
            b.reason,
            b.entry.account,
            b.side,
            b.entry.reference,
            b.entry.amount,
            b.difference,
            b.books,
        )
        for b in plan.breaks
        if b.since == plan.business_date
    )


def planted(on: date) -> list[tuple[object, ...]]:
    """The truth about what was planted on that day."""
    return sorted(
        (t.reason, t.account, t.side, t.reference, t.amount, t.difference, t.books)
        for t in day(on).truth
        if t.since == on
    )


def as_keyed(voucher: dict[str, Any]) -> dict[str, str]:
    """A row of the ledger's database as an instruction writes it."""
    amount = from_minor(voucher["amount_minor"], voucher["currency"])
    return {
        name: f"{amount:f}" if name == "amount" else str(voucher[name])
        for name in (
            "accounting_date",
            "debit_account",
            "credit_account",
            "currency",
            "amount",
            "colour",
            "original_voucher",
            "narrative",
            "reference",
        )
    }


@pytest.mark.usefixtures("one_worker")
def test_one_night_from_the_journal_to_the_ledger(branch: Any) -> None:
    """All differences found, balances equal; what was approved stands in the ledger, no more."""
    run_id = branch.run()
    plan = branch.plan(run_id)
    assert planted(EPOCH) == told(plan)
    assert [one.is_equal for one in plan.balance_statements] == [True, True, True]
    assert all(totals.is_balanced for totals in plan.totals)
    assert branch.vouchers() == []

    branch.agree()

    rows = {row.reference: row for row in list_items(branch.office)}
    assert {"confirmed"} == {row.state for row in rows.values()}
    keyed = branch.vouchers()
    assert Counter(i.reference for i in plan.instructions) == Counter(v["reference"] for v in keyed)
    numbers = {v["reference"]: v["number"] for v in keyed}
    serials = {f"0755-20260611-{line.serial:05}": line for line in day(EPOCH).journal}
    for voucher in (v for v in keyed if v["colour"] == "red"):
        reversed_line = serials[voucher["original_voucher"]]
        assert voucher["amount_minor"] == -int(reversed_line.amount.scaleb(2))
    for voucher in keyed:
        instruction: Instruction = instruction_of(rows[voucher["reference"]])
        wanted = dict(instruction.fields)
        for field, take in instruction.takes.items():
            wanted[field] = numbers[take.reference]
        assert wanted == as_keyed(voucher)
    assert exit_code(load_run(branch.office, run_id)) == 0

    again = branch.run()
    assert keyed == branch.vouchers()
    assert {"confirmed": len(keyed)} == load_run(branch.office, again).totals["items"]

    # the statements rendered anew: other bytes, other page breaks
    folder = branch.home / "practice" / "documents" / EPOCH.isoformat()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    documents.render(EPOCH, folder, variant=2)
    assert all(before[p.name] != p.read_bytes() for p in folder.glob("*.pdf"))
    anew = branch.run()
    assert keyed == branch.vouchers()
    assert {"confirmed": len(keyed)} == load_run(branch.office, anew).totals["items"]


@pytest.mark.usefixtures("one_worker")
@pytest.mark.parametrize("accounting_date", [date(2026, 6, 15)])
def test_day_after_day_is_reconciled(branch: Any) -> None:
    """
    Differences found, open ones settled, every balance equal: Thursday and Friday, in
    `make test-real` to Sunday.
    """
    days = [EPOCH + timedelta(days=n) for n in range(4 if os.environ.get("CLERKWORK_REAL") else 2)]
    for on in days:
        run_id = branch.run(business_date=on.isoformat())
        plan = branch.plan(run_id)
        assert planted(on) == told(plan), on
        assert all(one.is_equal for one in plan.balance_statements), on
        assert 0 == exit_code(load_run(branch.office, run_id)), on
        assert (on == EPOCH) == (not plan.cleared)
        if on != days[-1]:
            branch.agree()
            assert {"confirmed"} == {row.state for row in list_items(branch.office)}
    references = Counter(voucher["reference"] for voucher in branch.vouchers())
    assert {1} == set(references.values())


def test_a_rehearsal_fills_in_everything_and_posts_nothing(branch: Any) -> None:
    """Up to, and without, the committing key; no item is filed."""
    run_id = branch.request(rehearse=True)
    branch.work_until(lambda: load_run(branch.office, run_id).state == "done")

    totals = load_run(branch.office, run_id).totals
    planned = totals["planned"]
    assert {"rehearsed": planned, "known": 0, "refused": 0, "failures": []} == totals["rehearsal"]
    assert branch.vouchers() == []
    assert list_items(branch.office) == []


def test_a_day_that_the_core_has_not_closed_is_not_reconciled(branch: Any) -> None:
    """The night waits for the core's end of day, not for the clock."""
    run_id = branch.run(business_date="2026-06-12")

    run = load_run(branch.office, run_id)
    assert (run.state, run.failure["code"]) == ("failed", "DAY_NOT_CLOSED")
    assert exit_code(run) == 1


def test_a_missing_vault_sheet_is_said_and_nothing_is_keyed(branch: Any) -> None:
    """A document that has not arrived ends the run with its name."""
    folder = branch.home / "practice" / "documents" / EPOCH.isoformat()
    (sheet,) = folder.glob("vault_*")
    sheet.unlink()

    run = load_run(branch.office, branch.run())

    assert (run.state, run.failure["code"]) == ("failed", "DOCUMENT_MISSING")
    assert "vault_0755_20260611" in run.failure["en"]


def test_reports_name_who_prepared_checked_and_authorised(night: Any) -> None:
    """Both languages, workbook and page; names of people, not of programs."""
    waiting = list_items(night.office, state="waiting")
    night.agree([next(row for row in waiting if "authoriser" in row.needs)])
    run = load_run(night.office, night.last_run)

    assert {"en.xlsx", "en.html", "zh.xlsx", "zh.html"} == set(run.report)
    page = Path(run.report["en.html"]).read_text(encoding="utf-8")
    for name in ("maker", "checker", "authoriser"):
        assert name in page


def test_no_amount_is_lost_between_plan_and_items(night: Any) -> None:
    """Planned amounts equal the items' amounts, per currency, to the minor unit."""
    plan = night.plan(night.last_run)
    rows = items_of(night.office, load_run(night.office, night.last_run), plan)

    planned: Counter[str] = Counter()
    for instruction in plan.instructions:
        planned[instruction.currency] += int(instruction.amount.scaleb(2))
    filed: Counter[str] = Counter()
    for row in rows:
        filed[row.currency] += row.amount_minor
    assert planned == filed
    assert Decimal(0) < sum((i.amount for i in plan.instructions), Decimal(0))


def test_a_voucher_that_the_ledger_holds_is_keyed_until_it_is_posted_there(night: Any) -> None:
    """待授权: the bot has no authoriser's credential; a later read-back confirms it."""
    (item,) = [row for row in list_items(night.office) if "manager" in row.needs]
    changes = {"amount": "1500000.00"}
    edit_item(night.office, item, night.people["maker"], changes, "above the ledger's limit")
    night.agree([load_item(night.office, item.id)])
    assert load_item(night.office, item.id).state == "keyed"
    ((number, state),) = [(v["number"], v["state"]) for v in night.vouchers()]
    assert state == "held"

    with night.at_work() as worker:
        worker.poll_held()
        worker.poll_held()
        assert load_item(night.office, item.id).state == "keyed"
        Books(database(night.home)).release(number, released_by="RA01")
        worker.poll_held()

    assert load_item(night.office, item.id).state == "confirmed"
    events = Counter(event.name for _, event in night.office.audit.read())
    assert (1, 1) == (events["item.keyed"], events["item.confirmed"])
    assert 1 == len(night.vouchers())


def test_a_ledger_that_never_answers_is_left_to_a_person(night: Any) -> None:
    """Each attempt is looked up and proven absent; the bot's rule ends them."""
    item = next(row for row in list_items(night.office) if row.needs == ["checker"])
    manners.switch_on(night.home / "practice", "ledger", manners.ERROR_PAGE)

    night.agree([item])

    ended = load_item(night.office, item.id)
    assert ("excepted", "ANSWER_NOT_SEEN") == (ended.state, ended.failure["code"])
    events = Counter(event.name for _, event in night.office.audit.read())
    assert (3, 2) == (events["item.in_doubt"], events["item.proven_absent"])
    assert [] == night.vouchers()
