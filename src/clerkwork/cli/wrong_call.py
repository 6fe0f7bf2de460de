"""What typer says of a wrong call, in the user's language: for every command."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from clerkwork.cli import speak


def explain(wrong: Any) -> str:
    """One line for a usage error of typer: what is wrong, without a full stop at its end."""
    english = wrong.format_message().rstrip(".") or "Missing command"
    return speak.text(english, _chinese(wrong, english))


def _chinese(wrong: Any, english: str) -> str:
    # by name: typer has these classes from click, or brings its own, and exports few of them
    said = _CLASSES.get(type(wrong).__name__)
    return said(wrong) if said else _sentence(english)


def _missing(wrong: Any) -> str:
    kind = "选项" if wrong.param and wrong.param.param_type_name == "option" else "参数"
    return f"缺少{kind} {_hint(wrong)}"


def _no_option(wrong: Any) -> str:
    near = "、".join(sorted(wrong.possibilities or ()))
    return f"没有选项 {wrong.option_name}" + (f"（相近的有：{near}）" if near else "")


def _bad_value(wrong: Any) -> str:
    """Commands say themselves what is wrong, in the user's language; typer says it in English."""
    hint, what = _hint(wrong), _sentence(wrong.message.rstrip("."))
    return f"{hint} 的值无效：{what}" if hint else what


_CLASSES: dict[str, Callable[[Any], str]] = {
    "MissingParameter": _missing,
    "NoSuchOption": _no_option,
    "BadParameter": _bad_value,
}

# the sentences of other errors and of values: typer tells these apart by their words only
_SENTENCES = tuple(
    (re.compile(english), chinese)
    for english, chinese in (
        (r"Missing command", r"缺少命令"),
        (r"No such command '(.*)'\. Did you mean (.*)\?", r"没有命令 \1；相近的有：\2"),
        (r"No such command '(.*)'", r"没有命令 \1"),
        (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"多余的参数：\1"),
        (r"Option '(.*)' requires an argument", r"选项 \1 需要一个值"),
        (r"Option '(.*)' does not take a value", r"选项 \1 不带值"),
        (r"Input should be a valid integer.*|'.*' is not a valid int(?:eger)?", r"应为整数"),
        (r"Input should be a valid number.*|'.*' is not a valid float", r"应为数字"),
        (r"Input should be a valid date.*", r"应为日期，例如 2026-12-31"),
        (r"Input should be greater than or equal to (.*)", r"不得小于 \1"),
        (r"Input should be less than or equal to (.*)", r"不得大于 \1"),
        (r"Input should be greater than (.*)", r"应大于 \1"),
        (r"Input should be less than (.*)", r"应小于 \1"),
        (r"(.*) is not in the range (.*)", r"\1 不在范围 \2 内"),
        (r"(?:Value error, )?'(.*)' is not one of (.*)", r"“\1”不在可选值 \2 之内"),
        (r"(?:file|dir|path) '(.*)' does not exist", r"没有 \1"),
        (r"(?:file|dir|path) '(.*)' is a (?:file|directory)", r"\1 类型不符（文件或目录）"),
        (r"(?:file|dir|path) '(.*)' is not (?:readable|writable)", r"无权访问 \1"),
        (r"(?:Value error, )?'(.*)' does not match the formats? (.*)", r"“\1”不符合格式 \2"),
    )
)


def _sentence(english: str) -> str:
    """A known sentence in Chinese; any other as it is."""
    for pattern, chinese in _SENTENCES:
        if found := pattern.fullmatch(english):
            return found.expand(chinese)
    return english


def _hint(wrong: Any) -> str:
    """Which option or argument it is; "" when the error names none."""
    hint = wrong.param_hint or (wrong.param.get_error_hint() if wrong.param else "")
    parts = [hint] if isinstance(hint, str) else hint
    return " / ".join(parts).replace("'", "")
