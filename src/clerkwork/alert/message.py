"""What a person reads: title and body of one alert, in their language and their zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from clerkwork.alert.kinds import KINDS, clock_time, sentence, title

SEVERITIES = {
    "info": ("info", "提示"),
    "warning": ("warning", "警告"),
    "urgent": ("urgent", "紧急"),
}
_ENVIRONMENTS = {"practice": "模拟", "test": "测试", "production": "生产"}


@dataclass(frozen=True)
class Message:
    """A message in plain text."""

    title: str
    body: str


def message_of(row: Any, *, language: str, zone: ZoneInfo, environment: str) -> Message:
    """The message of an alert's row; nobody's name is in it, nor that of who reads it."""
    kind = KINDS[row.kind]
    subject = title(row.kind, row.about, language=language, zone=zone)
    said = sentence(row.kind, row.about, language=language, zone=zone)
    raised = clock_time(row.raised_at, zone)
    over = clock_time(row.over_at, zone) if row.over_at else ""
    how = f"clerkwork alerts acknowledge {row.id} --why"
    en, zh = SEVERITIES[kind.severity]
    if language == "zh":
        where = _ENVIRONMENTS.get(environment, environment)
        lines = [said, f"已于 {over} 解除。" if over else ""]
        lines += [f"级别：{zh}；发出时间：{raised}（{zone.key}）。"]
        lines += [f"确认收到：{how} 原因" if _wants_an_answer(row) else ""]
        return Message(f"[Clerkwork {where}] {subject}", "\n".join(filter(None, lines)))
    lines = [said, f"It is over since {over}." if over else ""]
    lines += [f"Severity: {en}. Raised: {raised} ({zone.key})."]
    lines += [f'Acknowledge: {how} "..."' if _wants_an_answer(row) else ""]
    return Message(f"[Clerkwork {environment}] {subject}", "\n".join(filter(None, lines)))


def _wants_an_answer(row: Any) -> bool:
    return row.kind != "test" and row.over_at is None
