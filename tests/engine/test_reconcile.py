"""Reconciliation against the truth of the practice world, day after day."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from clerkwork.facts import Break, CashCheck, Entry, Instruction, Origin, identified
from clerkwork.practice.world import BRANCH, EPOCH, Day, day
from clerkwork.reconcile import (
    balance_statement,
    cash_outcome,
    instruct,
    load_accounts,
    load_rules,
    load_treatments,
    reconcile,
)

RESOURCES = Path(__file__).parents[2] / "resources"
RULES = load_rules(
    RESOURCES / "rules" / "reconciliation.toml", RESOURCES / "rules" / "reasons.toml"
)
TREATMENTS = load_treatments(RESOURCES / "rules" / "treatments.toml")
ACCOUNTS = load_accounts(RESOURCES / "codes" / "accounts.toml")


def journal_of(world: Day, account: str, vouchers: Sequence[Instruction]) -> list[Entry]:
    """Our entries of the day, the vouchers of the day before among them."""
    lines = [
        Entry(
            account=account,
            accounting_date=world.on,
            currency=line.currency,
            amount=line.signed,
            reference=line.reference,
            text=line.narrative,
            time=line.at,
            red=line.amount < 0,
            origin=Origin(row=line.serial),
        )
        for line in world.journal
        if line.account == account
    ]
    for voucher in vouchers:
        amount = Decimal(voucher.fields["amount"])
        for side, signed in (("debit_account", amount), ("credit_account", -amount)):
            if voucher.fields[side] == account:
                lines.append(
                    Entry(
                        account=account,
                        accounting_date=world.on,
                        currency=voucher.currency,
                        amount=signed,
                        reference=voucher.reference,
                        text="VOUCHER",
                    )
                )
    return identified(lines)


def statement_of(world: Day, account: str) -> tuple[list[Entry], list[Entry]]:
    """Their entries of the day, and those they booked later."""
    (statement,) = [one for one in world.statements if one.account == account]
    both = identified(
        [
            Entry(
                account=account,
                accounting_date=line.on,
                currency=statement.currency,
                amount=line.signed,
                reference=line.reference,
                text=line.text,
                time=line.at,
            )
            for line in (*statement.lines, *statement.later)
        ]
    )
    return both[: len(statement.lines)], both[len(statement.lines) :]


class Night:
    """
    Nights one after another: open breaks carried, vouchers reaching the journal the next
    day, or (`late`) on any of the days after it.
    """

    def __init__(self, late: random.Random | None = None) -> None:
        self.late = late
        self.open: list[Break] = []
        self.vouchers: list[Instruction] = []
        self.adjustment: dict[str, Decimal] = {}

    def run(self, on: date) -> Iterator[tuple[str, list[Break], list[Break], bool]]:
        """For each account: new breaks, cleared breaks, whether totals and balances agree."""
        world = day(on)
        keyed, self.vouchers = self._keyed()
        carried: list[Break] = []
        for account, one in ACCOUNTS.accounts.items():
            mine = [item for item in self.open if item.entry.account == account]
            left = journal_of(world, account, keyed)
            arrived = sum((e.amount for e in left if e.text == "VOUCHER"), Decimal(0))
            self.adjustment[account] = self.adjustment.get(account, Decimal(0)) + arrived
            book = world.balances[account].closing + self.adjustment[account]
            if one.teller:
                (box,) = [box for box in world.vault if box.account == account]
                check = CashCheck(account, one.teller, one.currency, on, book, box.total)
                outcome = cash_outcome(check, left, open_breaks=mine)
                equal = True
            else:
                right, later = statement_of(world, account)
                outcome = reconcile(
                    left,
                    right,
                    later=later,
                    open_breaks=mine,
                    business_date=on,
                    rules=RULES,
                )
            breaks = []
            for item in outcome.breaks:
                settled, instructions = instruct(
                    item,
                    treatments=TREATMENTS,
                    accounts=ACCOUNTS,
                    business_date=on,
                    branch=BRANCH,
                )
                breaks.append(settled)
                self.vouchers += instructions
            standing = [*breaks, *outcome.still_open]
            carried += standing
            if not one.teller:
                (statement,) = [s for s in world.statements if s.account == account]
                equal = balance_statement(
                    account,
                    one.currency,
                    on,
                    our_balance=book,
                    their_balance=statement.closing,
                    breaks=standing,
                ).is_equal
            balanced = all(total.is_balanced for total in outcome.totals)
            suggested = any(found.status != "confirmed" for found in outcome.matches)
            yield account, breaks, list(outcome.cleared), equal and balanced and not suggested
        self.open = carried

    def _keyed(self) -> tuple[list[Instruction], list[Instruction]]:
        """The vouchers that reach this day's journal, and those that wait: two of three."""
        waits = [self.late is not None and self.late.random() < 2 / 3 for _ in self.vouchers]
        pairs = list(zip(self.vouchers, waits, strict=True))
        return [one for one, wait in pairs if not wait], [one for one, wait in pairs if wait]


def found(breaks: Sequence[Break]) -> list[tuple[object, ...]]:
    """What a break says, as the truth says it."""
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
        for b in breaks
    )


def planted(world: Day) -> list[tuple[object, ...]]:
    """The truth about what was planted on that day."""
    return sorted(
        (t.reason, t.account, t.side, t.reference, t.amount, t.difference, t.books)
        for t in world.truth
        if t.since == world.on
    )


def test_every_planted_difference_is_found_on_every_day_of_a_week() -> None:
    """A week, its weekend included: the right reasons, nothing else, all balances equal."""
    night = Night()
    for on in (EPOCH + timedelta(days=n) for n in range(7)):
        said: list[Break] = []
        for account, breaks, _cleared, holds in night.run(on):
            assert holds, (on, account)
            said += breaks
        assert planted(day(on)) == found(said), on


@pytest.mark.parametrize("seed", range(3))
def test_vouchers_may_reach_the_journal_on_any_later_day(seed: int) -> None:
    """Held or approved late, the reversal and its correct entry days apart: all still holds."""
    night = Night(random.Random(seed))
    for on in (EPOCH + timedelta(days=n) for n in range(7)):
        said: list[Break] = []
        for account, breaks, _cleared, holds in night.run(on):
            assert holds, (on, account)
            said += breaks
        assert planted(day(on)) == found(said), on


def test_open_breaks_are_settled_by_the_next_days() -> None:
    """Timing items clear a day later, the counterparty's errors two, our own by their vouchers."""
    night = Night()
    cleared = [
        [item.reason for _, _, items, _ in night.run(EPOCH + timedelta(days=n)) for item in items]
        for n in range(3)
    ]

    assert cleared[0] == []
    assert {"timing_ours", "timing_theirs", "booked_later"} <= set(cleared[1])
    assert {"bank_fee", "own_duplicate", "own_amount", "unknown", "cash_over"} <= set(cleared[1])
    assert {"counterparty_missing", "counterparty_duplicate"} <= set(cleared[2])


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_lines_does_not_change_what_is_matched(seed: int) -> None:
    """A statement printed newest first gives the same pairs."""
    world = day(EPOCH)
    account = "1011156001"
    left, (right, later) = journal_of(world, account, ()), statement_of(world, account)
    shuffled = random.Random(seed).sample(right, len(right))

    plain, mixed = (
        reconcile(left, rows, later=later, business_date=EPOCH, rules=RULES)
        for rows in (right, shuffled)
    )

    assert {frozenset((*m.left, *m.right)) for m in plain.matches} == {
        frozenset((*m.left, *m.right)) for m in mixed.matches
    }
    assert found(plain.breaks) == found(mixed.breaks)


@pytest.mark.parametrize("seed", range(20))
def test_a_line_is_never_used_twice(seed: int) -> None:
    """Whatever the lines are, each is in one match or one break, and the totals say so."""
    rng = random.Random(seed)
    sides = [
        identified(
            [
                Entry(
                    account="1011156001",
                    accounting_date=EPOCH + timedelta(days=rng.randrange(3)),
                    currency="CNY",
                    amount=Decimal(rng.randrange(-5, 6) or 1),
                    reference=rng.choice(["", "", "A", "B", "C"]),
                )
                for _ in range(40)
            ]
        )
        for _ in range(2)
    ]

    outcome = reconcile(sides[0], sides[1], business_date=EPOCH, rules=RULES)

    for side in ("left", "right"):
        used = [one for found_ in outcome.matches for one in getattr(found_, side)]
        assert len(used) == len(set(used))
    assert all(total.is_balanced for total in outcome.totals)


def test_an_amount_that_is_not_unique_is_only_suggested() -> None:
    """Two lines of the same amount without reference: a person sees both candidates."""
    entry = Entry(
        account="1011156001",
        accounting_date=EPOCH,
        currency="CNY",
        amount=Decimal("10.00"),
        reference="OURS1",
    )
    left = identified([entry])
    right = identified([replace(entry, reference="", text=text) for text in ("ONE", "TWO")])

    (only,) = reconcile(left, right, business_date=EPOCH, rules=RULES).matches

    assert ("suggested", ((right[1].id,),)) == (only.status, only.alternatives)


def test_an_own_error_becomes_a_reversal_and_then_the_correct_entry() -> None:
    """The correct entry waits for the reversal, and names the voucher it corrects."""
    (error,) = [t for t in day(EPOCH).truth if t.reason == "own_amount"]
    night = Night()
    list(night.run(EPOCH))
    made = [v for v in night.vouchers if v.reason == "own_amount"]

    reversal, correction = made
    assert (reversal.fields["colour"], correction.fields["colour"]) == ("red", "blue")
    assert -abs(error.amount) == Decimal(reversal.fields["amount"])
    assert (reversal.reference,) == correction.after
    assert reversal.reference == correction.takes["original_voucher"].reference
    assert reversal.fields["debit_account"] == correction.fields["debit_account"]
    (wrong,) = [line for line in day(EPOCH).journal if line.reference == error.reference]
    assert f"{BRANCH}-20260611-{wrong.serial:05}" == reversal.fields["original_voucher"]


def test_timing_items_key_nothing() -> None:
    """未达 items, and the counterparty's errors, have no voucher."""
    night = Night()
    list(night.run(EPOCH))
    silent = {"timing_ours", "timing_theirs", "booked_later"}
    silent |= {"counterparty_missing", "counterparty_duplicate"}

    assert silent.isdisjoint({voucher.reason for voucher in night.vouchers})


def test_two_equal_breaks_have_two_references() -> None:
    """Two equal fees on one day are two vouchers."""
    fee = Entry(
        account="1011156001",
        accounting_date=EPOCH,
        currency="CNY",
        amount=Decimal("-10.00"),
        text="手续费",
    )
    outcome = reconcile([], identified([fee, fee]), business_date=EPOCH, rules=RULES)
    made = [
        instruct(
            item, treatments=TREATMENTS, accounts=ACCOUNTS, business_date=EPOCH, branch=BRANCH
        )[1][0]
        for item in outcome.breaks
    ]

    assert [one.reason for one in made] == ["bank_fee", "bank_fee"]
    assert made[0].reference != made[1].reference
