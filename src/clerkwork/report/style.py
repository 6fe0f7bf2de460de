"""How the workbook looks: one face, thin lines, one quiet colour; prints on A4."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from clerkwork.report.words import Language, word

_FACES = {"en": "Calibri", "zh": "Microsoft YaHei"}
_GREY = Side(style="thin", color="BFC7D1")
_DARK = Side(style="medium", color="1F3A5F")
_BOX = Border(left=_GREY, right=_GREY, top=_GREY, bottom=_GREY)
_RULED = Border(left=_GREY, right=_GREY, top=_DARK, bottom=_DARK)
_NO_BORDER = Border()
INDENT = 3  # characters of a column's width that no text reaches


@dataclass(frozen=True, eq=False)  # told apart by identity: a Border takes long to hash
class Looks:
    """The looks of a cell; colours as RRGGBB."""

    size: int = 10
    bold: bool = False
    colour: str = "1B1F24"
    fill: str = ""
    border: Border = _NO_BORDER
    across: str = "left"
    wraps: bool = True


TITLE = Looks(size=16, bold=True, colour="1F3A5F", wraps=False)
NOTE = Looks(colour="55606E", wraps=False)
SIGNATURE = Looks(wraps=False)
FORM_TITLE = Looks(size=14, bold=True, across="center")
HEAD = Looks(bold=True, colour="FFFFFF", fill="1F3A5F", border=_BOX, across="center")
BODY = Looks(border=_BOX)
FIGURE = Looks(border=_BOX, across="right", wraps=False)
SECTION = Looks(bold=True, fill="E8EDF3", border=_BOX)
SECTION_FIGURE = Looks(bold=True, fill="E8EDF3", border=_BOX, across="right", wraps=False)
TOTAL = Looks(bold=True, border=_RULED)
TOTAL_FIGURE = Looks(bold=True, border=_RULED, across="right", wraps=False)
GOOD = Looks(bold=True, colour="1B5E2B", fill="E3F1E6", border=_BOX, across="center")
BAD = Looks(bold=True, colour="9B1C13", fill="FBE3E1", border=_BOX, across="center")


# openpyxl makes and hashes four objects for each styled cell; a workbook has few looks
_MADE: WeakKeyDictionary[Workbook, dict[tuple[Looks, Language], StyleArray]] = WeakKeyDictionary()


def dress(cell: Any, looks: Looks, language: Language) -> None:
    """Give the Cell `cell` its looks; what kind of value it holds (its number format) stays."""
    made = _MADE.setdefault(cell.parent.parent, {})
    if (looks, language) not in made:
        _dress(cell, looks, language)
        made[looks, language] = copy(cell._style)
        return
    before = cell._style or StyleArray()
    kind, is_quoted = before.numFmtId, before.quotePrefix
    cell._style = copy(made[looks, language])
    cell._style.numFmtId, cell._style.quotePrefix = kind, is_quoted


def _dress(cell: Cell, looks: Looks, language: Language) -> None:
    cell.font = Font(name=_FACES[language], size=looks.size, bold=looks.bold, color=looks.colour)
    cell.border = looks.border
    cell.alignment = Alignment(
        horizontal=looks.across,
        vertical="center",
        wrap_text=looks.wraps,
        indent=1 if looks.border is not _NO_BORDER and looks.across != "center" else 0,
    )
    if looks.fill:
        cell.fill = PatternFill("solid", fgColor=looks.fill)


def set_up_print(sheet: Worksheet, title: str, language: Language) -> None:
    """A4 across, one page wide, title and page number at the foot."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4 (ECMA-376 part 1, 18.3.1.63)
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top, sheet.page_margins.bottom = 0.6, 0.9
    footer = sheet.oddFooter
    assert footer is not None and footer.left is not None and footer.right is not None
    footer.left.text = title.replace("&", "&&")
    footer.right.text = word("page", language)


def columns_wide(text: str) -> int:
    """How many columns `text` takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def height_of(lengths: Sequence[int], widths: Sequence[int]) -> float:
    """The height in points of a row: texts of `lengths` wrap in columns of `widths`."""
    rooms = [width - INDENT for width in widths]
    # a word that does not fit leaves the end of its line empty
    lines = [
        1 if length <= room else -(-length * 6 // (room * 5))
        for length, room in zip(lengths, rooms, strict=True)
    ]
    return 16.0 + 13.0 * (max(lines, default=1) - 1)
