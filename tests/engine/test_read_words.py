"""Words and their places, by class of page: both engines see the same, or why they do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from clerkwork.read import plumber
from clerkwork.read.words import pdf_pages

ROWS = [
    ("2026-03-02", "Rent Mill Lane", "200.00", "800.00"),
    ("2026-03-05", "Salary", "50.00", "850.00"),
]
COLUMNS = (60, 160, 330, 430)
WIDTH, HEIGHT = 595, 842


def rows(canvas: Canvas, *, font: str = "Helvetica", text: str = "") -> None:
    """Two lines of a statement, 20 points apart."""
    canvas.setFont(font, 10)
    for at, row in enumerate(ROWS):
        for x, cell in zip(COLUMNS, row, strict=True):
            canvas.drawString(x, 700 - 20 * at, text if text and x == 160 else cell)


def plain(canvas: Canvas) -> None:
    """Text and nothing else."""
    rows(canvas)


def ruled(canvas: Canvas) -> None:
    """A grid around every cell."""
    rows(canvas)
    canvas.grid([50, 150, 320, 420, 500], [675, 695, 715])


def rotated(canvas: Canvas) -> None:
    """A page that is turned when it is shown, with text that is upright then."""
    canvas.setPageRotation(90)
    canvas.rotate(90)
    canvas.translate(100, -WIDTH - 200)
    rows(canvas)


def in_a_form(canvas: Canvas) -> None:
    """The text stands in a form XObject that the page calls."""
    canvas.beginForm("statement")
    rows(canvas)
    canvas.endForm()
    canvas.doForm("statement")


def chinese(canvas: Canvas) -> None:
    """A Chinese font that is not embedded."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows(canvas, font="STSong-Light", text="转账汇款")


def beside_the_page(canvas: Canvas) -> None:
    """Text beside the page, which nobody sees, as well."""
    rows(canvas)
    canvas.drawString(WIDTH + 40, 700, "hidden")


CLASSES = [plain, ruled, rotated, in_a_form, chinese, beside_the_page]


def drawn(folder: Path, draw: Callable[[Canvas], None]) -> Path:
    """A page of that class."""
    path = folder / "page.pdf"
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return path


def words(pages) -> list[tuple[str, int, int]]:
    """Text, left end and height on the page, in points."""
    return sorted(
        (word.text, round(word.x0), round(word.y)) for page in pages for word in page.words
    )


@pytest.mark.parametrize("draw", CLASSES, ids=lambda each: each.__name__)
def test_both_engines_see_the_same_words_at_the_same_places(tmp_path, draw):
    """To three points; what nobody sees is in neither."""
    path = drawn(tmp_path, draw)
    fast, slow = words(pdf_pages(path)), words(plumber.pdf_pages(path))

    assert [text for text, _, _ in fast] == [text for text, _, _ in slow]
    assert all(
        abs(one[1] - other[1]) <= 3 and abs(one[2] - other[2]) <= 3
        for one, other in zip(fast, slow, strict=True)
    )


def test_the_words_of_a_page_are_those_that_were_drawn(tmp_path):
    """At the places where they were drawn: the left end, and the middle of the line."""
    found = words(pdf_pages(drawn(tmp_path, plain)))

    assert sorted(word for row in ROWS for cell in row for word in cell.split()) == [
        text for text, _, _ in found
    ]
    assert ("2026-03-02", 60) in [each[:2] for each in found]


def test_cells_that_touch_are_told_apart_by_the_fast_engine_alone(tmp_path):
    """A cell printed over the end of the one before it: the slow engine reads one word."""

    def overlapping(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 700, "Grocery Shopping")
        canvas.drawString(136, 700, "450.00")

    path = drawn(tmp_path, overlapping)

    assert ["450.00", "Grocery", "Shopping"] == [text for text, _, _ in words(pdf_pages(path))]
    assert ["Grocery", "Shopping450.00"] == [text for text, _, _ in words(plumber.pdf_pages(path))]


def test_a_note_across_the_page_is_no_word(tmp_path):
    """A watermark, a note on the margin."""

    def slanted(canvas: Canvas) -> None:
        rows(canvas)
        canvas.translate(100, 400)
        canvas.rotate(45)
        canvas.drawString(0, 0, "SPECIMEN")

    assert "SPECIMEN" not in [text for text, _, _ in words(pdf_pages(drawn(tmp_path, slanted)))]
