"""
Pages with what was read drawn on them, and why a line is not proven beside it.

    | role boxes on the page          | panel        |
    | [date] [text]   [debit] [bal.]  | v            |   a line that a link proves
    | [date] [text]   [debit] [bal.]--| ! 800 and .. |   a line that breaks the chain
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from clerkwork.errors import Refused
from clerkwork.facts import Entries, Statement
from clerkwork.read.draft import Seen
from clerkwork.read.vocabulary import WRITING
from clerkwork.read.words import Word

_SCALE = 1.6  # pixels a point: 115 dpi
_PANEL = 460  # pixels beside the page for what is said of its lines
_BESIDE = 110  # pixels shown above and below a line: some four lines
_MOST_PAGES = 6  # in one picture: those with something to say first
_PLACE = re.compile(r"(?:p(\d+)(?: r(\d+))?|第(\d+)页(?:第(\d+)行)?)\s*[:：]?\s*(.*)", re.DOTALL)
_COLOURS = {
    "date": "#1f6feb", "text": "#6e7781", "debit": "#cf222e", "credit": "#1a7f37",
    "amount": "#0a7ea4", "balance": "#8250df", "other": "#9a6700", "head": "#57606a",
    "mark": "#8250df", "stray": "#cf222e",
}  # fmt: skip
_GROUPS = {"booked": "date", "value_date": "date", "time": "date", "flag": "other"}
_NAMES = {
    "date": ("date", "日期"), "text": ("text", "文字"), "debit": ("debit", "借方"),
    "credit": ("credit", "贷方"), "amount": ("amount", "金额"), "balance": ("balance", "余额"),
    "other": ("direction", "借贷标志"),
    "mark": ("balance or total by its label", "按标签识别的余额、合计"),
}  # fmt: skip
_PROVEN, _NOTED, _BROKEN = "#1a7f37", "#9a6700", "#cf222e"
_BARS = {_PROVEN: ("proven line", "已校验的明细"), _BROKEN: ("line not proven", "未校验的明细")}
_FONTS = (
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "wqy-zenhei.ttc", "msyh.ttc",
    "PingFang.ttc", "STHeiti Light.ttc", "DejaVuSans.ttf",
)  # fmt: skip


def picture_of(
    path: Path, seen: Sequence[Seen], statements: Iterable[Statement], language: str
) -> bytes:
    """A PNG of the pages that have lines to look at (else the first ones), one below the other."""
    from PIL import Image

    proofs, notes = _proofs(statements), _notes(statements)
    troubled = sorted({page for page, _ in notes if page})
    others = sorted({line.page for line in seen} - set(troubled))
    pages = sorted([*troubled, *others][:_MOST_PAGES]) or [1]
    drawn = [
        _draw_page(path, page, [s for s in seen if s.page == page], proofs, notes, language)
        for page in pages
    ]
    width, height = max(each.width for each in drawn), sum(each.height + 12 for each in drawn)
    whole = Image.new("RGB", (width, height), "#8c959f")
    top = 0
    for each in drawn:
        whole.paste(each, (0, top))
        top += each.height + 12
    content = BytesIO()
    whole.save(content, "PNG", optimize=True)
    return content.getvalue()


def line_of(path: Path, seen: Sequence[Seen], page: int, row: int) -> bytes:
    """
    A PNG of a page, as wide as it is, around the line that was read as `row` of it.

    Raises Refused LINE_UNKNOWN.
    """
    from PIL import Image, ImageDraw
    from pypdfium2 import PdfDocument

    mine = [line for line in seen if (line.page, line.row) == (page, row)]
    if not mine:
        raise Refused("LINE_UNKNOWN", page=page, row=row)
    document = PdfDocument(path)
    try:
        drawn = document[page - 1].render(scale=_SCALE).to_pil().convert("RGB")
    finally:
        document.close()
    left, top, right, bottom = _around([word for line in mine for word in line.line.words])
    pen = ImageDraw.Draw(drawn, "RGBA")
    frame = (left - 3, top - 2, right + 3, bottom + 2)
    pen.rectangle(frame, outline=_BROKEN, fill=f"{_NOTED}22", width=2)
    upper, lower = max(0, int(top) - _BESIDE), min(drawn.height, int(bottom) + _BESIDE)
    content = BytesIO()
    part: Image.Image = drawn.crop((0, upper, drawn.width, lower))
    part.save(content, "PNG", optimize=True)
    return content.getvalue()


def _proofs(statements: Iterable[Statement]) -> dict[tuple[int, int], str]:
    """(page, row) -> how far the entry there is proven."""
    found = {}
    for statement in statements:
        for page, row, proof in Entries.of(statement.entries).values("page", "row", "proof"):
            found[page, row] = proof
    return found


def _notes(statements: Iterable[Statement]) -> dict[tuple[int, int], list[str]]:
    """(page, row) -> what is said of it; row 0 of the whole page, page 0 of the document."""
    found: dict[tuple[int, int], list[str]] = {}
    for statement in statements:
        for problem in statement.proof.problems:
            place = _PLACE.fullmatch(problem)
            page, row, text = 0, 0, problem
            if place:
                page, row = (int(place[a] or place[b] or 0) for a, b in ((1, 3), (2, 4)))
                text = place[5]
            found.setdefault((page, row), []).append(text)
    return found


def _draw_page(
    path: Path,
    number: int,
    seen: Sequence[Seen],
    proofs: dict[tuple[int, int], str],
    notes: dict[tuple[int, int], list[str]],
    language: str,
) -> Any:
    """One page with its boxes and its panel."""
    from PIL import Image, ImageDraw
    from pypdfium2 import PdfDocument

    document = PdfDocument(path)
    try:
        page = document[number - 1].render(scale=_SCALE).to_pil().convert("RGB")
    finally:
        document.close()
    canvas = Image.new("RGB", (page.width + _PANEL, page.height), "white")
    canvas.paste(page, (0, 0))
    pen = ImageDraw.Draw(canvas, "RGBA")
    font = _font(language)
    for line in seen:
        for role, words in _boxes(line):
            pen.rectangle(_around(words), outline=_COLOURS[role], fill=f"{_COLOURS[role]}22")
    x, y = page.width + 14.0, 10.0
    pen.line((page.width, 0, page.width, page.height), fill="#d0d7de", width=2)
    y = _legend(pen, x, y, number, font, language)
    for text in [*notes.get((0, 0), []), *notes.get((number, 0), [])]:
        y = _say(pen, x, y, f"! {text}", font, _NOTED)
    done = set()
    for line in seen:
        key = line.page, line.row
        if not line.row or key in done:
            continue
        done.add(key)
        at = line.line.y * _SCALE
        is_proven = proofs.get(key, "none") != "none"
        if line.what == "row":
            bar = (page.width - 9, at - 6, page.width - 3, at + 6)
            pen.rectangle(bar, fill=_PROVEN if is_proven else _BROKEN)
        if key in notes:
            colour = _NOTED if is_proven else _BROKEN
            y = _point(pen, page.width, max(y, at - 8), line, notes[key], font, colour)
    return canvas


def _boxes(line: Seen) -> list[tuple[str, list[Word]]]:
    """The words of a line by what they were taken for."""
    if line.what == "row" and line.columns is not None:
        cells = zip(line.columns.roles, line.columns.cells(line.line), strict=True)
        groups = [(_group(role), words) for role, words in cells if words]
        return [
            (role, [word for _, words in run for word in words])
            for role, run in groupby(groups, key=lambda group: group[0])
        ]
    what = line.what if line.what in ("head", "stray") else "mark"
    return [(what, line.line.words)]


def _group(role: str) -> str:
    """Roles that are drawn alike."""
    if role in _GROUPS:
        return _GROUPS[role]
    return role if role in _COLOURS and role not in WRITING else "text"


def _around(words: Sequence[Word]) -> tuple[float, float, float, float]:
    return (
        min(word.x0 for word in words) * _SCALE - 2,
        min(word.y - word.height / 2 for word in words) * _SCALE - 1,
        max(word.x1 for word in words) * _SCALE + 2,
        max(word.y + word.height / 2 for word in words) * _SCALE + 1,
    )


def _legend(pen: Any, x: float, y: float, number: int, font: Any, language: str) -> float:
    """The page's number and what each colour means."""
    at = language == "zh"
    pen.text((x, y), f"第 {number} 页" if at else f"page {number}", font=font, fill="#24292f")
    y += 22
    for role, names in _NAMES.items():
        colour = _COLOURS[role]
        pen.rectangle((x, y + 3, x + 14, y + 15), outline=colour, fill=f"{colour}22")
        pen.text((x + 20, y), names[at], font=font, fill="#24292f")
        y += 18
    for colour, names in _BARS.items():
        pen.rectangle((x + 4, y + 3, x + 10, y + 15), fill=colour)
        pen.text((x + 20, y), names[at], font=font, fill="#24292f")
        y += 18
    return y + 10


def _point(
    pen: Any, edge: float, y: float, line: Seen, texts: Sequence[str], font: Any, colour: str
) -> float:
    """A frame around the line, a stroke to the panel, and what is said of it there."""
    left, top, right, bottom = _around(line.line.words)
    pen.rectangle((left - 3, top - 2, right + 3, bottom + 2), outline=colour, width=3)
    pen.line((right + 3, (top + bottom) / 2, edge + 10, y + 8), fill=colour, width=2)
    for text in texts:
        y = _say(pen, edge + 14, y, f"! {text}", font, colour)
    return y + 4


def _say(pen: Any, x: float, y: float, text: str, font: Any, colour: str) -> float:
    """Text broken to the panel's width; where the next line begins."""
    line = ""
    for part in re.findall(r"[\x21-\x7e“”]+ ?|\s|.", text):
        if pen.textlength(line + part, font=font) > _PANEL - 30:
            pen.text((x, y), line, font=font, fill=colour)
            y, line = y + 18, ""
        line += part
    pen.text((x, y), line, font=font, fill=colour)
    return y + 20


def _font(language: str) -> Any:
    from PIL import ImageFont

    for name in _FONTS if language == "zh" else ("DejaVuSans.ttf", *_FONTS):
        try:
            return ImageFont.truetype(name, 13)
        except OSError:
            continue
    return ImageFont.load_default(13)
