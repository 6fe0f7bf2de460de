"""
How far arithmetic proves a statement.

    opening        1,000.00   printed
    entry   -200.00  800.00   link: 1,000.00 - 200.00 = 800.00
    entry    +50.00  850.00   link
    closing          850.00   printed

A link is a printed balance that follows from the one before it. What nothing printed
confirms is not proven: the sign and the amount are never made to fit.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from math import prod

from clerkwork.errors import Refused
from clerkwork.read.evidence import Evidence
from clerkwork.read.labels import Mark
from clerkwork.read.movements import NO_BALANCE
from clerkwork.read.totals import check_totals

GRADES = ("none", "totals", "chain", "chain_with_ends")


@dataclass
class Result:
    """The grade, and everything found on the way; `proven` is one word per entry."""

    grade: str = "none"
    confirmed: int = 0
    total: int = 0
    proven: list[str] = field(default_factory=list)
    problems: list[Refused] = field(default_factory=list)
    opening: Mark[int] | None = None
    closing: Mark[int] | None = None


def prove(evidence: Evidence) -> Result:
    """Prove as much of a statement as what it prints allows."""
    walk = _Walk(evidence)
    walk.run()
    return walk.result


class _Walk:
    """One pass over the entries; `after[n]` is the balance after n of them, or NO_BALANCE."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.count = len(evidence.movements)
        self.result = Result(proven=["none"] * self.count)
        self.broken: list[Refused] = [*evidence.movements.flaws, *evidence.contradictions]
        self.after = array("q")
        self.covered = 0  # entries before it are covered by a link, or were before any balance
        self.closed = 0  # entries before it are in a closing balance that agrees

    def run(self) -> None:
        evidence, result = self.evidence, self.result
        result.opening = self._opening()
        start = result.opening.amount * evidence.factor if result.opening else None
        self._follow(start)
        self._check_carried()
        is_closed = self._close()
        totals, agree = check_totals(evidence, self._whole_places())
        result.grade = self._grade(is_closed, totals_agree=agree, totals_differ=bool(totals))
        result.problems = [*self.broken, *totals, *self._open_ends(), *evidence.pages]
        result.problems += evidence.movements.asides
        result.problems += [
            stray.problem
            for stray in evidence.strays
            if stray.is_named or result.grade in ("none", "chain")
        ]

    def _opening(self) -> Mark[int] | None:
        marks = self.evidence.marks
        first = [m for m in marks if m.kind == "opening"]
        first += [m for m in marks if m.kind in ("carried", "balance") and m.in_table and m.at == 0]
        return first[0] if first else None

    def _follow(self, running: int | None) -> None:
        """Add entry after entry and compare with each printed balance."""
        factor, movements = self.evidence.factor, self.evidence.movements
        proven, after = self.result.proven, self.after.append
        confirmed = total = since = 0
        after(NO_BALANCE if running is None else running)
        steps = zip(movements.amounts, movements.balances, strict=True)
        for at, (amount, balance) in enumerate(steps):
            if running is not None:
                running += amount
            if balance != NO_BALANCE:
                printed = balance * factor
                if running is not None:
                    total += 1
                    if printed == running:
                        confirmed += 1
                        for each in range(since, at + 1):
                            proven[each] = "chain"
                    else:
                        self._break(at, running - amount, running, printed)
                running, since = printed, at + 1
                self.covered = at + 1
            after(NO_BALANCE if running is None else running)
        self.result.confirmed, self.result.total = confirmed, total

    def _running(self, at: int) -> int | None:
        """The balance after `at` entries, None where nothing tells it."""
        return None if self.after[at] == NO_BALANCE else self.after[at]

    def _break(self, at: int, before: int, expected: int, printed: int) -> None:
        movements, shown = self.evidence.movements, self.evidence.shown
        self.broken.append(
            Refused(
                "LINK_BROKEN", where=movements.place(at), before=shown(before),
                amount=shown(movements.amounts[at]), expected=shown(expected),
                printed=shown(printed),
            )
        )  # fmt: skip

    def _check_carried(self) -> None:
        """Every balance carried over a page, and every further opening, is the running one."""
        opening = self.result.opening
        for mark in self.evidence.marks:
            if mark is opening or mark.kind not in ("carried", "opening"):
                continue
            expected = self._running(mark.at)
            amount = mark.amount * self.evidence.factor
            if expected is None or amount == expected:
                continue
            if mark.kind == "opening" and opening and mark.amount == opening.amount:
                continue
            self.broken.append(
                Refused(
                    "OPENING_DIFFERS" if mark.kind == "opening" else "CARRIED_DIFFERS",
                    where=mark.place,
                    printed=self.evidence.shown(mark.amount),
                    expected=self.evidence.shown(expected),
                )
            )

    def _close(self) -> bool:
        """Whether a closing balance is printed and is the running one where it stands."""
        closings = [mark for mark in self.evidence.marks if mark.kind == "closing"]
        for mark in closings:
            places = self._places(mark)
            amount = mark.amount * self.evidence.factor
            if all(self._running(at) is None for at in places):
                continue
            agreed = next((at for at in places if self._running(at) == amount), None)
            if agreed is not None:
                self.result.closing = self.result.closing or mark
                self.closed = max(self.closed, agreed)
                continue
            expected = next(each for at in places if (each := self._running(at)) is not None)
            self.broken.append(
                Refused(
                    "CLOSING_DIFFERS", where=mark.place, printed=self.evidence.shown(mark.amount),
                    expected=self.evidence.shown(expected),
                )
            )  # fmt: skip
        if self.result.closing is None and closings:
            self.result.closing = closings[0]
            return False
        if self.result.closing is None:
            self.result.closing = self._unnamed_closing()
            self.closed = self.count if self.result.closing else 0
            self._check_unnamed()
        if self.result.closing is not None and self._running(0) is not None:
            self._cover_to_closing()
        return self.result.closing is not None

    def _places(self, mark: Mark[int]) -> list[int]:
        """After how many entries a closing balance may be of, the likeliest first."""
        is_among = mark.in_table and mark.at > 0
        places = [mark.at] if is_among else []
        day = self.evidence.days.get(mark.as_of)
        if day is not None:
            places.append(self._until(day))
        if self.evidence.cut is not None:
            places.append(self.evidence.cut)
        return places if is_among else [*places, self.count]

    def _whole_places(self) -> set[int]:
        """Of how many entries a total may be: of all, or of those that a balance closes."""
        places = {self.count} if self.evidence.cut is None else {self.count, self.evidence.cut}
        closing = self.result.closing
        return places | set(self._places(closing)) if closing else places

    def _until(self, day: int) -> int:
        return sum(on <= day for on in self.evidence.movements.dates)

    def _unnamed_closing(self) -> Mark[int] | None:
        """A printed "balance" that is not said to be the last one, and is."""
        end = self._running(self.count)
        for mark in self.evidence.marks:
            is_end = mark.kind == "balance" and mark is not self.result.opening
            if is_end and (not self.count or mark.amount * self.evidence.factor == end):
                return mark
        return None

    def _check_unnamed(self) -> None:
        """Where no closing balance is named, every other one is one that an entry ends with."""
        factor = self.evidence.factor
        for mark in self.evidence.marks:
            is_end = mark.kind == "balance" and self.covered > 0
            if is_end and mark.amount * factor not in self.after:
                self.broken.append(
                    Refused(
                        "CLOSING_DIFFERS", where=mark.place,
                        printed=self.evidence.shown(mark.amount),
                        expected=self.evidence.shown(self.after[-1] * factor),
                    )
                )  # fmt: skip

    def _cover_to_closing(self) -> None:
        """Entries after the last printed balance are proven by a closing one that agrees."""
        end = self.count
        if 0 < self.covered < end and self.closed == end and not self.broken:
            self.result.proven[self.covered : end] = ["chain"] * (end - self.covered)
            self.covered = end

    def _grade(self, is_closed: bool, *, totals_agree: bool, totals_differ: bool) -> str:
        result = self.result
        if self.broken or self.evidence.pages or not self.count:
            return "none"
        has_ends = self._opens_all() and is_closed
        if self.covered:
            is_whole = self.covered == self.count and "none" not in result.proven[1:]
            if has_ends and is_whole:
                return "none" if self._may_be_lost(has_ends=True) else "chain_with_ends"
            is_doubted = totals_differ or self.evidence.strays
            return "chain" if is_whole and result.total > 0 and not is_doubted else "none"
        has_ends = has_ends and self.closed == self.count
        has_sides = totals_agree or self.evidence.signs_are_sure or self._moves()
        is_added = (has_ends or totals_agree) and not totals_differ and has_sides
        if not is_added or self._may_be_lost(has_ends=has_ends):
            return "none"
        result.proven = ["totals"] * self.count
        return "totals"

    def _moves(self) -> bool:
        """Whether the ends differ: of equal ones every sum holds with all signs turned, too."""
        opening, closing = self.result.opening, self.result.closing
        return opening is not None and closing is not None and opening.amount != closing.amount

    def _opens_all(self) -> bool:
        """Whether an opening balance is printed that is one of all entries."""
        opening = self.result.opening
        return opening is not None and (not opening.in_table or opening.at in (0, self.count))

    def _may_be_lost(self, *, has_ends: bool) -> bool:
        """
        Whether one of the lines that were not understood may be an entry.

        Between two ends that hold one line cannot, nor can several that do not cancel. A
        closing balance among the rows says nothing of lines after it.
        """
        strays, closing = self.evidence.strays, self.result.closing
        if not has_ends or closing is None:
            return bool(strays)
        within = [
            stray
            for stray in strays
            if not closing.in_table
            or (stray.order < closing.order) != self.evidence.is_newest_first
        ]
        # the same line again goes the same way, and cancels nothing: a foot, on every page
        each = {stray.problem.facts["text"]: stray.figures for stray in within}
        return len(within) < len(strays) or _may_cancel(list(each.values()))

    def _closes_early(self) -> bool:
        """Whether rows stand after the last closing balance among them."""
        closing = self.result.closing
        is_early = 0 < self.closed < self.count and self.closed != self.evidence.cut
        return closing is not None and closing.in_table and is_early

    def _open_ends(self) -> list[Refused]:
        """What nothing printed proves."""
        movements, result = self.evidence.movements, self.result
        if not self.count:
            return [] if self.evidence.strays else [Refused("NO_ENTRIES")]
        if self.broken or result.grade == "totals":
            return []
        if not self.covered and 0 < self.closed < self.count:
            return [Refused("NOT_COVERED", where=movements.place(self.closed))]
        if not self.covered and self.closed == self.count and self._opens_all():
            return [Refused("SIGNS_OPEN")] if not self._moves() else []
        if not self.covered:
            return [Refused("NOTHING_PROVES")]
        missing = []
        if result.opening is None and movements.amounts[0]:
            missing.append(Refused("FIRST_NOT_PROVEN", where=movements.place(0)))
        if self.covered < self.count:
            missing.append(Refused("NOT_COVERED", where=movements.place(self.covered)))
        elif (result.grade == "chain" and result.closing is None) or self._closes_early():
            missing.append(Refused("END_NOT_PRINTED", where=movements.place(self.count - 1)))
        return missing


_MOST_TRIED = 10_000  # ways to take figures with a sign


def _may_cancel(lines: Sequence[tuple[Decimal, ...] | None]) -> bool:
    """Whether amounts of some of the lines, each in or out, may come to nothing together."""
    unknown = sum(figures is None for figures in lines)
    known = [figures for figures in lines if figures]
    if unknown:
        return unknown + len(known) > 1
    ways = [{Decimal(0), *figures, *(-each for each in figures)} for figures in known]
    if prod(map(len, ways)) > _MOST_TRIED:
        return True
    return sum(not sum(way) for way in product(*ways)) > 1
