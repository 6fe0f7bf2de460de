"""
Alerts: every kind of them, how grave it is, what it may carry, and what it says.

An alert leaves the house, through other people's servers: it carries names of schedules,
bots and runs, times, counts and codes, and nothing else. A kind that is not registered
here, a fact that its kind does not have, and a text where a name or a number should be
are defects and raise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

Severity = Literal["info", "warning", "urgent"]  # an urgent one goes through quiet hours

# Nine digits together are an account, a card or a telephone number sooner than a name.
_NAME = re.compile(r"(?!.*[0-9]{9})[a-z][a-z0-9_-]{0,63}")
_RUN = re.compile(r"(?!.*[0-9]{9})[a-z][a-z0-9_-]{0,63}\.[0-9a-z]{6}\.[0-9]{1,6}")
_COUNT = re.compile(r"[0-9]{1,6}")
_CODE = re.compile(r"(?=.{1,64}$)[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


def _is_time(text: str) -> bool:
    """ISO 8601 with its offset."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is(shape: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: shape.fullmatch(text) is not None


# Every fact that an alert may carry, and how it is written.
FACTS: dict[str, Callable[[str], bool]] = {
    "schedule": _is(_NAME),
    "bot": _is(_NAME),
    "system": _is(_NAME),
    "worker": _is(_NAME),
    "rule": _is(_NAME),  # that refused a due time
    "condition": _is(_NAME),  # that a schedule waits for
    "source": _is(_NAME),  # of a trigger
    "run": _is(_RUN),
    "code": _is(_CODE),
    "at_risk": _is(_COUNT),
    "count": _is(_COUNT),
    "minutes": _is(_COUNT),
    "due": _is_time,
    "began": _is_time,
    "ends": _is_time,
    "cut_off": _is_time,
    "deadline": _is_time,
    "since": _is_time,
}
TIMES = frozenset(name for name, check in FACTS.items() if check is _is_time)

# Names that are words of the house, as a person reads them; any other is shown as it is.
WORDS: dict[str, tuple[str, str]] = {
    "catch_up": ("catch-up", "补跑规则"),
    "overlap": ("overlap", "重叠规则"),
    "not_before": ("not before", "最早启动时间"),
    "not_after": ("not after", "最晚启动时间"),
    "calendar": ("calendar", "工作日历"),
    "paused": ("paused", "已暂停"),
    "skipped": ("skipped", "已跳过"),
    "ready": ("what a screen must say", "界面就绪条件"),
    "reading": ("a figure read from a screen", "界面读数"),
    "after": ("the schedules before it", "前序调度计划"),
    "gone": ("the schedule is not there any more", "调度计划已删除"),
    "file": ("files", "文件"),
    "sftp": ("files over SFTP", "SFTP 文件"),
    "mail": ("the mailbox", "邮箱"),
    "http": ("calls", "接口调用"),
    "queue": ("the queue", "队列"),
}


@dataclass(frozen=True)
class AlertKind:
    """A kind of alert: its facts, all of them needed, and its title and sentence."""

    severity: Severity
    facts: tuple[str, ...]
    en_title: str
    zh_title: str
    en: str
    zh: str


KINDS: dict[str, AlertKind] = {
    "late": AlertKind(
        "urgent",
        ("schedule", "due", "cut_off"),
        "late: {schedule}",
        "{schedule} 超过截止时间",
        "{schedule}, due {due}, had not ended at its cut-off {cut_off}.",
        "调度计划 {schedule}（应于 {due} 启动）至截止时间 {cut_off} 仍未完成。",
    ),
    "likely_late": AlertKind(
        "urgent",
        ("schedule", "due", "ends", "cut_off", "at_risk"),
        "likely late: {schedule} ends {ends}, cut-off {cut_off}",
        "{schedule} 预计超时：{ends} 完成，截止时间 {cut_off}",
        "{schedule}, due {due}, is likely to end {ends}, after its cut-off {cut_off};"
        " items at risk: {at_risk}.",
        "调度计划 {schedule}（应于 {due} 启动）预计 {ends} 完成，晚于截止时间 {cut_off}；"
        "可能延误的业务件：{at_risk} 笔。",
    ),
    "never_started": AlertKind(
        "urgent",
        ("schedule", "due"),
        "not started: {schedule}",
        "{schedule} 未启动",
        "{schedule} was due {due}, and nothing has begun.",
        "调度计划 {schedule} 应于 {due} 启动，至今未开始。",
    ),
    "never_ended": AlertKind(
        "urgent",
        ("schedule", "run", "began", "minutes"),
        "not ended: {schedule}",
        "{schedule} 运行超时",
        "Run {run} of {schedule} began {began} and has not ended; {minutes} minutes are allowed.",
        "调度计划 {schedule} 的运行 {run} 于 {began} 开始，至今未结束；允许时长 {minutes} 分钟。",
    ),
    "missed": AlertKind(
        "warning",
        ("schedule", "due", "rule"),
        "not run: {schedule}, due {due}",
        "{schedule} 不执行：{due}",
        "{schedule}, due {due}, is not run; refused by its rule: {rule}.",
        "调度计划 {schedule}（应于 {due} 启动）不再执行；依据规则：{rule}。",
    ),
    "run_failed": AlertKind(
        "urgent",
        ("bot", "run", "code"),
        "failed: {bot}",
        "{bot} 运行失败",
        "Run {run} of {bot} failed: {code}.",
        "机器人 {bot} 的运行 {run} 失败：{code}。",
    ),
    "waiting_too_long": AlertKind(
        "urgent",
        ("schedule", "due", "condition", "deadline"),
        "still waiting: {schedule}",
        "{schedule} 等待超时",
        "{schedule}, due {due}, still waits for {condition}; its deadline was {deadline}.",
        "调度计划 {schedule}（应于 {due} 启动）仍在等待 {condition}；等待期限为 {deadline}。",
    ),
    "scheduler_stopped": AlertKind(
        "urgent",
        ("since",),
        "the scheduler has stopped",
        "调度程序已停止",
        "The scheduler gives no sign of life since {since}; nothing is started.",
        "调度程序自 {since} 起无心跳；调度计划不会启动。",
    ),
    "worker_stopped": AlertKind(
        "urgent",
        ("worker", "since"),
        "{worker} has stopped",
        "处理进程 {worker} 已停止",
        "{worker} gives no sign of life since {since}; what is queued waits.",
        "处理进程 {worker} 自 {since} 起无心跳；队列中的业务在等待。",
    ),
    "schedule_broken": AlertKind(
        "urgent",
        ("schedule", "code", "count"),
        "cannot be kept: {schedule}",
        "{schedule} 无法执行",
        "The file of {schedule}, or one that it rests on, is wrong: {code}."
        " Schedules that are not started until it is mended: {count}.",
        "调度计划 {schedule} 的文件或其引用的文件有误：{code}。"
        "修正前不启动的调度计划：{count} 个。",
    ),
    "trigger_failing": AlertKind(
        "warning",
        ("schedule", "source", "since", "code"),
        "not reached: {source} of {schedule}",
        "{schedule} 的触发来源无法访问：{source}",
        "{source}, which {schedule} waits for, cannot be reached since {since}: {code}.",
        "调度计划 {schedule} 的触发来源（{source}）自 {since} 起无法访问：{code}。",
    ),
    "drifted": AlertKind(
        "warning",
        ("bot", "run", "system", "code"),
        "changed: {system}",
        "与登记不符：{system}",
        "Run {run} of {bot} met something in {system} that is not as mapped: {code};"
        " it stopped there.",
        "机器人 {bot} 的运行 {run} 发现 {system} 与登记不符：{code}；已停止。",
    ),
    "in_doubt": AlertKind(
        "warning",
        ("bot", "run"),
        "in doubt: items of {bot}",
        "{bot} 有业务件待核实",
        "Run {run} of {bot} left items in doubt; a person must look them up.",
        "机器人 {bot} 的运行 {run} 有业务件待核实，需人工查询。",
    ),
    "test": AlertKind(
        "info",
        (),
        "a test",
        "测试",
        "This is a test: alerts reach you here.",
        "这是一条测试消息：告警可送达此处。",
    ),
}


def shaped(fact: str, text: str) -> str:
    """`text` as that fact; what an alert may not carry is "misnamed" in its shape."""
    if FACTS[fact](text):
        return text
    return {"code": "MISNAMED", "run": "misnamed.000000.0"}.get(fact, "misnamed")


def check_facts(kind: str, about: Mapping[str, str]) -> None:
    """Nothing, when an alert of `kind` may carry `about`; else ValueError, without the value."""
    if kind not in KINDS:
        raise ValueError(f"alert {kind!r} is not registered in alert/kinds.py")
    needed = set(KINDS[kind].facts)
    if unknown := about.keys() - needed:
        raise ValueError(f"alert {kind!r} has no fact {', '.join(sorted(unknown))}")
    if missing := needed - about.keys():
        raise ValueError(f"alert {kind!r} needs {', '.join(sorted(missing))}")
    for name, value in about.items():
        if not isinstance(value, str) or not FACTS[name](value):
            raise ValueError(f"alert {kind!r}: {name} is not written as alert/kinds.py says")


def severity_of(kind: str) -> Severity:
    """How grave an alert of that kind is."""
    return KINDS[kind].severity


def title(kind: str, about: Mapping[str, str], *, language: str, zone: ZoneInfo) -> str:
    """What happened, in a few words."""
    known = KINDS[kind]
    text = known.zh_title if language == "zh" else known.en_title
    return text.format_map(_said(about, language, zone))


def sentence(kind: str, about: Mapping[str, str], *, language: str, zone: ZoneInfo) -> str:
    """What happened, in one sentence; times are those of `zone`."""
    known = KINDS[kind]
    text = known.zh if language == "zh" else known.en
    return text.format_map(_said(about, language, zone))


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """A time as a person reads it, to the minute."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _said(about: Mapping[str, str], language: str, zone: ZoneInfo) -> dict[str, str]:
    said = {}
    for name, value in about.items():
        if name in TIMES:
            said[name] = clock_time(datetime.fromisoformat(value), zone)
        elif name in ("rule", "condition", "source") and value in WORDS:
            said[name] = WORDS[value][language == "zh"]
        else:
            said[name] = value
    return said
