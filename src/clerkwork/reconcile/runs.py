"""
Several lines against one, by their sum: only ever suggested.

    ours    120.00 | 80.00 | 55.00 |        lines that follow one another in the file, or
    theirs          255.00                  share a reference that theirs does not print

A sum alone is mostly coincidence (of 32 lines one subset in two hits a target by chance),
so only neighbours and batches are tried, all with the sign of the one line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from clerkwork.facts import Entry
from clerkwork.reconcile.keys import Place, place, reference_key
from clerkwork.reconcile.pool import MOST_ALTERNATIVES, Pool, Side
from clerkwork.reconcile.rules import Rule

Total = tuple[Place, int]  # place, minor units


def by_run(pool: Pool, rule: Rule) -> None:
    """Suggest several lines of one side for one line of the other, either way round."""
    _several_to_one(pool, rule, "left", "right")
    _several_to_one(pool, rule, "right", "left")


def _several_to_one(pool: Pool, rule: Rule, several: Side, one: Side) -> None:
    """Suggest lines of side `several` that add up to one line of side `one`."""
    singles: dict[Total, list[int]] = defaultdict(list)
    for at in pool.free(one):
        singles[place(pool.entries[one][at]), pool.minor[one][at]].append(at)
    sets = _sets(pool, several, singles, rule.most)
    for total, positions in singles.items():
        for at in positions:
            entry = pool.entries[one][at]
            fitting = [
                chosen
                for chosen in sets[total]
                if pool.is_free(several, chosen)
                and pool.days_apart(*_sides(several, chosen, [at])) <= rule.days
                and _may_be(pool.entries[several], chosen, entry)
            ]
            if fitting:
                _suggest(pool, rule, several, fitting, at)


def _suggest(
    pool: Pool, rule: Rule, several: Side, fitting: Sequence[Sequence[int]], at: int
) -> None:
    """Suggest the first of the fitting sets, and name the others."""
    chosen, others = fitting[0], fitting[1:]
    reference = _shared(pool.entries[several], chosen)
    lines = f"{len(chosen)} {'' if reference else 'consecutive '}lines"
    left, right = _sides(several, chosen, [at])
    total = pool.entries["right" if several == "left" else "left"][at].amount
    because = [f"{lines} add up to {total}"]
    if reference:
        because.append(f"they share reference {reference}")
    if others:
        because.append(f"{len(others)} other set(s) of lines would fit")
    alternatives = [(several, other) for other in others[:MOST_ALTERNATIVES]]
    pool.take(left, right, rule, because, confirmed=False, alternatives=alternatives)


def _sides(
    several: Side, chosen: Sequence[int], one: Sequence[int]
) -> tuple[Sequence[int], Sequence[int]]:
    return (chosen, one) if several == "left" else (one, chosen)


def _sets(
    pool: Pool, side: Side, wanted: Mapping[Total, object], most: int
) -> dict[Total, list[tuple[int, ...]]]:
    """Batches and runs of unused lines whose total is wanted, batches first."""
    found: dict[Total, list[tuple[int, ...]]] = defaultdict(list)
    entries, minor = pool.entries[side], pool.minor[side]
    for positions in _batches(entries, pool.free(side)):
        total = place(entries[positions[0]]), sum(minor[at] for at in positions)
        if total in wanted:
            found[total].append(positions)
    for where, run in _stretches(pool, side):
        for start in range(len(run)):
            total_minor = minor[run[start]]
            for end in range(start + 1, min(start + most, len(run))):
                total_minor += minor[run[end]]
                positions = tuple(run[start : end + 1])
                if (where, total_minor) in wanted and positions not in found[where, total_minor]:
                    found[where, total_minor].append(positions)
    return found


def _batches(entries: Sequence[Entry], free: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """The unused lines that share a reference."""
    batches: dict[tuple[Place, str], list[int]] = defaultdict(list)
    for at in free:
        if reference := reference_key(entries[at].reference):
            batches[place(entries[at]), reference].append(at)
    return (tuple(positions) for positions in batches.values() if len(positions) > 1)


def _stretches(pool: Pool, side: Side) -> Iterator[tuple[Place, list[int]]]:
    """Unused lines that follow one another within their place, as far as no used one parts them."""
    stretch: dict[Place, list[int]] = {}
    for at, entry in enumerate(pool.entries[side]):
        where = place(entry)
        if pool.is_free(side, [at]):
            stretch.setdefault(where, []).append(at)
        elif where in stretch:
            yield where, stretch.pop(where)
    yield from stretch.items()


def _may_be(entries: Sequence[Entry], chosen: Sequence[int], one: Entry) -> bool:
    """Whether all lines have the sign of the one, and neither reference contradicts the other."""
    if any((entries[at].amount > 0) != (one.amount > 0) for at in chosen):
        return False
    shared = _shared(entries, chosen)
    return not shared or reference_key(one.reference) in ("", shared)


def _shared(entries: Sequence[Entry], chosen: Sequence[int]) -> str:
    """The reference that all the lines share; "" when there is none."""
    references = {reference_key(entries[at].reference) for at in chosen}
    return references.pop() if len(references) == 1 else ""
