"""Open breaks settled, reasons told, treatments made into vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from clerkwork.errors import Misconfigured, Refused
from clerkwork.facts import Break, CashCheck, Entry, Instruction, Origin, identified
from clerkwork.reconcile import (
    Outcome,
    cash_outcome,
    instruct,
    load_accounts,
    load_rules,
    load_treatments,
    reconcile,
)
from clerkwork.reconcile.rules import Hours
from clerkwork.reconcile.settle import settle

RESOURCES = Path(__file__).parents[2] / "resources"
RULES = load_rules(
    RESOURCES / "rules" / "reconciliation.toml", RESOURCES / "rules" / "reasons.toml"
)
TREATMENTS = load_treatments(RESOURCES / "rules" / "treatments.toml")
ACCOUNTS = load_accounts(RESOURCES / "codes" / "accounts.toml")
DAY = date(2026, 6, 11)
NOSTRO = "1011840001"
BOX = "1001156101"
MORNING = time(9, 0)


def line(amount: str, reference: str = "", **more: object) -> Entry:
    """An entry of the day, at nine in the morning."""
    fields = {"account": NOSTRO, "accounting_date": DAY, "currency": "USD", "time": MORNING}
    return Entry(amount=Decimal(amount), reference=reference, **{**fields, **more})  # type: ignore[arg-type]


def day(
    left: Sequence[Entry] = (),
    right: Sequence[Entry] = (),
    *,
    later: Sequence[Entry] = (),
    open_breaks: Sequence[Break] = (),
    on: date = DAY,
) -> Outcome:
    """One day reconciled by the stock rules; its totals balance."""
    outcome = reconcile(
        identified(list(left)),
        identified(list(right)),
        later=identified(list(later)),
        open_breaks=open_breaks,
        business_date=on,
        rules=RULES,
    )
    assert all(total.is_balanced for total in outcome.totals)
    return outcome


def reasons(outcome: Outcome) -> list[tuple[str, str, str, str]]:
    """Reason, side, whose books, difference of the new breaks."""
    return [(b.reason, b.side, b.books, str(b.difference)) for b in outcome.breaks]


def opened(item: Break, *, days: int = 1, **more: object) -> Break:
    """The break as an earlier day left it."""
    return replace(item, since=DAY - timedelta(days=days), **more)  # type: ignore[arg-type]


def treated(item: Break) -> tuple[Break, tuple[Instruction, ...]]:
    """What the stock treatments make of it."""
    return instruct(
        item, treatments=TREATMENTS, accounts=ACCOUNTS, business_date=DAY, branch="0755"
    )


OURS = [
    # our line, what they show that day and later, the reason, whose books lack it
    (line("100", "R1", time=time(17, 0)), (), (), ("timing_ours", "left", "theirs", "100")),
    (line("100", "R1", time=time(16, 59, 59)), (), (),
     ("counterparty_missing", "left", "theirs", "100")),
    (line("100", "R1", time=None), (), (), ("counterparty_missing", "left", "theirs", "100")),
    (line("100", "R1"), (), [line("100", "R1")], ("booked_later", "left", "theirs", "100")),
    (line("100", "R1"), (), [line("99", "R1")], ("counterparty_missing", "left", "theirs", "100")),
    (line("1845.20", "R1"), [line("1485.20", "R1")], (), ("own_amount", "left", "ours", "-360.00")),
    (line("1845.2", "R1"), [line("1485.20", "R1")], (), ("own_amount", "left", "ours", "-360.00")),
    (line("1845.20", "R1"), [line("1854.00", "R1")], (), ("unknown", "left", "ours", "8.80")),
    (line("-1845.20", "R1"), [line("1485.20", "R1")], (), ("unknown", "left", "ours", "3330.40")),
    (line("100.00", "R1"), [line("10.00", "R1")], (), ("unknown", "left", "ours", "-90.00")),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "later", "expected"), OURS)
def test_a_line_of_ours_tells_its_reason(
    ours: Entry, theirs: Sequence[Entry], later: Sequence[Entry], expected: tuple[str, ...]
) -> None:
    """Cut-off to the second, what they booked later, digits in another order, or nothing."""
    assert [expected] == reasons(day([ours], theirs, later=later))


THEIRS = [
    (line("100", "R1"), ("unknown", "right", "ours", "100")),
    (line("100", "R1", time=time(22, 0)), ("timing_theirs", "right", "ours", "100")),
    (line("100", "R1", time=time(21, 59, 59)), ("unknown", "right", "ours", "100")),
    (line("-25.00", text="Service charge JUNE"), ("bank_fee", "right", "ours", "-25.00")),
    (line("-25.00", text="6月手续费"), ("bank_fee", "right", "ours", "-25.00")),
    (line("-500.00", text="手续费"), ("bank_fee", "right", "ours", "-500.00")),
    (line("-500.01", text="手续费"), ("unknown", "right", "ours", "-500.01")),
    (line("25.00", text="手续费"), ("unknown", "right", "ours", "25.00")),
    (line("-25.00", "R1", text="手续费"), ("unknown", "right", "ours", "-25.00")),
    (line("-25.00", "NONREF", text="手续费"), ("bank_fee", "right", "ours", "-25.00")),
]


@pytest.mark.parametrize(("theirs", "expected"), THEIRS)
def test_a_line_of_theirs_tells_its_reason(theirs: Entry, expected: tuple[str, ...]) -> None:
    """Our date roll to the second, fees by text, limit and want of a reference, or nothing."""
    assert [expected] == reasons(day(right=[theirs]))


def test_a_line_booked_twice_is_a_duplicate_of_its_side() -> None:
    """One of the two is matched; the other is undone in the books that have it twice."""
    twice = [line("100", "R1")] * 2

    assert [("own_duplicate", "left", "ours", "-100")] == reasons(day(twice, twice[:1]))
    assert [("counterparty_duplicate", "right", "theirs", "-100")] == reasons(day(twice[:1], twice))


def test_what_they_booked_later_explains_one_line_of_ours() -> None:
    """Two equal lines of ours and one of theirs tomorrow: one of them is missing."""
    told = reasons(day([line("100", "R1")] * 2, later=[line("100", "R1")]))

    assert ["booked_later", "counterparty_missing"] == [reason for reason, *_ in told]


def test_an_account_may_have_hours_of_its_own() -> None:
    """A correspondent that closes at four: what we book at half past is timing."""
    hours = {NOSTRO: Hours(cut_off=time(16, 0))}
    told = RULES.reasons.model_copy(update={"accounts": hours})
    rules = RULES.model_copy(update={"reasons": told})
    ours = identified(
        [
            line("100", "R1", time=time(16, 30)),
            line("100", "R1", time=time(16, 30), account="1011978001"),
        ]
    )

    outcome = reconcile(ours, [], business_date=DAY, rules=rules)

    assert ["timing_ours", "counterparty_missing"] == [item.reason for item in outcome.breaks]


def test_a_line_that_both_sides_print_alike_is_still_two_lines() -> None:
    """Both have the same id; that ours is matched says nothing of a second one of theirs."""
    alike = line("100", "R1", text="SAME")

    outcome = day([alike], [alike, alike])

    assert ["counterparty_duplicate"] == [item.reason for item in outcome.breaks]


def test_timing_clears_when_the_line_arrives() -> None:
    """Theirs a day later, by reference and amount; and what is left has no part in it."""
    (timing,) = day([line("100", "R1", time=time(18, 0))]).breaks

    outcome = day(right=[line("100", "R1")], open_breaks=[opened(timing)])

    assert ([opened(timing)], ()) == (list(outcome.cleared), outcome.still_open)
    assert () == outcome.breaks
    assert ("open-break", "confirmed") == (outcome.matches[0].rule, outcome.matches[0].status)


def test_another_amount_under_the_reference_clears_nothing() -> None:
    """The break stays open, and theirs is a line that nobody knows."""
    (timing,) = day([line("100", "R1", time=time(18, 0))]).breaks

    outcome = day(right=[line("98", "R1")], open_breaks=[opened(timing)])

    assert ((), (opened(timing),)) == (outcome.cleared, outcome.still_open)
    assert ["unknown"] == [item.reason for item in outcome.breaks]


def test_their_error_clears_by_their_correction() -> None:
    """The missing line arrives; the line booked twice stands again in red."""
    (missing,) = day([line("100", "R1")]).breaks
    (twice,) = day([line("60", "R2")], [line("60", "R2")] * 2).breaks
    corrections = [line("100", "R1"), line("-60", "R2", red=True)]

    outcome = day(right=corrections, open_breaks=[opened(missing), opened(twice)])

    assert 2 == len(outcome.cleared)
    assert ((), ()) == (outcome.still_open, outcome.breaks)


def test_a_correction_that_comes_twice_is_their_duplicate() -> None:
    """The first one clears the open break, the second is a new one."""
    (missing,) = day([line("100", "R1")]).breaks

    outcome = day(right=[line("100", "R1")] * 2, open_breaks=[opened(missing)])

    assert ["counterparty_duplicate"] == [item.reason for item in outcome.breaks]


def test_our_break_clears_by_the_vouchers_that_were_instructed() -> None:
    """Not by a line of the same amount: that one is another payment."""
    (fee,) = day(right=[line("-25.00", text="手续费")]).breaks
    item, (voucher,) = treated(fee)
    other = line("-25.00", "R7")

    waiting = day([other], [other], open_breaks=[opened(item)])
    settled = day([line("-25.00", voucher.reference), other], [other], open_breaks=[opened(item)])

    assert ((), (opened(item),)) == (waiting.cleared, waiting.still_open)
    assert (opened(item),) == settled.cleared
    assert ["exact"] == [m.rule for m in waiting.matches]
    assert ((), ()) == (waiting.breaks, settled.breaks)


def test_a_part_of_the_vouchers_leaves_the_rest_open() -> None:
    """The reversal stands in the journal, the correct entry comes a day later."""
    (error,) = day([line("1845.20", "R1")], [line("1485.20", "R1")]).breaks
    item, (reversal, correction) = treated(error)

    first = day([line("-1845.20", reversal.reference)], open_breaks=[opened(item, days=2)])
    (rest,) = first.still_open
    second = day([line("1485.20", correction.reference)], open_breaks=[rest])

    assert Decimal("1485.20") == rest.difference
    assert opened(item, days=2).since == rest.since
    assert ((rest,), ()) == (second.cleared, second.still_open)
    assert ((), ()) == (first.breaks, second.breaks)


def test_a_break_without_reference_clears_by_an_amount_that_nothing_else_has() -> None:
    """One line has it: cleared. Two have it: neither, unless two breaks wait for them."""
    (timing,) = day([line("100", time=time(18, 0))]).breaks
    arrived = line("100", text="ONE"), line("100", text="TWO")
    wanted = opened(timing)

    assert 1 == len(settle([wanted], [], identified([arrived[0]])).cleared)
    assert 0 == len(settle([wanted], [], identified(list(arrived))).cleared)
    assert 2 == len(settle([wanted, wanted], [], identified(list(arrived))).cleared)
    assert 0 == len(settle([wanted, wanted], [], identified([arrived[0]])).cleared)


def test_a_line_that_has_its_counterpart_today_clears_nothing_by_amount() -> None:
    """Reference and amount on both sides: that is today's payment."""
    (timing,) = day([line("100", time=time(18, 0))]).breaks
    today = line("100", "R9")

    outcome = day([today], [today], open_breaks=[opened(timing)])

    assert (opened(timing),) == outcome.still_open
    assert ["exact"] == [found.rule for found in outcome.matches]


def test_the_totals_of_open_breaks_balance_by_count_and_difference() -> None:
    """Two open, one cleared: its difference is matched, the other's stands."""
    (late,) = day([line("100", "R1", time=time(18, 0))]).breaks
    (missing,) = day([line("40", "R2")]).breaks
    outcome = day(right=[line("100", "R1")], open_breaks=[opened(late), opened(missing)])

    (totals,) = [one for one in outcome.totals if one.source == "open breaks"]

    assert ((2, 140), (1, 100), (1, 40)) == (totals.entries, totals.matched, totals.breaks)
    assert totals.is_balanced


def test_cash_that_is_over_is_told_once() -> None:
    """Until its voucher stands in the journal the box is over by the same; then it is not."""
    check = CashCheck(BOX, "T01", "CNY", DAY, Decimal("1000.00"), Decimal("1050.00"))
    (over,) = cash_outcome(check, (), open_breaks=()).breaks
    item, (voucher,) = treated(over)
    ordinary = line("50.00", "R1", account=BOX, currency="CNY")
    posted = line("50.00", voucher.reference, account=BOX, currency="CNY")
    next_check = replace(check, book=Decimal("1050.00"), counted=Decimal("1100.00"))

    waiting = cash_outcome(next_check, identified([ordinary]), open_breaks=[opened(item)])
    settled = cash_outcome(
        replace(next_check, book=Decimal("1100.00")),
        identified([ordinary, posted]),
        open_breaks=[opened(item)],
    )

    assert ((), (opened(item),)) == (waiting.breaks, waiting.still_open)
    assert ((), (opened(item),)) == (settled.breaks, settled.cleared)
    assert all(total.is_balanced for total in (*waiting.totals, *settled.totals))


def test_cash_over_and_short_are_never_netted() -> None:
    """Over yesterday and not yet booked, short today: today's count hides neither."""
    check = CashCheck(BOX, "T01", "CNY", DAY, Decimal("1000.00"), Decimal("1050.00"))
    (over,) = cash_outcome(check, (), open_breaks=()).breaks

    today = replace(check, counted=Decimal("1030.00"))
    (short,) = cash_outcome(today, (), open_breaks=[opened(over)]).breaks

    assert ("cash_short", Decimal("-20.00")) == (short.reason, short.difference)


VOUCHERS = [
    # break; purpose, kind, debit, credit, amount, colour
    (day(right=[line("-25.00", text="手续费")]),
     [("fee", "fee", "6421000001", NOSTRO, "25.00", "blue")]),
    (day(right=[line("386.00", "R1")]),
     [("suspense", "suspense", NOSTRO, "2241000009", "386.00", "blue")]),
    (day(right=[line("-386.00", "R1")]),
     [("suspense", "suspense", "1221000009", NOSTRO, "386.00", "blue")]),
    (day([line("100.00", "R1")], [line("108.00", "R1")]),
     [("suspense", "suspense", NOSTRO, "2241000009", "8.00", "blue")]),
    (day([line("100.00", "R1")] * 2, [line("100.00", "R1")]),
     [("reversal", "reversal", NOSTRO, "2431000001", "-100.00", "red")]),
    (day([line("-100.00", "R1")] * 2, [line("-100.00", "R1")]),
     [("reversal", "reversal", "2431000001", NOSTRO, "-100.00", "red")]),
    (day([line("1845.20", "R1")], [line("1485.20", "R1")]),
     [("reversal", "reversal", NOSTRO, "2431000001", "-1845.20", "red"),
      ("correction", "correction", NOSTRO, "2431000001", "1485.20", "blue")]),
    (day([line("100.00", "R1", time=time(18, 0))]), []),
    (day([line("100.00", "R1")]), []),
    (day([line("60.00", "R2")], [line("60.00", "R2")] * 2), []),
    (day(right=[line("60.00", "R2", time=time(23, 0))]), []),
    (cash_outcome(CashCheck(BOX, "T01", "CNY", DAY, Decimal(10), Decimal(15)), (), open_breaks=()),
     [("cash_over", "cash_over", BOX, "2241000001", "5.00", "blue")]),
    (cash_outcome(CashCheck(BOX, "T01", "CNY", DAY, Decimal(15), Decimal(10)), (), open_breaks=()),
     [("cash_short", "cash_short", "1221000001", BOX, "5.00", "blue")]),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "expected"), VOUCHERS)
def test_a_break_becomes_the_vouchers_of_its_treatment(
    outcome: Outcome, expected: list[tuple[str, ...]]
) -> None:
    """Accounts by the side of the money, amounts plain, red with a minus."""
    (item,) = outcome.breaks

    _, made = treated(item)

    assert expected == [
        (
            one.purpose,
            one.kind,
            one.fields["debit_account"],
            one.fields["credit_account"],
            one.fields["amount"],
            one.fields["colour"],
        )
        for one in made
    ]
    for one in made:
        assert 0 < len(one.fields["narrative"]) <= 60
        assert (16, one.reference) == (len(one.reference), one.fields["reference"])
        assert DAY.isoformat() == one.fields["accounting_date"]


def test_the_fields_of_a_voucher_stand_in_the_order_of_the_form() -> None:
    """As they are typed."""
    (item,) = day(right=[line("386.00", "R1")]).breaks

    assert [
        "accounting_date",
        "debit_account",
        "credit_account",
        "currency",
        "amount",
        "colour",
        "original_voucher",
        "narrative",
        "reference",
    ] == list(treated(item)[1][0].fields)


def test_a_suspense_item_has_number_owner_and_due_date() -> None:
    """In its narrative, and the number is its own."""
    items = day(right=[line("386.00", "R1"), line("386.00", "R2")]).breaks
    one, other = (treated(item)[1][0].fields["narrative"].split() for item in items)

    assert ["SUSPENSE", "挂账", "zhang.wei", "DUE", "20260621"] == [*one[:2], *one[3:]]
    assert one[2].startswith("GZ260611-")
    assert one[2] != other[2]


def test_a_reversal_names_the_journals_line_and_the_correction_the_reversal() -> None:
    """The original of the correct entry is known only when the reversal has its number."""
    ours = line("1845.20", "R1", origin=Origin(page=3, row=37))
    (item,) = day([ours], [line("1485.20", "R1")]).breaks

    settled, (reversal, correction) = treated(item)

    assert "0755-20260611-00037" == reversal.fields["original_voucher"]
    assert "" == correction.fields["original_voucher"]
    taken = correction.takes["original_voucher"]
    assert (reversal.reference, "number") == (taken.reference, taken.receipt_field)
    assert (reversal.reference,) == correction.after
    assert (reversal.reference, correction.reference) == settled.references


def test_a_reason_without_a_treatment_is_refused() -> None:
    """Nothing is carried that the bank has not decided to carry."""
    (item,) = day([line("100.00", "R1")]).breaks

    with pytest.raises(Refused) as refusal:
        treated(replace(item, reason="sunspots"))

    assert "NO_TREATMENT" == refusal.value.code
    assert "sunspots" in refusal.value.message()


@pytest.mark.parametrize(
    ("broken", "key"),
    [
        ('[[rules]]\nname = "x"\nby = "magic"\n', "rules.0.by"),
        ('[[rules]]\nname = "x"\nby = "reference"\nabsolute = 0.5\n', "rules.0.absolute"),
        ('[[rules]]\nname = "x"\nby = "reference"\ndays = -1\n', "rules.0.days"),
        ('[[rule]]\nname = "x"\n', "rule"),
    ],
)
def test_a_wrong_rule_is_named(broken: str, key: str, tmp_path: Path) -> None:
    """File and key, whatever is wrong; amounts are texts, never floats."""
    path = tmp_path / "rules.toml"
    path.write_text(broken, encoding="utf-8")

    with pytest.raises(Misconfigured) as wrong:
        load_rules(path, RESOURCES / "rules" / "reasons.toml")

    assert ("MANIFEST_WRONG", str(path)) == (wrong.value.code, wrong.value.facts["file"])
    assert key in str(wrong.value.facts["key"])
