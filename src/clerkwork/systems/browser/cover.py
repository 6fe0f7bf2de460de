"""Card numbers and resident ids in a picture of a page: covered but for their ends."""

from __future__ import annotations

import io
from pathlib import Path

from playwright.sync_api import Frame

from clerkwork.systems.masking import has_personal_number, split_over

SCRIPT = (Path(__file__).parent / "numbers.js").read_text(encoding="utf-8")
Box = tuple[float, float, float, float]  # left, top, width, height


def personal_boxes(frame: Frame) -> list[Box]:
    """What is to be covered in a frame, in CSS pixels of its window."""
    seen = frame.evaluate(SCRIPT)
    boxes: list[Box] = [
        (x, y, width, height)
        for found in seen["numbers"]
        if has_personal_number(found["text"])
        for x, y, width, height in found["boxes"]
    ]
    for row in seen["rows"]:  # a number split over fields side by side: all of these fields
        split = split_over([text for text, _ in row])
        boxes += [tuple(box) for at, (_, box) in enumerate(row) if at in split]
    if not (boxes and frame.parent_frame):
        return boxes
    place = frame.frame_element().bounding_box()  # within the whole page, however nested
    if place is None:
        return []  # the frame is not shown
    return [(place["x"] + x, place["y"] + y, width, height) for x, y, width, height in boxes]


def covered_picture(png: bytes, boxes: list[Box]) -> bytes:
    """The picture with every box black."""
    from PIL import Image, ImageDraw

    image = Image.open(io.BytesIO(png)).convert("RGB")
    pen = ImageDraw.Draw(image)
    for left, top, width, height in boxes:
        pen.rectangle((left - 1, top - 1, left + width + 1, top + height + 1), fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
