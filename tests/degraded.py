"""Pages as a bad scanner gives them: turned a little, soft, grey, noisy, packed hard."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
from PIL import Image
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

registerFont(UnicodeCIDFont("STSong-Light"))


@dataclass(frozen=True)
class Scanner:
    """How bad it is; the default is a poor office scanner at 150 dpi."""

    dpi: int = 150
    skew: float = 1.0  # degrees
    blur: float = 0.7  # px
    noise: float = 8.0  # of 255
    contrast: float = 0.75
    quality: int = 40  # of JPEG
    turn: int = 0  # quarter turns

    def scan(self, pdf: Path, to: Path, *, pages: Sequence[int] | None = None) -> Path:
        """The pages (from 0) of a PDF as pictures in another one."""
        document = pypdfium2.PdfDocument(pdf)
        rng = np.random.default_rng(755)
        pictures = [
            self._picture(document[number], rng, 1 if at % 2 else -1)
            for at, number in enumerate(pages if pages is not None else range(len(document)))
        ]
        document.close()
        first, *others = pictures
        first.save(to, save_all=True, append_images=others, resolution=self.dpi)
        return to

    def _picture(self, page: Any, rng: Any, side: int) -> Image.Image:
        bitmap = page.render(scale=self.dpi / 72, grayscale=True)
        grey = bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()
        middle = (bitmap.width / 2, bitmap.height / 2)
        turn = cv2.getRotationMatrix2D(middle, self.skew * side, 1)
        grey = cv2.warpAffine(grey, turn, (bitmap.width, bitmap.height), borderValue=(255,))
        grey = cv2.GaussianBlur(grey, (0, 0), self.blur).astype(np.float32)
        grey = 255 * (1 - self.contrast) * 0.8 + grey * self.contrast
        grey = np.clip(grey + rng.normal(0, self.noise, grey.shape), 0, 255).astype(np.uint8)
        packed = io.BytesIO()
        Image.fromarray(np.rot90(grey, self.turn)).save(packed, "JPEG", quality=self.quality)
        return Image.open(packed)


ENGLISH = (
    ("Account number: 40817281", "Currency: USD", "Period: 01/06/2026 - 30/06/2026"),
    ("Date", "Description", "Debit", "Credit", "Balance"),
    ("Opening balance", "Closing balance"),
    ("Payment to Harbour Foods", "Transfer from Delta Optics", "Monthly fee", "Invoice 50231"),
    "%d/%m/%Y",
)
CHINESE = (
    ("账号：6230580000012345", "币种：CNY", "对账期间：2026-06-01 - 2026-06-30"),
    ("日期", "摘要", "借方发生额", "贷方发生额", "余额"),
    ("期初余额", "期末余额"),
    ("货款 青岛胶州湾水产公司", "跨行汇入 珠海横琴贸易有限公司", "手续费", "代付货款"),
    "%Y-%m-%d",
)


def statement_pdf(
    path: Path, words: Any, rows: Sequence[Any], *, opening: Any, tall: int = 842
) -> Path:
    """
    A statement with `rows` of (date, amount) and a running balance, on pages as wide as A4.

    `words` is ENGLISH or CHINESE.
    """
    titles, heads, (first, last), texts, day = words
    canvas = Canvas(str(path), pagesize=(595, tall))
    balance = opening
    for start in range(0, len(rows), 36):
        y = tall - 42.0
        for title in titles if start == 0 else ():
            y = _line(canvas, y, [title])
        y = _line(canvas, y - 10, heads)
        if start == 0:
            y = _line(canvas, y, ["", first, "", "", f"{opening:,.2f}"])
        for at, (on, amount) in enumerate(rows[start : start + 36]):
            balance += amount
            sides = [f"{-amount:,.2f}", ""] if amount < 0 else ["", f"{amount:,.2f}"]
            text = texts[(start + at) % len(texts)]
            y = _line(canvas, y, [on.strftime(day), text, *sides, f"{balance:,.2f}"])
        if start + 36 >= len(rows):
            _line(canvas, y, ["", last, "", "", f"{balance:,.2f}"])
        canvas.showPage()
    canvas.save()
    return path


def _line(canvas: Canvas, y: float, cells: Sequence[str]) -> float:
    """Draw one line; gives where the next one stands."""
    canvas.setFont("STSong-Light" if not "".join(cells).isascii() else "Helvetica", 9)
    canvas.drawString(50, y, cells[0])
    if len(cells) > 1:
        canvas.drawString(130, y, cells[1])
    for right, text in zip((380, 460, 550), cells[2:], strict=False):
        canvas.drawRightString(right, y, text)
    return y - 19
