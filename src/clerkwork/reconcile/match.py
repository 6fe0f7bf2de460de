"""
Matching: which entries of two sides belong together.

The rules run in order over what is left (DuckDB for the large joins, plain Python for
the few lines after them). A line is used once. What is not unique, or rests on amounts
alone, is suggested with its alternatives; only what is unique and corroborated is
confirmed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from clerkwork.facts import Entry, Match
from clerkwork.facts.tables import write_entries
from clerkwork.reconcile.rules import Rule

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass
class _Table:
    """Both sides, and which positions are still unmatched."""

    db: DuckDBPyConnection
    left: Sequence[Entry]
    right: Sequence[Entry]
    matches: list[Match] = field(default_factory=list)
    used_left: set[int] = field(default_factory=set)
    used_right: set[int] = field(default_factory=set)

    def free(self, side: str) -> Iterable[tuple[int, Entry]]:
        """Position and entry of the lines of `side` that no match has."""
        entries, used = (
            (self.left, self.used_left) if side == "left" else (self.right, self.used_right)
        )
        return ((at, entry) for at, entry in enumerate(entries) if at not in used)

    def take(
        self,
        lefts: Sequence[int],
        rights: Sequence[int],
        rule: Rule,
        because: Sequence[str],
        *,
        confirmed: bool,
        alternatives: Iterable[Sequence[int]] = (),
    ) -> None:
        """Make a match of free lines, unless one of them is used by now."""
        if self.used_left.intersection(lefts) or self.used_right.intersection(rights):
            return
        self.used_left.update(lefts)
        self.used_right.update(rights)
        self.matches.append(
            Match(
                left=tuple(self.left[at].id for at in lefts),
                right=tuple(self.right[at].id for at in rights),
                rule=rule.name,
                status="confirmed" if confirmed else "suggested",
                because=tuple(because),
                alternatives=tuple(tuple(self.right[at].id for at in a) for a in alternatives),
            )
        )


def match(
    left: Sequence[Entry], right: Sequence[Entry], rules: Sequence[Rule]
) -> tuple[Match, ...]:
    """The matches of `left` and `right` (entries with ids) by `rules`, in order."""
    import duckdb  # 0.1 s: only when something is matched

    with duckdb.connect() as db:
        table = _Table(db, left, right)
        for rule in rules:
            _BY[rule.by](table, rule)
    return tuple(table.matches)


def _by_reference(table: _Table, rule: Rule) -> None:
    """Same account, currency, reference and amount (within tolerance); equals in file order."""
    _write_free(table)
    is_exact = not rule.absolute and not rule.percent
    same = "account, currency, reference" + (", amount" if is_exact else "")
    ranked = (
        f"SELECT *, row_number() OVER (PARTITION BY {same}, day ORDER BY position) AS nth "
        "FROM {side} WHERE reference <> ''"
    )
    query = (
        f"SELECT l.position, r.position, r.day - l.day FROM ({ranked.format(side='l_free')}) l "
        f"JOIN ({ranked.format(side='r_free')}) r USING ({same}, nth) "
        f"WHERE abs(r.day - l.day) <= {rule.days} "
        "ORDER BY abs(r.day - l.day), l.position, r.position"
    )
    for left, right, days in table.db.execute(query).fetchall():
        one, other = table.left[left], table.right[right]
        allowed = rule.absolute + abs(one.amount) * rule.percent / 100
        if abs(one.amount - other.amount) <= allowed:
            because = [f"reference {one.reference}", _amounts(one, other), _days(days)]
            table.take([left], [right], rule, because, confirmed=True)


def _by_amount(table: _Table, rule: Rule) -> None:
    """Same account, currency and amount, no reference on one side; unique on both, or suggested."""
    _write_free(table)
    query = (
        "SELECT l.position, r.position FROM l_free l "
        "JOIN r_free r USING (account, currency, amount) "
        f"WHERE (l.reference = '' OR r.reference = '') AND abs(r.day - l.day) <= {rule.days} "
        "ORDER BY l.position, r.position"
    )
    rights_of: dict[int, list[int]] = defaultdict(list)
    lefts_of: dict[int, list[int]] = defaultdict(list)
    for left, right in table.db.execute(query).fetchall():
        rights_of[left].append(right)
        lefts_of[right].append(left)
    for left, rights in rights_of.items():
        is_unique = len(rights) == 1 and len(lefts_of[rights[0]]) == 1
        free = [at for at in rights if at not in table.used_right]
        if not free:
            continue
        one, other = table.left[left], table.right[free[0]]
        days = (other.accounting_date - one.accounting_date).days
        because = [
            _amounts(one, other),
            _days(days),
            "unique on both sides" if is_unique else "not unique",
        ]
        others = [[at] for at in rights if at != free[0]]
        table.take([left], [free[0]], rule, because, confirmed=is_unique, alternatives=others)


def _by_batch(table: _Table, rule: Rule) -> None:
    """Several lines of one side share the reference of one line of the other, and add up to it."""
    lefts, rights = (_by_key(table.free(side)) for side in ("left", "right"))
    for key, ours in lefts.items():
        theirs = rights.get(key, [])
        if not key[2] or sorted((len(ours) > 1, len(theirs) > 1)) != [False, True]:
            continue
        if not theirs or _sum(table.left, ours) != _sum(table.right, theirs):
            continue
        if _spread(table, ours, theirs) <= rule.days:
            count = max(len(ours), len(theirs))
            because = [f"reference {key[2]}", f"{count} lines add up to {_sum(table.left, ours)}"]
            table.take(ours, theirs, rule, because, confirmed=True)


def _by_key(entries: Iterable[tuple[int, Entry]]) -> dict[tuple[str, str, str], list[int]]:
    found: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for at, entry in entries:
        found[entry.account, entry.currency, entry.reference].append(at)
    return found


def _by_run(table: _Table, rule: Rule) -> None:
    """Consecutive unmatched lines of ours that add up to one line of theirs: suggested."""
    runs = list(_runs(table, rule.most))
    for at, entry in list(table.free("right")):
        fitting = [
            run
            for run in runs
            if _sum(table.left, run) == entry.amount
            and (table.left[run[0]].account, table.left[run[0]].currency)
            == (entry.account, entry.currency)
            and _spread(table, run, [at]) <= rule.days
            and not table.used_left.intersection(run)
        ]
        if fitting:
            because = [f"{len(fitting[0])} consecutive lines add up to {entry.amount}"]
            if len(fitting) > 1:
                because.append(f"{len(fitting)} runs would fit")
            table.take(fitting[0], [at], rule, because, confirmed=False)


def _runs(table: _Table, most: int) -> Iterable[list[int]]:
    """Runs of 2 to `most` unmatched lines that follow one another within their account."""
    accounts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, entry in enumerate(table.left):
        accounts[entry.account, entry.currency].append(at)
    for positions in accounts.values():
        for start in range(len(positions)):
            for length in range(2, most + 1):
                run = positions[start : start + length]
                if len(run) < length or table.used_left.intersection(run):
                    break
                yield run


_BY: dict[str, Callable[[_Table, Rule], None]] = {
    "reference": _by_reference,
    "amount": _by_amount,
    "batch": _by_batch,
    "run": _by_run,
}


def _write_free(table: _Table) -> None:
    """Tables l_free and r_free: the unmatched lines, with their positions in the whole."""
    for name, entries, used in (
        ("l_free", table.left, table.used_left),
        ("r_free", table.right, table.used_right),
    ):
        write_entries(table.db, name, entries)
        if used:
            table.db.execute(
                f"DELETE FROM {name} WHERE position IN (SELECT unnest($1))", [list(used)]
            )


def _sum(entries: Sequence[Entry], positions: Iterable[int]) -> Decimal:
    return sum((entries[at].amount for at in positions), Decimal(0))


def _spread(table: _Table, lefts: Iterable[int], rights: Iterable[int]) -> int:
    """Days between the first and the last of the lines."""
    days = [table.left[at].accounting_date for at in lefts]
    days += [table.right[at].accounting_date for at in rights]
    return (max(days) - min(days)).days


def _amounts(one: Entry, other: Entry) -> str:
    if one.amount == other.amount:
        return f"amount {one.amount}"
    return f"amounts {one.amount} and {other.amount} within tolerance"


def _days(days: int) -> str:
    return "same day" if days == 0 else f"{abs(days)} day(s) {'later' if days > 0 else 'earlier'}"
