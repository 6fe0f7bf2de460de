"""What a picture of windows must not show, blackened as far as it can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Place = tuple[int, int, int, int]  # left, top, width, height on the screen


@dataclass(frozen=True)
class Layer:
    """A window: what the program draws, and the same with the title bar around it."""

    client: Place
    frame: Place


@dataclass(frozen=True)
class Box:
    """An element that must not be seen, and its window."""

    place: Place
    window: Place


def blacken(picture: Any, boxes: Sequence[Box], layers: Sequence[Layer]) -> None:
    """
    Make every box black in a picture of the screen (PIL), but where a window lies over it.

    `layers` are all that is on the screen, the lowest first; without them, or for a window
    that is not told from another one, the box lies over everything.
    """
    from PIL import ImageDraw

    drawn = ImageDraw.Draw(picture)
    seen = picture.copy()
    owners = [_layer_of(box.window, layers) for box in boxes]
    for number, layer in enumerate(layers):
        left, top, width, height = layer.frame
        picture.paste(seen.crop((left, top, left + width, top + height)), (left, top))
        _draw(drawn, [box for box, owner in zip(boxes, owners, strict=True) if owner == number])
    _draw(drawn, [box for box, owner in zip(boxes, owners, strict=True) if owner is None])


def _layer_of(window: Place, layers: Sequence[Layer]) -> int | None:
    """The one layer that is this window; toolkits differ in whether the title bar counts."""
    found = [at for at, layer in enumerate(layers) if window in (layer.client, layer.frame)]
    return found[0] if len(found) == 1 else None


def _draw(drawn: Any, boxes: Sequence[Box]) -> None:
    for left, top, width, height in (box.place for box in boxes):
        drawn.rectangle((left, top, left + width, top + height), fill="black")
