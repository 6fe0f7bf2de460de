"""The picture of what was read: the page, boxes by role, and red where a line is not proven."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from clerkwork.errors import Refused
from clerkwork.read import draw_document, read_document

ROWS = [
    ("Date", "Description", "Debit", "Credit", "Balance"),
    ("2026-03-02", "Rent", "200.00", "", "800.00"),
    ("2026-03-05", "Salary", "", "50.00", "850.00"),
    ("2026-03-09", "Coffee", "10.00", "", "840.00"),
]
BROKEN = (207, 34, 46)  # the colour of a line that is not proven
PROVEN = (26, 127, 55)


def statement(path: Path, last: str) -> Path:
    """A page with three rows; the last balance as given."""
    canvas = Canvas(str(path), pagesize=(595, 842))
    canvas.drawString(50, 800, "Account: 12345678")
    canvas.drawString(50, 780, "Opening balance: 1,000.00")
    rows = [*ROWS[:-1], (*ROWS[-1][:-1], last)]
    for at, row in enumerate(rows):
        for x, text in zip((50, 150, 300, 380, 460), row, strict=True):
            canvas.drawString(x, 740 - 20 * at, text)
    canvas.save()
    return path


def colours_at_the_edge(picture: bytes) -> set[tuple[int, int, int]]:
    """The colours of the bars between the page and the panel."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    page = round(595 * 1.6)
    strip = image.crop((page - 9, 0, page - 3, image.height))
    return {colour for _, colour in strip.getcolors(1 << 16)} & {BROKEN, PROVEN}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_proven_statement_has_green_bars_only(tmp_path, language):
    """One for each line."""
    path = statement(tmp_path / "a.pdf", "840.00")

    assert read_document(path).is_proven
    assert {PROVEN} == colours_at_the_edge(draw_document(path, language=language))


def test_a_broken_link_is_framed_in_red_where_it_stands(tmp_path):
    """The frame goes around the words of the third row, and not of the first."""
    picture = draw_document(statement(tmp_path / "a.pdf", "830.00"))
    image = Image.open(BytesIO(picture)).convert("RGB")

    def is_framed(row: int) -> bool:
        y = round((842 - (740 - 20 * row) - 3) * 1.6)
        column = [image.getpixel((round(50 * 1.6) - 4, at)) for at in range(y - 12, y + 12)]
        return BROKEN in column

    assert [False, False, True] == [is_framed(row) for row in (1, 2, 3)]


def test_a_sheet_has_no_pages_to_draw(tmp_path):
    """The refusal says where its lines are named instead."""
    (tmp_path / "a.csv").write_text("Date,Description,Amount,Balance\n2026-03-02,Rent,1.00,1.00\n")

    with pytest.raises(Refused) as refused:
        draw_document(tmp_path / "a.csv")

    assert "PICTURE_OF_PAGES_ONLY" == refused.value.code
