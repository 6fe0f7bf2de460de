"""What is wrong with a manifest, said in both languages as its author would put it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

Words = tuple[str, str]  # English, Chinese
_UNIONS = (Union, UnionType)

# What a value must be, by the beginning of pydantic's name for the error.
_WANTED: tuple[tuple[str, Words], ...] = (
    ("string_pattern_mismatch", ("written as {pattern}", "符合 {pattern} 的文字")),
    ("string", ("a text in quotes", "加引号的文字")),
    ("tuple", ("a list in brackets, such as [\"...\"]", "方括号列表，例如 [\"...\"]")),
    ("model", ("a table", "表")),
    ("dict", ("a table", "表")),
    ("bool", ("true or false", " true 或 false")),
    ("int", ("a whole number", "整数")),
    ("float", ("a number", "数字")),
    ("finite_number", ("a number", "数字")),
    ("time", ("a time, such as \"01:30\"", "时刻，例如 \"01:30\"")),
    ("date", ("a day, such as 2026-12-31", "日期，例如 2026-12-31")),
    ("greater_than_equal", ("{ge} or more", "不小于 {ge} 的数")),
    ("greater_than", ("more than {gt}", "大于 {gt} 的数")),
    ("less_than_equal", ("{le} or less", "不大于 {le} 的数")),
    ("less_than", ("less than {lt}", "小于 {lt} 的数")),
    ("too_short", ("a list of {min_length} or more", "至少 {min_length} 项的列表")),
)  # fmt: skip


def first_wrong(model: type[BaseModel], wrong: ValidationError) -> tuple[str, Words]:
    """
    The key that is wrong and what is wrong with it; "" for the key where it is several.

    A key that there is not comes before one that is missing: it is that one, misspelt.
    """
    errors: Sequence[Any] = wrong.errors()
    first = min(errors, key=lambda error: error["type"] != "extra_forbidden")
    place, _ = _place(model, first["loc"])
    same = [error for error in errors if _place(model, error["loc"])[0] == place]
    return place, _words(model, first, same)


def _words(model: type[BaseModel], first: Any, same: Sequence[Any]) -> Words:
    if first["type"] == "extra_forbidden":
        return _no_such_key(first["loc"][-1], _place(model, first["loc"])[1])
    if first["type"] == "missing":
        return "this key is missing", "缺少此键"
    facts: Mapping[str, Any] = first.get("ctx", {})
    if first["type"] == "value_error":
        said = facts["error"]
        return str(said), getattr(said, "zh", str(said))
    wanted = list(dict.fromkeys(_wanted(error) for error in same))  # the members of a union
    if None in wanted:
        return first["msg"], first["msg"]
    found = [words for words in wanted if words]
    en, zh = (list(dict.fromkeys(each)) for each in zip(*found, strict=True))
    return f"must be {', or '.join(en)}", f"应为{'，或'.join(zh)}"


def _wanted(error: Any) -> Words | None:
    """What the value must be; None where pydantic's own words are all there is."""
    facts: Mapping[str, Any] = error.get("ctx", {})
    if error["type"] == "literal_error":
        names = str(facts["expected"]).replace(" or ", ", ").split(", ")
        quoted = [f"“{name[1:-1]}”" if name[0] == "'" else name for name in names]
        return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[1:] else quoted), (
            "、".join(quoted[:-1]) + f" 或 {quoted[-1]}" if quoted[1:] else quoted[0]
        )
    for begins, (en, zh) in _WANTED:
        if str(error["type"]).startswith(begins):
            return en.format(**facts), zh.format(**facts)
    return None


def _no_such_key(name: object, names: Sequence[str]) -> Words:
    near = get_close_matches(str(name), names, n=1)
    if near:
        return f"there is no such key; did you mean “{near[0]}”?", f"没有此键；是否为“{near[0]}”？"
    known = ", ".join(names) or "-"
    return f"there is no such key; there are: {known}", f"没有此键；可用：{known}"


def _place(model: type[BaseModel], loc: Sequence[int | str]) -> tuple[str, list[str]]:
    """
    The key at `loc` as its author writes it, and the keys of the table it stands in.

    Pydantic names the member of a union too ("not_before.date"): that is no key.
    """
    at: Any = model
    parts: list[str] = []
    names: list[str] = []
    for part in loc:
        if _is_union(at):
            break
        names = [field.alias or name for name, field in _fields(at)]
        parts.append(str(part))
        at = _inside(at, part)
    return ".".join(parts), names


def _fields(at: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(at, type) and issubclass(at, BaseModel):
        yield from at.model_fields.items()


def _inside(at: Any, part: int | str) -> Any:
    """The type of what stands at `part` in a value of type `at`; None where there is none."""
    for name, field in _fields(at):
        if part in (name, field.alias):
            return _plain(field.annotation)
    arguments = get_args(at)
    if get_origin(at) is dict:
        return _plain(arguments[1])
    if get_origin(at) is tuple:
        index = part if isinstance(part, int) and Ellipsis not in arguments else 0
        return _plain(arguments[index]) if index < len(arguments) else None
    return None


def _plain(hint: Any) -> Any:
    """A type without what was noted on it, and without its None."""
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    if get_origin(hint) in _UNIONS:
        members = [each for each in get_args(hint) if each is not type(None)]
        return _plain(members[0]) if len(members) == 1 else hint
    return hint


def _is_union(at: Any) -> bool:
    return get_origin(at) in _UNIONS
