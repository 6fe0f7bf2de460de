"""Matching, rule by rule."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from clerkwork.facts import Entry, Match, identified
from clerkwork.reconcile import DEFAULT_RULES
from clerkwork.reconcile.match import match
from clerkwork.reconcile.rules import Rule

DAY = date(2026, 6, 11)
RULES = DEFAULT_RULES.rules


def line(amount: str, reference: str = "", day: int = 0, text: str = "", **more: object) -> Entry:
    """An entry with what a rule looks at; `day` counts from the first."""
    fields = {"account": "1011840001", "currency": "USD", **more}
    on = DAY + timedelta(days=day)
    return Entry(
        accounting_date=on, amount=Decimal(amount), reference=reference, text=text, **fields
    )  # type: ignore[arg-type]


def matched(
    left: Sequence[Entry], right: Sequence[Entry], rules: Sequence[Rule] = RULES
) -> list[tuple[str, str, list[int], list[int]]]:
    """Rule, status and the positions of both sides, of every match."""
    ours, theirs = identified(list(left)), identified(list(right))
    return [
        (found.rule, found.status, _at(ours, found.left), _at(theirs, found.right))
        for found in match(ours, theirs, rules)
    ]


def only(left: Sequence[Entry], right: Sequence[Entry], rules: Sequence[Rule] = RULES) -> Match:
    """The only match."""
    (found,) = match(identified(list(left)), identified(list(right)), rules)
    return found


def _at(entries: Sequence[Entry], ids: Sequence[str]) -> list[int]:
    positions = {entry.id: at for at, entry in enumerate(entries)}
    return [positions[one] for one in ids]


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (line("100.00", "R1"), [("exact", "confirmed", [0], [0])]),
        (line("100.00", "r-1"), [("exact", "confirmed", [0], [0])]),
        (line("100.00", "Ｒ１"), [("exact", "confirmed", [0], [0])]),
        (line("100.00", "R1", 3), [("reference-within-days", "confirmed", [0], [0])]),
        (line("100.00", "R1", -3), [("reference-within-days", "confirmed", [0], [0])]),
        (line("100.00", "", 1), [("amount-and-date", "confirmed", [0], [0])]),
        (line("100.00", "NONREF"), [("amount-and-date", "confirmed", [0], [0])]),
        (line("100.00", "R1", 4), []),
        (line("100.00", "R2"), []),
        (line("100.00", "", 2), []),
        (line("-100.00", "R1"), []),
        (line("100.01", "R1"), []),
        (line("100.00", "R1", currency="EUR"), []),
        (line("100.00", "R1", account="1011978001"), []),
    ],
)
def test_a_line_matches_what_agrees_with_it(
    theirs: Entry, expected: list[tuple[str, str, list[int], list[int]]]
) -> None:
    """Place and amount agree always; the reference, or where none is printed the day."""
    assert expected == matched([line("100.00", "R1")], [theirs])


def test_a_reference_that_names_nothing_is_no_reference() -> None:
    """NONREF on both sides: only the amounts agree, and two of one amount are not unique."""
    lines = [line("100.00", "NONREF", text="ONE"), line("100.00", "NONREF", text="TWO")]

    assert {"suggested"} == {status for _, status, _, _ in matched(lines, lines)}


def test_of_several_days_the_nearest_is_taken() -> None:
    """One line of ours, three of theirs under its reference: the same day's, then the next."""
    theirs = [line("5.00", "R1", day) for day in (3, 1, 2)]

    assert [[1]] == [right for _, _, _, right in matched([line("5.00", "R1")], theirs)]


def test_equal_lines_match_in_file_order_and_one_is_left() -> None:
    """Three of ours and two of theirs with everything equal: two pairs."""
    ours, theirs = [line("5.00", "R1")] * 3, [line("5.00", "R1")] * 2

    assert [([0], [0]), ([1], [1])] == [pair[2:] for pair in matched(ours, theirs)]


@pytest.mark.parametrize(
    ("absolute", "percent", "theirs", "agrees"),
    [
        ("0.50", "0", "100.50", True),
        ("0.50", "0", "100.51", False),
        ("0", "1", "101.00", True),
        ("0", "1", "101.01", False),
        ("0.50", "1", "98.50", True),
        ("0.50", "1", "98.49", False),
        ("500", "0", "-100.00", False),
    ],
)
def test_a_tolerance_is_absolute_plus_percent(
    absolute: str, percent: str, theirs: str, agrees: bool
) -> None:
    """Both parts add up, either way; never across the sign."""
    rule = Rule(name="near", by="reference", absolute=Decimal(absolute), percent=Decimal(percent))

    assert agrees == bool(matched([line("100.00", "R1")], [line(theirs, "R1")], [rule]))


def test_money_has_no_tolerance_by_default() -> None:
    """A cent is a break."""
    assert [] == matched([line("100.00", "R1")], [line("100.01", "R1")])


def test_within_a_tolerance_the_amounts_pair_up_by_size() -> None:
    """Two of ours and two of theirs under one reference, printed crosswise."""
    rule = Rule(name="near", by="reference", absolute=Decimal("1"))
    ours = [line("10.00", "R1"), line("10.80", "R1")]
    theirs = [line("10.90", "R1"), line("10.10", "R1")]

    assert [([0], [1]), ([1], [0])] == [pair[2:] for pair in matched(ours, theirs, [rule])]


def test_an_amount_is_confirmed_only_where_nothing_else_has_it() -> None:
    """Two of ours would fit: suggested, and the other stays open."""
    ours = [line("100.00", "OURS1"), line("100.00", "OURS2")]

    found = only(ours, [line("100.00")])

    assert "suggested" == found.status
    assert "2 of ours and 1 of theirs would fit" == found.because[-1]


def test_a_suggestion_names_everything_else_that_would_fit() -> None:
    """Both other lines of theirs, the nearest first; each a whole alternative."""
    theirs = identified([line("100.00", "", day) for day in (1, 0, -1)])

    found = only([line("100.00", "OURS")], theirs)

    assert ("suggested", (theirs[1].id,)) == (found.status, found.right)
    assert [(theirs[2].id,), (theirs[0].id,)] == list(found.alternatives)


def test_suggestions_follow_the_time_of_day() -> None:
    """Where amounts do not tell two lines apart, their order in time is the likeliest."""
    early, late = time(9, 0), time(15, 0)
    ours = [line("7.00", "OURS1", time=late), line("7.00", "OURS2", time=early)]
    theirs = [line("7.00", time=early), line("7.00", time=late)]

    assert [([1], [0]), ([0], [1])] == [pair[2:] for pair in matched(ours, theirs)]


def test_a_thousand_equal_lines_are_not_a_million_pairs() -> None:
    """All are suggested one to one; what else would fit is named up to a hundred."""
    found = match(
        identified([line("1.00", f"OURS{n}") for n in range(1000)]),
        identified([line("1.00")] * 1000),
        RULES,
    )

    assert 1000 == len(found)
    assert {("suggested", 100)} == {(one.status, len(one.alternatives)) for one in found}


@pytest.mark.parametrize("turned", [False, True])
def test_a_batch_matches_the_line_that_has_its_reference_and_sum(turned: bool) -> None:
    """One deposit for several lines, on either side; the red one among them counts."""
    several = [line("120.00", "B1"), line("80.50", "B1"), line("-10.50", "B1", red=True)]
    sides = (several, [line("190.00", "B1")])

    found = only(*(reversed(sides) if turned else sides))

    assert ("batch", "confirmed") == (found.rule, found.status)
    assert ("reference B1", "3 lines add up to 190.00") == found.because
    assert {1, 3} == {len(found.left), len(found.right)}


def test_a_batch_whose_sum_differs_is_left() -> None:
    """No part of a batch is matched for want of the whole."""
    assert [] == matched([line("120.00", "B1"), line("80.00", "B1")], [line("190.00", "B1")])


@pytest.mark.parametrize("turned", [False, True])
def test_lines_that_follow_one_another_and_add_up_are_only_suggested(turned: bool) -> None:
    """A sum is mostly coincidence; on either side."""
    several = [line("1.11", "A"), line("120.00", "B"), line("80.00", "C"), line("55.00", "D")]
    sides = (several, [line("255.00", "S")])

    ((rule, status, left, right),) = matched(*(reversed(sides) if turned else sides))

    assert ("consecutive-lines", "suggested") == (rule, status)
    assert ([1, 2, 3], [0]) == ((right, left) if turned else (left, right))


def test_other_runs_that_would_fit_are_named() -> None:
    """Two runs with one sum: the first is suggested, the second stands beside it."""
    ours = identified([line(amount, name) for amount, name in zip("1234", "ABCD", strict=True)])
    ours[3:3] = identified([line("0.50", "E"), line("2.50", "F")])

    found = only(ours, [line("3.00", "S")])

    assert tuple(entry.id for entry in ours[:2]) == found.left
    assert [tuple(entry.id for entry in ours[3:5])] == list(found.alternatives)
    assert "1 other set(s) of lines would fit" in found.because


def test_a_matched_line_between_them_parts_a_run() -> None:
    """Lines that do not follow one another are no run; another account between them is nothing."""
    first, last = line("120.00", "A"), line("80.00", "C")
    matched_one, elsewhere = line("7.00", "M"), line("7.00", "M", account="1011978001")
    theirs = [line("200.00", "S")]

    assert [] == matched([first, matched_one, last], [*theirs, matched_one])[1:]
    assert [([0, 2], [0])] == [pair[2:] for pair in matched([first, elsewhere, last], theirs)]


def test_a_batch_that_they_print_without_reference_is_suggested() -> None:
    """Our lines share a reference and need not follow one another."""
    ours = [line("120.00", "B1"), line("9.99", "X"), line("80.00", "B1")]

    found = only(ours, [line("200.00")])

    assert ("suggested", "they share reference B1") == (found.status, found.because[1])


def test_a_run_has_the_sign_of_the_line_it_makes() -> None:
    """Money in and money out that happen to make a sum are not suggested."""
    assert [] == matched([line("300.00", "A"), line("-45.00", "B")], [line("255.00", "S")])


@pytest.mark.parametrize("seed", range(10))
def test_no_line_is_used_twice_and_what_is_confirmed_agrees(seed: int) -> None:
    """Few amounts and references, so that everything is ambiguous."""
    ours, theirs = _tangled(seed)
    entries = {"left": {e.id: e for e in ours}, "right": {e.id: e for e in theirs}}

    found = match(ours, theirs, RULES)

    for side, mine in entries.items():
        used = [one for pair in found for one in getattr(pair, side)]
        assert len(used) == len(set(used))
        assert set(used) <= mine.keys()
    for pair in found:
        sums = [
            sum(entries[side][one].amount for one in getattr(pair, side))
            for side in ("left", "right")
        ]
        assert sums[0] == sums[1]


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_the_lines_changes_nothing_but_runs(seed: int) -> None:
    """Both lists shuffled: the same pairs by everything that tells lines apart."""
    ours, theirs = _tangled(seed)
    rng = random.Random(seed)
    mixed = rng.sample(ours, len(ours)), rng.sample(theirs, len(theirs))
    rules = [rule for rule in RULES if rule.by != "run"]

    assert _said(ours, theirs, rules) == _said(*mixed, rules)


def _tangled(seed: int) -> tuple[list[Entry], list[Entry]]:
    rng = random.Random(seed)

    def side() -> list[Entry]:
        return identified(
            [
                line(
                    str(rng.choice([-3, -2, -1, 1, 2, 3, 4])),
                    rng.choice(["", "", "A", "B", "C", "D"]),
                    rng.randrange(4),
                )
                for _ in range(60)
            ]
        )

    return side(), side()


def _said(ours: Sequence[Entry], theirs: Sequence[Entry], rules: Sequence[Rule]) -> list[object]:
    """Every match, its lines told by all but their ordinal among equals."""
    entries = [{entry.id: entry.key for entry in side} for side in (ours, theirs)]
    return sorted(
        (
            found.rule,
            found.status,
            sorted(str(entries[0][one]) for one in found.left),
            sorted(str(entries[1][one]) for one in found.right),
        )
        for found in match(ours, theirs, rules)
    )
