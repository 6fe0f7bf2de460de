"""
A process map as a drawing: where each box, line and word stands. Pure; the template draws it.

       people │ bot        │ systems          executors are lanes, the bot's nearest to the
      ────────┼────────────┼─────────         systems; steps go down, in their order;
              │ [1 read ]╌╌╌╌╌[core]          a system stands beside the steps that use it
     [2 agree]│            │
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

BOT = "bot"
_FONT = 13.0  # pixels; console.css has the same
_LINE = 17.0
_LANE = 226.0
_BOX = 206.0
_SYSTEM = 112.0  # with one lane, all fit into 358 pixels
_PAD = 10.0
_NUMBER = 24.0  # what the step's number takes of a box
_BETWEEN = 22.0  # from box to box; the arrow stands there
_HEAD = 36.0


@dataclass(frozen=True)
class Words:
    """Lines of text: the first at (x, y), each next one a line lower."""

    x: float
    y: float
    lines: tuple[str, ...]
    step: float = _LINE


@dataclass(frozen=True)
class Box:
    """A rectangle with words; `number` is a step's, 0 for a system or a lane."""

    x: float
    y: float
    width: float
    height: float
    words: Words
    number: int = 0
    kind: str = ""  # bot, person


@dataclass(frozen=True)
class Drawing:
    """All of it; `arrows` and `links` are paths."""

    width: float
    height: float
    lanes: tuple[Box, ...]
    steps: tuple[Box, ...]
    systems: tuple[Box, ...]
    arrows: tuple[str, ...]
    links: tuple[str, ...]


def draw(
    steps: Sequence[Any],
    *,
    language: str,
    executor: Callable[[str], str],
    system: Callable[[str], str],
    is_narrow: bool = False,
) -> Drawing:
    """
    The drawing of the steps of a process map, in "en" or "zh".

    `executor` and `system` give the words for what the map names. A narrow one has no lanes:
    where a person does a step, its box says so.
    """
    lanes = [] if is_narrow else _lanes(steps)
    boxes = list(_boxes(steps, lanes, lambda step: _name(step, language, executor, is_narrow)))
    right = max(len(lanes), 1) * _LANE
    bottom = (boxes[-1].y + boxes[-1].height if boxes else _HEAD) + _PAD
    beside = list(_systems(steps, boxes, right + _PAD, system))
    return Drawing(
        width=right + (_SYSTEM + 2 * _PAD if beside else 0),
        height=bottom,
        lanes=tuple(_lane(n, executor(lane), bottom) for n, lane in enumerate(lanes)),
        steps=tuple(boxes),
        systems=tuple(box for box, _ in beside),
        arrows=tuple(_arrow(one, two) for one, two in zip(boxes, boxes[1:], strict=False)),
        links=tuple(_link(step, box) for box, users in beside for step in users),
    )


def _lanes(steps: Sequence[Any]) -> list[str]:
    found = list(dict.fromkeys(step.executor for step in steps))
    return [lane for lane in found if lane != BOT] + [lane for lane in found if lane == BOT]


def _lane(number: int, name: str, bottom: float) -> Box:
    x = number * _LANE
    words = Words(x + _LANE / 2, 22, tuple(wrapped(name, _LANE - 2 * _PAD)[:1]))
    return Box(x, 0, _LANE, bottom, words)


def _name(step: Any, language: str, executor: Callable[[str], str], says_who: bool) -> str:
    name: str = step.zh if language == "zh" else step.en
    if not says_who or step.executor == BOT:
        return name
    who = executor(step.executor)
    return f"{name}（{who}）" if language == "zh" else f"{name} ({who})"


def _boxes(
    steps: Sequence[Any], lanes: Sequence[str], name_of: Callable[[Any], str]
) -> Iterator[Box]:
    y = (_HEAD if lanes else 0) + _PAD
    for number, step in enumerate(steps, 1):
        x = (lanes.index(step.executor) if lanes else 0) * _LANE + (_LANE - _BOX) / 2
        lines = tuple(wrapped(name_of(step), _BOX - 2 * _PAD - _NUMBER))
        height = len(lines) * _LINE + 14
        kind = "bot" if step.executor == BOT else "person"
        words = Words(x + _PAD + _NUMBER, y + 7 + _FONT, lines)
        yield Box(x, y, _BOX, height, words, number, kind)
        y += height + _BETWEEN


def _systems(
    steps: Sequence[Any], boxes: Sequence[Box], x: float, title: Callable[[str], str]
) -> Iterator[tuple[Box, list[Box]]]:
    """A box for each stretch of steps that use one system, with the boxes of those steps."""
    stretch: list[Box] = []
    for number, (step, box) in enumerate(zip(steps, boxes, strict=True)):
        stretch.append(box)
        following = steps[number + 1] if number + 1 < len(steps) else None
        if following is not None and following.system == step.system:
            continue
        if step.system:
            yield _system(title(step.system), stretch, x), stretch
        stretch = []


def _system(name: str, users: Sequence[Box], x: float) -> Box:
    top, bottom = users[0].y, users[-1].y + users[-1].height
    lines = tuple(wrapped(name, _SYSTEM - 2 * _PAD))
    middle = (top + bottom) / 2 - (len(lines) - 1) * _LINE / 2 + _FONT / 3
    return Box(x, top, _SYSTEM, bottom - top, Words(x + _SYSTEM / 2, middle, lines))


def _arrow(one: Box, two: Box) -> str:
    x1, y1 = one.x + one.width / 2, one.y + one.height
    x2, y2 = two.x + two.width / 2, two.y - 2  # the head of the arrow ends at the box
    if x1 == x2:
        return f"M{x1:g} {y1:g}V{y2:g}"
    turn = y1 + _BETWEEN / 2 - 2
    return f"M{x1:g} {y1:g}V{turn:g}H{x2:g}V{y2:g}"


def _link(step: Box, system: Box) -> str:
    return f"M{step.x + step.width:g} {step.y + step.height / 2:g}H{system.x:g}"


def wrapped(text: str, width: float) -> list[str]:
    """`text` in lines that fit into `width` pixels: broken at spaces, Chinese anywhere."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _width(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


_CLOSING = "，。、；：！？）》”’"  # begin no line


def _pieces(text: str) -> Iterator[str]:
    """What may not be broken: a word with the space behind it, or one Chinese character."""
    word = ""
    for char in text:
        if _is_wide(char):
            if word and char in _CLOSING:
                word += char
                continue
            if word:
                yield word
            word = char
        elif word and _is_wide(word[-1]) and char != " ":
            yield word
            word = char
        else:
            word += char
            if char == " ":
                yield word
                word = ""
    if word:
        yield word


def _width(text: str) -> float:
    """About how wide the text is; a little more than fonts need."""
    return sum(_FONT if _is_wide(char) else _FONT * 0.56 for char in text)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
