"""Day-end balancing: what was keyed, against what the system shows; and who signed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from clerkwork.errors import Refused
from clerkwork.facts import Receipt, from_minor
from clerkwork.facts.codec import from_json, to_json
from clerkwork.run.balancing import Day, balance_day, days_of
from clerkwork.run.closing import load_plan, sign_statement
from clerkwork.run.day_signing import day_signatures, sign_day
from clerkwork.run.items import list_items, load_item
from clerkwork.run.runs import load_run
from clerkwork.run.signing import CHECKER, MAKER, digest_of, standing
from clerkwork.run.statements import statements_of
from clerkwork.store.tables import items
from tests.conftest import Branch

DESK = "operations.accounting"


def day_of(night: Branch) -> Day:
    """The day of the night's run."""
    on = load_run(night.office, "last").business_date
    return balance_day(night.office, on, DESK, environment="practice")


def sign(night: Branch, name: str, part: str) -> None:
    """Sign the day as it stands."""
    day = day_of(night)
    seen = digest_of(day.signed_lines())
    sign_day(night.office, day, night.people[name], part=part, seen=seen)


def code_of(deed: Callable[..., object], *arguments: object, **more: object) -> str:
    """The code with which it is refused."""
    with pytest.raises(Refused) as refused:
        deed(*arguments, **more)
    return refused.value.code


def test_what_waits_keeps_a_day_from_being_balanced(night: Branch):
    """It is open with its amounts, by operator and system, and nobody can sign."""
    day = day_of(night)
    waiting = list_items(night.office, state="waiting")

    assert {row.id for row in day.open} == {row.id for row in waiting}
    assert {line.operator for line in day.lines} == {"maker"}
    assert {line.sign_on for line in day.lines} == {"ledger-keyboard"}
    assert all(line.open == line.instructed for line in day.lines)
    assert all(line.confirmed.is_nothing and line.shown.is_nothing for line in day.lines)
    assert not day.is_balanced
    assert code_of(sign, night, "maker", MAKER) == "DAY_NOT_BALANCED"
    assert days_of(night.office, [DESK], environment="practice") == [(day.on, DESK, len(waiting))]


def test_a_keyed_day_balances_with_the_ledgers_own_vouchers(night: Branch):
    """Count, debit and credit are what the ledger's database says, red ones with their sign."""
    night.agree()
    day = day_of(night)
    vouchers: dict[str, list[Decimal]] = {}
    for voucher in night.vouchers():
        amount = from_minor(voucher["amount_minor"], voucher["currency"])
        assert (amount < 0) == (voucher["colour"] == "red")
        vouchers.setdefault(voucher["currency"], []).append(amount)

    assert day.is_balanced
    assert {line.currency for line in day.totals} == set(vouchers)
    for line in day.totals:
        assert line.instructed == line.confirmed == line.shown
        assert line.shown.count == len(vouchers[line.currency])
        assert line.shown.debit == line.shown.credit
        assert line.shown.debit == sum(vouchers[line.currency])


def test_a_day_is_signed_by_its_operator_and_another_person(night: Branch):
    """In this order, each once, and nobody both; the log has who signed what."""
    night.agree()

    assert code_of(sign, night, "checker", CHECKER) == "NOT_SIGNED_YET"
    sign(night, "maker", MAKER)
    assert code_of(sign, night, "maker", MAKER) == "SIGNED_ALREADY"
    assert code_of(sign, night, "maker", CHECKER) == "SELF_APPROVAL"
    day = day_of(night)
    late = {"part": CHECKER, "seen": "what was shown yesterday"}
    assert code_of(sign_day, night.office, day, night.people["checker"], **late) == (
        "SIGNED_OTHERWISE"
    )
    sign(night, "checker", CHECKER)
    found = day_signatures(night.office, day)
    assert [(one.part, one.by, one.is_void) for one in found] == [
        (MAKER, "maker", False),
        (CHECKER, "checker", False),
    ]
    signed = [event for _, event in night.office.audit.read() if event.name == "balance.signed"]
    assert [event.fields["part"] for event in signed] == [MAKER, CHECKER]
    assert {event.fields["digest"] for event in signed} == {digest_of(day.signed_lines())}


def test_who_edited_an_item_does_not_check_the_day(night: Branch):
    """Whoever had a hand in it as a maker, whatever else they are."""
    night.agree()
    some = list_items(night.office)[0]
    with night.office.store.begin() as conn:
        mine = sa.update(items).where(items.c.id == some.id)
        conn.execute(mine.values(edited_by=["checker"]))
    sign(night, "maker", MAKER)

    assert code_of(sign, night, "checker", CHECKER) == "SELF_APPROVAL"
    sign(night, "manager", CHECKER)


def test_a_signature_is_void_when_the_day_changes_and_says_what_did(night: Branch):
    """Another run of the day; then it is signed again, and what was signed before stays to see."""
    night.agree()
    sign(night, "maker", MAKER)
    sign(night, "checker", CHECKER)
    night.run()
    day = day_of(night)
    found = day_signatures(night.office, day)

    assert [one.is_void for one in found] == [True, True]
    assert [(each.line, each.before) for each in found[0].changes] == [
        (f"run {night.last_run}", "")
    ]
    assert standing(found, MAKER) is None
    sign(night, "maker", MAKER)
    assert standing(day_signatures(night.office, day), CHECKER) is None


def test_what_the_system_shows_otherwise_is_a_difference_with_its_item(night: Branch):
    """A receipt with another amount, or on one side only; the day is not balanced by either."""
    night.agree()
    one = next(row for row in list_items(night.office) if row.kind != "reversal")
    receipt = from_json(Receipt, load_item(night.office, one.id).receipt)
    amount = Decimal(receipt.fields["amount"])
    for changed in ({"amount": str(amount + 1)}, {"credit_account": ""}):
        shown = replace(receipt, fields=dict(receipt.fields) | changed)
        with night.office.store.begin() as conn:
            mine = sa.update(items).where(items.c.id == one.id)
            conn.execute(mine.values(receipt=to_json(shown).decode()))
        day = day_of(night)
        assert [row.id for row in day.differing] == [one.id]
        assert not day.is_balanced
    (line,) = (line for line in day.lines if not line.is_balanced)
    assert (line.difference.debit, line.difference.credit) == (0, amount)


def test_a_day_without_a_run_cannot_be_balanced(night: Branch):
    """Nor one of a desk that has no bots."""
    for on, desk in ((date(2020, 1, 1), DESK), (day_of(night).on, "nobody")):
        assert code_of(balance_day, night.office, on, desk, environment="practice") == (
            "DAY_WITHOUT_RUN"
        )


def test_a_reconciliation_statement_is_signed_and_its_report_has_the_names(night: Branch):
    """Balances and open items are what is signed; an unequal one is not, and nobody signs twice."""
    run = load_run(night.office, "last")
    plan = load_plan(night.office, run)
    first, *_ = statements_of(night.office, run, plan)
    which = first.statement.account, first.statement.currency
    people, seen = night.people, first.digest

    def put(name: str, part: str) -> None:
        sign_statement(night.office, run, which, people[name], part=part, seen=seen)

    put("maker", MAKER)
    assert code_of(put, "maker", CHECKER) == "SELF_APPROVAL"
    put("checker", CHECKER)
    (signed, *others) = statements_of(night.office, run, plan)
    assert [one.by for one in signed.signatures] == ["maker", "checker"]
    assert not any(one.signatures for one in others)
    unknown = {"part": MAKER, "seen": seen}
    assert code_of(sign_statement, night.office, run, ("0", "CNY"), people["maker"], **unknown) == (
        "STATEMENT_UNKNOWN"
    )
    report = load_run(night.office, run.id).report
    book = openpyxl.load_workbook(Path(report["zh.xlsx"]))
    cells = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert sum("checker 20" in cell for cell in cells) == 1
    assert "checker 20" in Path(report["en.html"]).read_text(encoding="utf-8")
