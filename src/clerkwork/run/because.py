"""Why a break is one, in the reader's language: the engine says it once, in English."""

from __future__ import annotations

import re
from decimal import Decimal

from clerkwork.facts import grouped

_A, _B = r"(?P<a>-?[\d.]+)", r"(?P<b>-?[\d.]+)"  # amounts; other parts have no name
# what `reconcile` writes, and the same in Chinese
_SAID = tuple(
    (re.compile(f"{english}$"), chinese)
    for english, chinese in (
        (r"reference (\S+) is matched once already", "业务编号 {0} 已勾对过一次"),
        (r"they booked reference (\S+) a day later", "对方次日以业务编号 {0} 入账"),
        (r"at (\S+), after their cut-off (\S+)", "时间 {0}，晚于对方截止时间 {1}"),
        (r"at (\S+), after our date roll (\S+)", "时间 {0}，晚于我方日切 {1}"),
        (r"in good time, and not in their statement", "未超过截止时间，对方对账单中没有"),
        (r"text “(.*)”, at most (\S+)", "摘要含“{0}”，金额不超过 {1}"),
        (r"not in our journal, and nothing says why", "我方流水中没有，原因不明"),
        (
            rf"reference (\S+): {_A} and {_B}, our digits are theirs in another order",
            "业务编号 {0}：{1} 与 {2}，我方数字顺序有误",
        ),
        (
            rf"reference (\S+): {_A} and {_B}, no slip of the pen explains it",
            "业务编号 {0}：{1} 与 {2}，并非笔误",
        ),
        (rf"counted {_A}, journal {_B}", "实点 {0}，流水 {1}"),
    )
)


def said_why(text: str, language: str, *, currency: str) -> str:
    """
    What `Break.because` says, its amounts with their digits grouped.

    What is not known here stays as it was written.

    >>> said_why("counted 214755, journal 214775.00", "zh", currency="CNY")
    '实点 214,755.00，流水 214,775.00'
    """
    for pattern, chinese in _SAID:
        if found := pattern.match(text):
            amounts = set(pattern.groupindex.values())
            told = [
                grouped(Decimal(part), currency) if number in amounts else part
                for number, part in enumerate(found.groups(), start=1)
            ]
            return chinese.format(*told) if language == "zh" else _refilled(found, told)
    return text


def _refilled(found: re.Match[str], told: list[str]) -> str:
    """The same sentence with each part as it is told now."""
    text, end = "", 0
    for number, part in enumerate(told, start=1):
        text += found.string[end : found.start(number)] + part
        end = found.end(number)
    return text + found.string[end:]
