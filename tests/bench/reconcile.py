"""
Matched lines a second, against a plain dict matcher on the same lines in the same run.

The peer finds equal (account, currency, reference, amount, day) only: no windows, no
sums, no uniqueness, no reasons. What it leaves, the rules of the house go on with.

    python tests/bench/reconcile.py [lines a side]
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import TypeVar

from clerkwork.facts import Entry
from clerkwork.reconcile import DEFAULT_RULES, reconcile
from clerkwork.reconcile.match import match

T = TypeVar("T")
DAY = date(2026, 6, 11)
ROUNDS = 3


def lines(count: int) -> tuple[list[Entry], list[Entry]]:
    """Two lists: 90 % agree, 5 % have no reference, 2 % are a day late, 3 % are missing."""
    rng = random.Random(755)
    left, right = [], []
    for number in range(count):
        amount = Decimal(rng.choice([-1, 1]) * rng.randrange(100, 5_000_000)).scaleb(-2)
        account = f"10118400{rng.randrange(20):02}"
        on = DAY + timedelta(days=rng.randrange(5))
        reference = f"R{rng.randrange(36**6):07}{number:07}"
        left.append(Entry(account, on, "USD", amount, reference, id=f"L{number}"))
        fate = rng.random()
        if fate < 0.97:
            late = timedelta(days=0.95 <= fate)
            printed = "" if 0.90 <= fate < 0.95 else reference
            right.append(Entry(account, on + late, "USD", amount, printed, id=f"R{number}"))
    rng.shuffle(right)
    return left, right


def by_dict(left: Sequence[Entry], right: Sequence[Entry]) -> list[tuple[str, str]]:
    """The peer: pairs of ids of lines with everything equal."""
    waiting: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for entry in right:
        waiting[_all_of(entry)].append(entry.id)
    pairs = []
    for entry in left:
        found = waiting.get(_all_of(entry)) if entry.reference else None
        if found:
            pairs.append((entry.id, found.pop()))
    return pairs


def _all_of(entry: Entry) -> tuple[object, ...]:
    return (
        entry.account, entry.currency, entry.reference, entry.amount, entry.accounting_date,
    )  # fmt: skip


def measured(work: Callable[[], T]) -> tuple[T, float, float]:
    """What `work` gives, its seconds of wall time and of CPU."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    given = work()
    return given, time.perf_counter() - wall_s, time.process_time() - cpu_s


def main() -> None:
    """Measure in turns and print medians; the ratios, of the rounds, are against the peer."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    left, right = lines(count)
    both = len(left) + len(right)
    rounds = []
    for _ in range(ROUNDS):
        pairs, *peer = measured(lambda: by_dict(left, right))
        found, *ours = measured(lambda: match(left, right, DEFAULT_RULES.rules))
        outcome, *whole = measured(
            lambda: reconcile(left, right, business_date=DAY, rules=DEFAULT_RULES)
        )
        rounds.append((peer, ours, whole))
    confirmed = [one for one in found if one.status == "confirmed"]
    exact = {(one.left[0], one.right[0]) for one in confirmed if one.rule == "exact"}
    for at, what in enumerate(
        ("plain dict matcher (the peer)", "match", "reconcile, with reasons")
    ):
        wall_s, cpu_s = (median(each[at][of] for each in rounds) for of in (0, 1))
        by_wall, by_cpu = (median(each[0][of] / each[at][of] for each in rounds) for of in (0, 1))
        print(
            f"{what:<30} {both / wall_s:>9,.0f} lines/s {cpu_s:6.2f} s CPU"
            f"   ratio {by_wall:.2f}, by CPU {by_cpu:.2f}"
        )
    same = "the same" if exact == set(pairs) else "NOT the same"
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{len(pairs):,} pairs by the peer, {same} by our rule exact; {len(confirmed):,} confirmed"
    )
    print(
        f"of {len(found):,} matches, {len(outcome.breaks):,} breaks; peak {peak_mb:,} MB with all"
    )


if __name__ == "__main__":
    main()
