"""A run beside the previous one, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from clerkwork.cli.show_tables import print_table
from clerkwork.cli.speak import language, say, text
from clerkwork.facts import Break
from clerkwork.run.comparing import Comparison
from clerkwork.run.tables import STATES, said


def print_comparison(both: Comparison) -> None:
    """What of both runs is the same and what differs; breaks that are new, or gone."""
    say(f"{both.now.id} beside {both.before.id}", f"{both.now.id} 与 {both.before.id} 比较")
    heads = [text("", ""), text("before", "上次"), text("this run", "本次"), text("", "")]
    rows = [
        (name, _shown(before), _shown(now), text("differs", "不同") if before != now else "")
        for name, before, now in _figures(both)
    ]
    rows += [(*told, "") for told in _durations(both)]  # no two are the same
    print_table(heads, rows, right=(1, 2))
    _print_breaks(text("new", "新增"), both.new)
    _print_breaks(text("gone", "已清"), both.gone)


def _figures(both: Comparison) -> Iterator[tuple[str, Any, Any]]:
    for pair in both.params:
        yield pair.name, pair.before, pair.now
    for source in both.sources:
        name = f"{said(source.source, language())} {source.currency}"
        for part, pair in source.parts.items():
            yield f"{name} {part}", _counted(pair.before), _counted(pair.now)
    for pair in both.items:
        yield text(*STATES[pair.name]), pair.before or 0, pair.now or 0


def _durations(both: Comparison) -> Iterator[tuple[str, str, str]]:
    for pair in (*both.steps, both.took):
        yield pair.name or text("took", "用时"), _lasted(pair.before), _lasted(pair.now)


def _lasted(took: timedelta | None) -> str:
    return "-" if took is None else f"{took.total_seconds():.1f} s"


def _counted(part: Any) -> str | None:
    return None if part is None else f"{part[0]}  {part[1]}"


def _shown(value: Any) -> str:
    return "-" if value is None else str(value)


def _print_breaks(word: str, breaks: Sequence[Break] | None) -> None:
    for item in breaks or ():
        entry = item.entry
        told = f"{item.reason} {entry.account} {item.difference} {entry.currency} {entry.reference}"
        say(f"{word}: {told}", f"{word}：{told}")
