"""The practice bank's world: deterministic, and its truth is exact."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from clerkwork.practice import world
from clerkwork.practice.world import EPOCH, Day, JournalLine, StatementLine, day

DAYS = [EPOCH + timedelta(days=n) for n in range(5)]  # Thursday to Monday
REASONS = {
    "timing_ours", "timing_theirs", "booked_later", "counterparty_missing",
    "counterparty_duplicate", "own_duplicate", "own_amount", "unknown", "bank_fee",
    "cash_over", "cash_short",
}  # fmt: skip
NOSTROS = ("1011840001", "1011978001", "1011156001")


@pytest.fixture(scope="module", params=DAYS, ids=[f"{on:%a}" for on in DAYS])
def books(request: pytest.FixtureRequest) -> Day:
    return day(request.param)


def ours(books: Day, account: str) -> list[JournalLine]:
    return [line for line in books.journal if line.account == account]


def statement(books: Day, account: str) -> world.StatementDay:
    return next(s for s in books.statements if s.account == account)


def planted(books: Day, reason: str) -> list[world.Difference]:
    return [d for d in books.truth if d.reason == reason and d.since == books.on]


def by_reference(lines: list[JournalLine], reference: str) -> list[Decimal]:
    return [line.signed for line in lines if line.reference == reference]


def printed(lines: tuple[StatementLine, ...], reference: str) -> list[Decimal]:
    return [line.signed for line in lines if line.reference == reference]


def test_a_day_is_the_same_every_time():
    """The date and the seed decide everything; another seed gives another day."""
    first = day(EPOCH + timedelta(days=2))
    world._day.cache_clear()
    world._net.cache_clear()
    world.events.cache_clear()

    assert first == day(EPOCH + timedelta(days=2))
    assert first != day(EPOCH + timedelta(days=2), seed=1)


def test_there_is_no_day_before_the_epoch():
    """The bank has no books before it opened."""
    with pytest.raises(ValueError, match="opened on 2026-06-11"):
        day(EPOCH - timedelta(days=1))


def test_a_day_is_made_quickly():
    """Half a second of CPU is plenty for the first day, a second for the sixth."""
    world._day.cache_clear()
    world._net.cache_clear()
    world.events.cache_clear()
    started = time.process_time()
    day(EPOCH)
    first = time.process_time() - started
    day(EPOCH + timedelta(days=5))

    assert first < 0.5
    assert time.process_time() - started < 1.5


def test_every_day_has_its_size(books: Day):
    """Weekend or not, there is enough to page through on every side."""
    assert len(books.journal) >= 640
    assert [s.correspondent for s in books.statements if len(s.lines) < 200] == []
    assert [box.teller for box in books.vault] == ["T01", "T02", "T03", "T04"]


def test_every_reason_is_planted_every_day(books: Day):
    """No kind of difference takes a day off."""
    assert {d.reason for d in books.truth if d.since == books.on} == REASONS


def test_the_truth_reconciles_both_sides(books: Day):
    """What each side still lacks brings both balances to the same figure."""
    for sheet in books.statements:
        lacking = {"ours": Decimal(0), "theirs": Decimal(0)}
        for each in books.truth:
            if each.account == sheet.account:
                lacking[each.books] += each.difference
        adjusted = books.balances[sheet.account].closing + lacking["ours"]

        assert adjusted == sheet.closing + lacking["theirs"]


def test_cash_is_counted_as_the_truth_says(books: Day):
    """A box holds what the journal says and every miscount that is still in it."""
    for box in books.vault:
        wrong = sum(d.difference for d in books.truth if d.account == box.account)

        assert box.total == books.balances[box.account].closing + wrong
        assert box.total == sum(value * count for value, count in box.counts)
        assert box.total > 0
        assert [count for _, count in box.counts if count < 0] == []


def test_one_box_is_over_and_another_short(books: Day):
    """Over and short never stand in the same box on the same day, so nothing is netted."""
    over, short = planted(books, "cash_over"), planted(books, "cash_short")

    assert (len(over), len(short)) == (1, 1)
    assert over[0].account != short[0].account
    assert over[0].difference > 0 > short[0].difference


def test_balances_follow_from_the_lines(books: Day):
    """Opening plus every line is closing on both sides, and the running balance never slips."""
    for sheet in books.statements:
        running = sheet.opening
        for line in sheet.lines:
            running += line.signed
            assert running == line.balance
        assert running == sheet.closing
        for line in sheet.later:
            running += line.signed
            assert running == line.balance
    for account, balance in books.balances.items():
        moved = sum(line.signed for line in ours(books, account))
        assert balance.closing == balance.opening + moved


def test_balances_roll_over_the_weekend():
    """Each day opens with what the day before closed with, Saturday and Sunday included."""
    for before, after in zip(map(day, DAYS), map(day, DAYS[1:]), strict=False):
        closing = {account: balance.closing for account, balance in before.balances.items()}
        opening = {account: balance.opening for account, balance in after.balances.items()}
        assert closing == opening
        assert [s.closing for s in before.statements] == [s.opening for s in after.statements]


def test_the_journal_balances(books: Day):
    """Debits equal credits in every currency, red lines counted as negative."""
    for currency in ("USD", "EUR", "CNY"):
        lines = [line for line in books.journal if line.currency == currency]
        debits = sum(line.amount for line in lines if line.side == "D")
        assert debits == sum(line.amount for line in lines if line.side == "C")


def test_the_journal_is_numbered_in_order_of_time(books: Day):
    """Serials run from 1 without a gap, and time never goes back."""
    assert list(range(1, len(books.journal) + 1)) == [line.serial for line in books.journal]
    times = [line.at for line in books.journal]
    assert sorted(times) == times


def test_what_the_core_shows_fits_its_screen(books: Day):
    """Narratives and references are capitals and digits of at most 16 characters."""
    for line in books.journal:
        for text in (line.narrative, line.reference):
            assert text.isascii() and text == text.upper() and 0 < len(text) <= 16
        assert len(line.reference) >= 8


def test_early_lines_open_the_next_statement(books: Day):
    """What is printed behind the closing balance comes again as the first lines of the next day."""
    for sheet in books.statements:
        following = statement(day(books.on + timedelta(days=1)), sheet.account)

        assert sheet.later
        assert sheet.later == following.lines[: len(sheet.later)]


def test_timing_differences_arrive_on_the_next_day(books: Day):
    """A timing difference is on one side only, and on the other one day later."""
    following = day(books.on + timedelta(days=1))
    for each in planted(books, "timing_ours") + planted(books, "booked_later"):
        sheet = statement(books, each.account)
        arrived = statement(following, each.account)
        assert [each.amount] == by_reference(ours(books, each.account), each.reference)
        assert printed(sheet.lines, each.reference) == []
        assert [each.amount] == printed(arrived.lines, each.reference)
    for each in planted(books, "timing_theirs"):
        arriving = ours(following, each.account)
        assert by_reference(ours(books, each.account), each.reference) == []
        assert [each.amount] == printed(statement(books, each.account).lines, each.reference)
        assert [each.amount] == by_reference(arriving, each.reference)


def test_only_timing_differences_stand_outside_the_hours(books: Day):
    """The cut-off and the date roll explain timing differences and nothing else."""
    late = {
        line.reference for line in books.journal if line.account in NOSTROS and line.at.hour >= 17
    }
    rolled = {
        line.reference for sheet in books.statements for line in sheet.lines if line.at.hour >= 22
    }

    assert late == {d.reference for d in planted(books, "timing_ours")}
    assert rolled == {d.reference for d in planted(books, "timing_theirs")}


def test_the_correspondent_corrects_its_errors_two_days_later(books: Day):
    """A missing line is booked, a doubled one stands again in red, and both leave the truth."""
    later = day(books.on + timedelta(days=2))
    for reason in ("counterparty_missing", "counterparty_duplicate"):
        for each in planted(books, reason):
            corrected = statement(later, each.account)
            assert [each.difference] == printed(corrected.lines, each.reference)
            assert each in day(books.on + timedelta(days=1)).truth
            assert each not in later.truth


def test_duplicates_stand_twice_on_one_side(books: Day):
    """A duplicate is the same line again: twice with one side, once with the other."""
    for each in planted(books, "own_duplicate"):
        assert [each.amount] * 2 == by_reference(ours(books, each.account), each.reference)
        assert [each.amount] == printed(statement(books, each.account).lines, each.reference)
    for each in planted(books, "counterparty_duplicate"):
        assert [each.amount] == by_reference(ours(books, each.account), each.reference)
        assert [each.amount] * 2 == printed(statement(books, each.account).lines, each.reference)


def test_an_own_amount_is_two_digits_exchanged(books: Day):
    """Ours has two neighbouring digits of theirs exchanged; an unknown amount has not."""
    for each in planted(books, "own_amount"):
        right = each.amount + each.difference
        assert [right] == printed(statement(books, each.account).lines, each.reference)
        left_digits, right_digits = str(abs(each.amount)), str(abs(right))
        assert sorted(left_digits) == sorted(right_digits)
        assert sum(a != b for a, b in zip(left_digits, right_digits, strict=True)) == 2
    for each in planted(books, "unknown"):
        if each.side == "left":
            right = each.amount + each.difference
            assert [right] == printed(statement(books, each.account).lines, each.reference)
            assert sorted(str(abs(each.amount))) != sorted(str(abs(right)))


def test_unknown_is_planted_both_ways(books: Day):
    """One amount nobody can explain, and one line of theirs that we never booked."""
    sides = Counter(d.side for d in planted(books, "unknown"))

    assert sides["left"] == 1
    assert (2 if books.on == EPOCH else 1) == sides["right"]


def test_one_unknown_line_is_large_on_the_first_day():
    """It is above every tier of authority, and below the ledger's own limit."""
    large = [d for d in day(EPOCH).truth if abs(d.amount) > 100_000]

    assert [("unknown", "CNY", "right", Decimal("386420.17"))] == [
        (d.reason, d.currency, d.side, d.amount) for d in large
    ]


def test_a_fee_has_no_reference(books: Day):
    """Each correspondent takes one small fee a day, and only its text says what it is."""
    fees = planted(books, "bank_fee")

    assert sorted(NOSTROS) == sorted(d.account for d in fees)
    for each in fees:
        lines = statement(books, each.account).lines
        (line,) = (line for line in lines if line.signed == each.amount and not line.reference)
        assert line.text.startswith(("SERVICE CHARGE", "手续费"))
        assert -500 <= line.signed < 0


def test_lines_without_a_reference_match_by_amount_alone(books: Day):
    """The amount of such a line occurs once on each side, and in no open difference."""
    for sheet in books.statements:
        left = Counter(line.signed for line in ours(books, sheet.account))
        right = Counter(line.signed for line in sheet.lines)
        fees = {d.amount for d in planted(books, "bank_fee") if d.account == sheet.account}
        bare = [s.signed for s in sheet.lines if not s.reference and s.signed not in fees]
        still_open = {d.amount for d in books.truth if d.account == sheet.account}
        assert len(bare) >= 19
        assert [a for a in bare if (left[a], right[a]) != (1, 1) or a in still_open] == []


def test_two_deposits_stand_for_several_lines_each(books: Day):
    """Three to six lines in a row share a batch reference; the statement has their sum once."""
    for sheet in books.statements:
        lines = ours(books, sheet.account)
        batches = {line.reference for line in lines if line.reference.startswith(f"B{books.on:%m}")}
        assert len(batches) == 2
        for batch in batches:
            places = [n for n, line in enumerate(lines) if line.reference == batch]
            assert 3 <= len(places) <= 6
            assert list(range(places[0], places[-1] + 1)) == places
            assert [sum(by_reference(lines, batch))] == printed(sheet.lines, batch)


def test_one_line_in_red_matches_per_account(books: Day):
    """The same negative figure stands in the same column on both sides."""
    for sheet in books.statements:
        (red,) = (line for line in ours(books, sheet.account) if line.amount < 0)
        (theirs,) = (line for line in sheet.lines if line.reference == red.reference)
        assert red.amount == theirs.amount
        assert {"D": "C", "C": "D"}[red.side] == theirs.side


def test_some_lines_have_their_value_a_day_later(books: Day):
    """About one matched line in twenty is booked on the day with value the day after."""
    for sheet in books.statements:
        values = Counter(line.value_date - line.on for line in sheet.lines)
        assert {timedelta(0), timedelta(days=1)} == set(values)
        assert 8 <= values[timedelta(days=1)] <= 14


def test_everything_else_agrees(books: Day):
    """Without the planted differences and what they leave behind, both sides are the same."""
    touched = {
        d.reference
        for on in (books.on - timedelta(days=n) for n in range(3))
        if on >= EPOCH
        for d in day(on).truth
        if d.reference
    }

    def is_plain(line: JournalLine | StatementLine) -> bool:
        return line.reference not in touched and not line.reference.startswith("B0")

    for sheet in books.statements:
        left = Counter(line.signed for line in ours(books, sheet.account) if is_plain(line))
        right = Counter(line.signed for line in sheet.lines if is_plain(line))
        fees = Counter(d.amount for d in planted(books, "bank_fee") if d.account == sheet.account)
        assert left == right - fees


def test_a_month_later_still_works():
    """Any later day has its books; boxes still hold money."""
    books = day(date(2026, 7, 12))

    assert all(box.total > 0 for box in books.vault)
    assert all(sheet.closing > 0 for sheet in books.statements)
