"""
Matching: which entries of two sides belong together.

    reference    one to one, by reference and amount; equals in file order
    batch        several to one, by the reference they share and their sum
    amount       one to one, by amount where a side prints no reference
    run          several to one, by their sum alone (see runs.py)

The rules run in order over what is left, as joins in DuckDB. A line is used once. Only
what is unique and corroborated is confirmed; the rest is suggested, with what else would
fit. The order of the lines counts among equal ones, and in runs; nowhere else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import time
from decimal import Decimal

from clerkwork.facts import Entry, Match, normalised
from clerkwork.reconcile.pool import MOST_ALTERNATIVES, Pool, Side
from clerkwork.reconcile.rules import Rule
from clerkwork.reconcile.runs import by_run


def match(
    left: Sequence[Entry], right: Sequence[Entry], rules: Sequence[Rule]
) -> tuple[Match, ...]:
    """The matches of `left` and `right` (entries with ids) by `rules`, in order."""
    import duckdb  # 0.1 s: only when something is matched

    with duckdb.connect() as db:
        pool = Pool(db, left, right)
        for rule in rules:
            pool.drop_used()
            _BY[rule.by](pool, rule)
    return tuple(pool.matches)


def _by_reference(pool: Pool, rule: Rule) -> None:
    """Same place, reference and amount (within tolerance); the nearest days first."""
    is_exact = not rule.absolute and not rule.percent
    same = ["place", "reference", *(["amount"] if is_exact else [])]
    # The n-th of ours goes with the n-th of theirs; within a tolerance the n-th by size.
    ranked = (
        f"SELECT *, row_number() OVER (PARTITION BY {', '.join(same)}, day "
        "ORDER BY amount, position) AS nth FROM {side} WHERE reference <> ''"
    )
    joined = ", ".join([*same, "nth", *([] if rule.days else ["day"])])
    query = (
        f"SELECT l.position, r.position FROM ({ranked.format(side='l')}) l "
        f"JOIN ({ranked.format(side='r')}) r USING ({joined}) "
        f"WHERE abs(r.day - l.day) <= {rule.days} "
        "ORDER BY abs(r.day - l.day), abs(r.amount - l.amount), l.day, r.day, l.amount, l.position"
    )
    for left, right in pool.db.execute(query).fetchall():
        ours, theirs = pool.entries["left"][left], pool.entries["right"][right]
        if is_exact or _is_within(rule, ours.amount, theirs.amount):
            because = (f"reference {ours.reference}", _amounts(ours, theirs), _days(ours, theirs))
            pool.take([left], [right], rule, because, confirmed=True)


def _is_within(rule: Rule, ours: Decimal, theirs: Decimal) -> bool:
    """Whether two amounts differ by no more than the rule allows: absolute plus percent of ours."""
    allowed = rule.absolute + abs(ours) * rule.percent / 100
    return (ours > 0) == (theirs > 0) and abs(theirs - ours) <= allowed


def _by_batch(pool: Pool, rule: Rule) -> None:
    """Several lines of one side share the reference of one line of the other, and add up to it."""
    grouped = (
        "SELECT place, reference, sum(amount) AS total, count(*) > 1 AS is_many, "
        "list(position ORDER BY position) AS at, min(day) AS first, max(day) AS last "
        "FROM {side} WHERE reference <> '' GROUP BY place, reference"
    )
    query = (
        f"SELECT l.at, r.at FROM ({grouped.format(side='l')}) l "
        f"JOIN ({grouped.format(side='r')}) r USING (place, reference, total) "
        "WHERE l.is_many <> r.is_many "
        f"AND greatest(l.last, r.last) - least(l.first, r.first) <= {rule.days} "
        "ORDER BY l.at[1]"
    )
    for left, right in pool.db.execute(query).fetchall():
        ours, theirs = pool.entries["left"][left[0]], pool.entries["right"][right[0]]
        total = theirs.amount if len(right) == 1 else ours.amount
        lines = f"{max(len(left), len(right))} lines add up to {total}"
        because = (f"reference {ours.reference}", lines)
        pool.take(left, right, rule, because, confirmed=True)


def _by_amount(pool: Pool, rule: Rule) -> None:
    """Same place and amount, no reference on one side: unique on both sides, or suggested."""
    fits = _fitting(pool, rule)
    rights_of: dict[int, list[int]] = defaultdict(list)
    count_of: Counter[int] = Counter()  # how many of ours fit a group of theirs
    for lefts, rights in fits:
        rights_of[lefts[0]] += rights
        count_of[rights[0]] += len(lefts)
    for lefts, rights in fits:
        counts = count_of[rights[0]], len(rights_of[lefts[0]])
        is_unique = counts == (1, 1)
        for left, right in _in_pairs(pool, lefts, rights):
            others = [at for at in rights_of[lefts[0]] if at != right][:MOST_ALTERNATIVES]
            ours, theirs = pool.entries["left"][left], pool.entries["right"][right]
            fit = "{} of ours and {} of theirs would fit".format(*counts)
            why = "unique on both sides" if is_unique else fit
            pool.take(
                [left],
                [right],
                rule,
                (_amounts(ours, theirs), _days(ours, theirs), why),
                confirmed=is_unique,
                alternatives=[("right", [at]) for at in others],
            )


def _fitting(pool: Pool, rule: Rule) -> list[tuple[list[int], list[int]]]:
    """
    Groups of ours and of theirs that would fit, the nearest days first. A group are the
    lines of one place, amount and day, so that a thousand equal lines are not a million pairs.
    """
    grouped = (
        "SELECT place, amount, day, reference <> '' AS is_named, "
        "list(position ORDER BY position) AS at FROM {side} GROUP BY ALL"
    )
    query = (
        f"SELECT l.at, r.at FROM ({grouped.format(side='l')}) l "
        f"JOIN ({grouped.format(side='r')}) r USING (place, amount) "
        f"WHERE NOT (l.is_named AND r.is_named) AND abs(r.day - l.day) <= {rule.days} "
        "ORDER BY abs(r.day - l.day), l.day, r.day, l.is_named, r.is_named, l.at[1]"
    )
    return pool.db.execute(query).fetchall()


def _in_pairs(pool: Pool, lefts: Sequence[int], rights: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The unused lines of two groups side by side, ordered by what they say."""

    def ordered(side: Side, positions: Sequence[int]) -> list[int]:
        entries = pool.entries[side]
        unused = (at for at in positions if pool.is_free(side, [at]))
        return sorted(unused, key=lambda at: _said(entries[at]))

    return zip(ordered("left", lefts), ordered("right", rights), strict=False)


def _said(entry: Entry) -> tuple[time, str, str]:
    return entry.time or time.max, normalised(entry.text), entry.id


_BY: dict[str, Callable[[Pool, Rule], None]] = {
    "reference": _by_reference,
    "batch": _by_batch,
    "amount": _by_amount,
    "run": by_run,
}


def _amounts(ours: Entry, theirs: Entry) -> str:
    if ours.amount == theirs.amount:
        return f"amount {ours.amount}"
    return f"amounts {ours.amount} and {theirs.amount} within tolerance"


def _days(ours: Entry, theirs: Entry) -> str:
    days = (theirs.accounting_date - ours.accounting_date).days
    return "same day" if days == 0 else f"{abs(days)} day(s) {'later' if days > 0 else 'earlier'}"
