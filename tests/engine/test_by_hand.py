"""What people match by hand, and how every night respects it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clerkwork.errors import Refused
from clerkwork.facts import Break, Entry, HandMatch, identified
from clerkwork.reconcile import (
    DEFAULT_RULES,
    Outcome,
    balance_statement,
    load_accounts,
    reconcile,
)
from clerkwork.reconcile.by_hand import hand_match, sums
from clerkwork.reconcile.hand_rules import load_settling
from clerkwork.reconcile.write_off import rule_for, writing_off

DAYS = [date(2026, 6, day) for day in (10, 11, 12, 13)]
SAID = ("maker: the same payment",)


def entries(on: date, *lines: tuple[str, str]) -> list[Entry]:
    """Lines of (amount, reference) of one account on a day."""
    return identified(
        [Entry("1011156001", on, "CNY", Decimal(amount), reference) for amount, reference in lines]
    )


def day(
    on: date,
    left: Sequence[Entry],
    right: Sequence[Entry],
    *,
    open_breaks: Sequence[Break] = (),
    by_hand: Sequence[HandMatch] = (),
) -> Outcome:
    """One day reconciled, whose totals balance."""
    outcome = reconcile(
        left, right, business_date=on, rules=DEFAULT_RULES, open_breaks=open_breaks, by_hand=by_hand
    )
    assert all(total.is_balanced for total in outcome.totals)
    return outcome


def is_equal(left: Sequence[Entry], right: Sequence[Entry], standing: Sequence[Break]) -> bool:
    """Whether the reconciliation statement over these lines and breaks is equal."""
    balances = {
        "our_balance": sum((e.amount for e in left), Decimal(0)),
        "their_balance": sum((e.amount for e in right), Decimal(0)),
    }
    return balance_statement("1011156001", "CNY", DAYS[0], breaks=standing, **balances).is_equal


LEFT = entries(DAYS[0], ("100.00", "A1"))
RIGHT = entries(DAYS[1], ("100.00", "Z9"))
LATE = entries(DAYS[1], ("99.50", "Z9"))


def breaks_of(right: Sequence[Entry]) -> tuple[Break, Break]:
    """The break of our line, and a day later that of theirs under another reference."""
    (first,) = day(DAYS[0], LEFT, []).breaks
    later = day(DAYS[1], [], right, open_breaks=[first])
    assert later.still_open == (first,)
    return first, later.breaks[0]


def test_lines_of_two_days_are_matched_from_the_later_one_on() -> None:
    """The day of the first still has it open; the second day, run again, has neither."""
    first, second = breaks_of(RIGHT)
    match = hand_match([first, second], DAYS[1], SAID)
    assert match.rest is None

    before = day(DAYS[0], LEFT, [], by_hand=[match])
    then = day(DAYS[1], [], RIGHT, open_breaks=[first], by_hand=[match])
    after = day(DAYS[2], [], [], by_hand=[match])

    assert (first,) == before.breaks and () == before.matches
    assert ((), (first,), ()) == (then.breaks, then.cleared, then.still_open)
    ((rule, status, because),) = [(m.rule, m.status, m.because) for m in then.matches]
    assert ("by-hand", "confirmed", SAID) == (rule, status, because)
    assert ((), ()) == (after.breaks, after.matches)


def test_nothing_else_uses_what_a_later_day_matches() -> None:
    """A line that came late would settle the first break; its people matched it otherwise."""
    first, second = breaks_of(RIGHT)
    match = hand_match([first, second], DAYS[2], SAID)
    tempting = entries(DAYS[1], ("100.00", "Z9"), ("100.00", "A1"))

    free = day(DAYS[1], [], tempting, open_breaks=[first])
    bound = day(DAYS[1], [], tempting, open_breaks=[first], by_hand=[match])

    assert (first,) == free.cleared
    assert ((), (first,)) == (bound.cleared, bound.still_open)
    assert {line.id for line in tempting} == {item.entry.id for item in bound.breaks}


def test_a_line_that_is_printed_again_is_not_used_again() -> None:
    """The same line in a later statement is the one that was matched."""
    first, second = breaks_of(RIGHT)
    match = hand_match([first, second], DAYS[1], SAID)

    again = day(DAYS[2], entries(DAYS[2], ("100.00", "Z9")), RIGHT, by_hand=[match])

    assert ["by-hand"] == [found.rule for found in again.matches]
    assert ["left"] == [item.side for item in again.breaks]


def test_what_the_sides_differ_by_stands_as_a_break_of_its_own() -> None:
    """The statement stays equal, on that day and on the next."""
    first, second = breaks_of(LATE)
    match = hand_match([first, second], DAYS[1], SAID)
    rest = match.rest
    assert rest is not None
    assert ("hand_difference", "ours", Decimal("-0.50")) == (
        rest.reason,
        rest.books,
        rest.difference,
    )

    then = day(DAYS[1], [], LATE, open_breaks=[first], by_hand=[match])
    after = day(DAYS[2], [], [], open_breaks=[rest], by_hand=[match])

    assert ((rest,), ()) == (then.breaks, then.still_open)
    assert ((), (rest,)) == (after.breaks, after.still_open)
    assert is_equal(LEFT, LATE, then.breaks) and not is_equal(LEFT, LATE, [])


def test_many_lines_of_both_sides_are_one_match() -> None:
    """Two of theirs for one of ours."""
    (first,) = day(DAYS[0], entries(DAYS[0], ("30.00", "X")), []).breaks
    theirs = entries(DAYS[1], ("10.00", "P"), ("20.00", "Q"))
    outcome = day(DAYS[1], [], theirs, open_breaks=[first])
    match = hand_match([first, *outcome.breaks], DAYS[1], SAID)

    then = day(DAYS[1], [], theirs, open_breaks=[first], by_hand=[match])

    assert (Decimal("30.00"), Decimal("30.00")) == sums(match.breaks)
    assert ((), ()) == (then.breaks, then.still_open)
    assert 2 == len(then.matches[0].right)


def test_what_is_left_of_a_break_is_not_the_whole_of_it() -> None:
    """A break that a voucher settled in part, and whose rest was matched by hand, run again."""
    line = entries(DAYS[0], ("-10.00", "R"))[0]
    whole = Break("left", line, "own_amount", "ours", Decimal("9.00"), DAYS[0], references=("V1",))
    rest = replace(whole, difference=Decimal("-1.00"))
    (other,) = day(DAYS[2], [], entries(DAYS[2], ("1.00", "S"))).breaks
    other = replace(other, books="theirs", difference=Decimal("-1.00"))
    match = hand_match([rest, other], DAYS[2], SAID)
    voucher = entries(DAYS[1], ("10.00", "V1"))

    then = day(DAYS[1], voucher, [], open_breaks=[whole], by_hand=[match])

    assert ((whole,), (rest,)) == (then.cleared, then.still_open)


@pytest.mark.parametrize(
    ("code", "chosen"),
    [
        ("MATCH_ONE_SIDE", lambda a, b: [a, a]),
        ("MATCH_PLACES", lambda a, b: [a, replace(b, entry=replace(b.entry, currency="USD"))]),
        ("MATCH_PLACES", lambda a, b: [a, replace(b, entry=replace(b.entry, account="2"))]),
    ],
)
def test_what_is_no_match(code: str, chosen: Any) -> None:
    """A line of each side, of one account and one currency."""
    with pytest.raises(Refused, match=code):
        hand_match(chosen(*breaks_of(RIGHT)), DAYS[1], SAID)


def test_what_was_written_off_is_settled_by_the_line_that_its_voucher_makes() -> None:
    """The next day's journal has the voucher; until it is there, the break stands open."""
    rules = Path(__file__).parents[2] / "resources"
    accounts = load_accounts(rules / "codes/accounts.toml")
    (rule,) = load_settling(rules / "rules/settling.toml").write_offs
    rest = hand_match(breaks_of(LATE), DAYS[1], SAID).rest
    assert rest is not None and rule_for(rest, [rule]) == rule
    written, voucher = writing_off(rest, rule, accounts=accounts, on=DAYS[1], number=1)
    booked = entries(DAYS[2], ("-0.50", voucher.reference))

    waiting = day(DAYS[2], [], [], open_breaks=[written])
    then = day(DAYS[2], booked, [], open_breaks=[written])

    assert ("6711000001", "1011156001", "0.50") == tuple(
        voucher.fields[name] for name in ("debit_account", "credit_account", "amount")
    )
    assert ((written,), ()) == (waiting.still_open, waiting.cleared)
    assert ((), (written,), ()) == (then.still_open, then.cleared, then.breaks)


def test_only_small_breaks_in_our_books_of_the_named_reasons_are_written_off() -> None:
    """A cent more, their books, another reason, another currency: no."""
    rules = Path(__file__).parents[2] / "resources/rules/settling.toml"
    write_offs = load_settling(rules).write_offs
    line = entries(DAYS[0], ("10.00", "R"))[0]
    small = Break("right", line, "unknown", "ours", Decimal("10.00"), DAYS[0])
    assert write_offs[0] == rule_for(small, write_offs)
    for other in (
        replace(small, difference=Decimal("10.01")),
        replace(small, difference=Decimal("-10.01")),
        replace(small, books="theirs"),
        replace(small, reason="timing_theirs"),
        replace(small, entry=replace(line, currency="JPY")),
    ):
        with pytest.raises(Refused, match="NO_WRITE_OFF"):
            rule_for(other, write_offs)
