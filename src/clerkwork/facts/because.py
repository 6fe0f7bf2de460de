"""
Why lines belong together or do not, and why an item moved: said in Chinese, too.

The engine writes these sentences in English with the facts in them, and they are kept so. Here
stand all of them, each with its Chinese; `because` finds the one that a text was made from.
"""

from __future__ import annotations

import re
from functools import cache

SENTENCES: tuple[tuple[str, str], ...] = (
    # matches
    ("reference {reference}", "参考号 {reference}"),
    ("amount {amount}", "金额 {amount}"),
    ("amounts {ours} and {theirs} within tolerance", "金额 {ours} 与 {theirs} 在容差内"),
    ("same day", "同日"),
    ("{days} day(s) later", "晚 {days} 天"),
    ("{days} day(s) earlier", "早 {days} 天"),
    ("unique on both sides", "双方均唯一"),
    ("{ours} of ours and {theirs} of theirs would fit", "我方 {ours} 笔、对方 {theirs} 笔均可勾对"),
    ("{lines} consecutive lines add up to {total}", "连续 {lines} 笔合计 {total}"),
    ("{lines} lines add up to {total}", "{lines} 笔合计 {total}"),
    ("they share reference {reference}", "参考号同为 {reference}"),
    ("{count} other set(s) of lines would fit", "另有 {count} 组可勾对"),
    ("settles the break of {since}: {reason}", "结清 {since} 的不符项：{reason}"),
    ("by the vouchers that were instructed", "由已录入的凭证结清"),
    ("its reference and amount arrived", "参考号和金额已到账"),
    ("its amount arrived, and nothing else has it", "金额已到账，且无其他同额"),
    # matches by hand
    ("matched by hand: {theirs} and {ours}", "手工勾对：{theirs} 与 {ours}"),
    ("within the limit of one person", "在单人权限内"),
    # breaks
    (
        "reference {reference}: {ours} and {theirs}, our digits are theirs in another order",
        "参考号 {reference}：{ours} 与 {theirs}，我方数字与对方次序颠倒",
    ),
    (
        "reference {reference}: {ours} and {theirs}, no slip of the pen explains it",
        "参考号 {reference}：{ours} 与 {theirs}，无法以笔误解释",
    ),
    ("reference {reference} is matched once already", "参考号 {reference} 已勾对过一次"),
    ("they booked reference {reference} a day later", "对方次日记账，参考号 {reference}"),
    ("at {time}, after their cut-off {cut_off}", "发生于 {time}，晚于对方截止时间 {cut_off}"),
    ("in good time, and not in their statement", "未逾截止时间，而对方对账单中没有"),
    ("text “{text}”, at most {most}", "摘要含“{text}”，不超过 {most}"),
    ("at {time}, after our date roll {roll}", "发生于 {time}，晚于我方日切 {roll}"),
    ("not in our journal, and nothing says why", "我方流水中没有，原因不明"),
    ("counted {counted}, journal {book}", "盘点 {counted}，账面 {book}"),
    # moves of items
    ("taken up", "开始录入"),
    ("the worker died while keying", "录入时处理进程中断"),
    ("read back as {number}", "回读核对为 {number}"),
    ("proven absent", "已查实目标系统中没有"),
    ("a draft", "目标系统中为草稿"),
    ("no approval needed", "无需审批"),
)


def because(text: str, language: str) -> str:
    """
    `text` in "en" or "zh"; one that stands nowhere here (a person wrote it) stays as it is.

    >>> because("at 23:10:00, after our date roll 22:30:00", "zh")
    '发生于 23:10:00，晚于我方日切 22:30:00'
    """
    if language != "zh":
        return text
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return chinese.format(**found.groupdict())
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    # the one with the most words of its own first: "reference {reference}" would take them all
    ordered = sorted(SENTENCES, key=lambda pair: -len(re.sub(r"\{\w+\}", "", pair[0])))
    return tuple((re.compile(_pattern(english)), chinese) for english, chinese in ordered)


def _pattern(english: str) -> str:
    parts = re.split(r"\{(\w+)\}", english)  # words and names by turns
    return "".join(
        f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    )
