"""
Pages that are pictures, read by OCR (extra `ocr`): 200 dpi, straightened, words with places.

    picture -> grey, upright, straight -> lines of text, a box for each character -> words

The models lie inside the installed package and are named by their path, so nothing is
looked for, downloaded, reported or written at run time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import util
from pathlib import Path
from typing import Any, NamedTuple

from clerkwork.errors import Refused
from clerkwork.read.misread import cleaned
from clerkwork.read.words import Page, Word

_DPI = 200
_LONGEST_PX = 2400  # A4 and Letter at 200 dpi; a larger page is read smaller
_LONGEST_PT = 842  # A4: how long a picture without a size is taken to be
_MOST_PIXELS = 100_000_000  # of a picture file: A4 at 600 dpi has 35 million
_STEEPEST = 3.0  # degrees of skew that are looked for
_THREADS = 2
_BOX_TO_WORD = 0.8  # a box stands a little off its text; this much of its height is text
_READABLE = 0.8  # mean certainty of text that stands upright; upside down it is about 0.7

_FAINTEST = 20  # of 255: what stands out less from the paper is no ink


def is_installed() -> bool:
    """Whether the extra `ocr` is there."""
    return all(util.find_spec(name) for name in ("cv2", "numpy", "onnxruntime", "rapidocr"))


def _check_installed() -> None:
    """Raise Refused OCR_NOT_INSTALLED before anything of the extra is imported."""
    if not is_installed():
        raise Refused("OCR_NOT_INSTALLED")


def pdf_page(path: Path, number: int) -> Page:
    """Page `number` (from 1) of a PDF, by OCR. Raises Refused OCR_NOT_INSTALLED."""
    import pypdfium2

    _check_installed()
    document = pypdfium2.PdfDocument(path)
    try:
        page = document[number - 1]
        scale = min(_DPI / 72, _LONGEST_PX / max(page.get_size()))
        bitmap = page.render(scale=scale, grayscale=True)
        grey = bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()
    finally:
        document.close()
    return page_of(grey, number, points_per_px=1 / scale)


def picture_count(path: Path) -> int:
    """How many pages a PNG, JPEG or TIFF file has. Raises Refused DOCUMENT_BROKEN."""
    with _opened(path) as picture:
        return int(getattr(picture, "n_frames", 1))


def picture_pages(path: Path) -> Iterator[Page]:
    """
    The pages of a PNG, JPEG or TIFF file, by OCR.

    Raises Refused DOCUMENT_BROKEN, OCR_NOT_INSTALLED.
    """
    _check_installed()
    import numpy
    from PIL import ImageOps

    for at in range(picture_count(path)):
        with _opened(path) as picture:
            try:
                picture.seek(at)
                grey = ImageOps.exif_transpose(picture).convert("L")
            except (OSError, SyntaxError, ValueError) as failed:
                raise Refused("DOCUMENT_BROKEN", where=f"p{at + 1}", detail=str(failed)) from None
        grey.thumbnail((_LONGEST_PX, _LONGEST_PX))
        points = _LONGEST_PT / max(grey.size)
        yield page_of(numpy.asarray(grey), at + 1, points_per_px=points)


def _opened(path: Path) -> Any:
    """The picture with only its head read; one that unpacks to too much is refused."""
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=("PNG", "JPEG", "TIFF"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Refused("DOCUMENT_BROKEN", detail="not a picture") from None
    if picture.width * picture.height > _MOST_PIXELS:
        picture.close()
        raise Refused("DOCUMENT_TOO_COSTLY", limit=f"{_MOST_PIXELS} px")
    return picture


class _Found(NamedTuple):
    """What OCR found: how certain it is on the mean, and whether lines run up or down."""

    certainty: float
    is_sideways: bool
    words: list[Word]


def page_of(grey: Any, number: int, *, points_per_px: float) -> Page:
    """A grey picture of a page as words; of the ways to turn it the one that is readable."""
    words: list[Word] = []
    if _small(grey).max() > _FAINTEST:
        best = _read(_straight(grey), points_per_px)
        if best.words and (best.is_sideways or best.certainty < _READABLE):
            for turn in (1, 3) if best.is_sideways else (2,):
                found = _read(_straight(_turned(grey, turn)), points_per_px)
                best = max(best, found, key=lambda each: (not each.is_sideways, each.certainty))
                if best is found and best.certainty > _READABLE:
                    break
        words = best.words
    return Page(number, words, has_picture=True, is_scan=True)


def _turned(grey: Any, turn: int) -> Any:
    import numpy

    return numpy.ascontiguousarray(numpy.rot90(grey, turn))


def _small(grey: Any) -> Any:
    """Ink above zero, at a quarter of the size or less, without the shade of the paper."""
    import cv2

    side = max(grey.shape)
    ink = 255 - cv2.resize(grey, None, fx=800 / side, fy=800 / side, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(ink, 31)
    return cv2.subtract(ink, paper)


def _stripes(ink: Any) -> float:
    """How much the rows of a picture differ: the most when its lines of text lie level."""
    rows = ink.sum(axis=1, dtype="float64") / ink.shape[1]
    return float((abs(rows[1:] - rows[:-1]) ** 2).mean())


def _straight(grey: Any) -> Any:
    """The page with its skew taken out, to a tenth of a degree and a half."""
    import numpy

    ink = _small(grey)
    coarse = max(numpy.arange(-_STEEPEST, _STEEPEST + 0.1, 0.5), key=lambda a: _level(ink, a))
    fine = max(coarse + numpy.arange(-0.4, 0.41, 0.1), key=lambda a: _level(ink, a))
    return _rotated(grey, float(fine), paper=255) if abs(fine) > 0.05 else grey


def _level(ink: Any, degrees: float) -> float:
    return _stripes(_rotated(ink, float(degrees), paper=0))


def _rotated(picture: Any, degrees: float, *, paper: int) -> Any:
    import cv2

    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(
        picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(paper,)
    )


@lru_cache(maxsize=1)
def _engine() -> Any:
    """The OCR engine."""
    # onnxruntime reports its use to its maker, and keeps what it reports in the home folder,
    # unless it is told before it is loaded not to.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # `_turns` sees to it, for the page as a whole
            "Global.text_score": 0.0,  # text that is hardly legible is not left out unseen
            "Global.max_side_len": _LONGEST_PX,
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
        }
    )


def _read(grey: Any, points: float) -> _Found:
    """The text on a picture."""
    import cv2
    import numpy

    found = _engine()(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
    if not found.txts:
        return _Found(0.0, False, [])
    words = [
        word
        for text, box, parts in zip(found.txts, found.boxes, found.word_results, strict=True)
        for word in _words(text, box, [part[2] for part in parts], points)
    ]
    sizes = [numpy.ptp(box, axis=0) for box in found.boxes]
    is_sideways = sum(tall > wide for wide, tall in sizes) * 2 > len(sizes)
    return _Found(float(sum(found.scores)) / len(found.scores), is_sideways, words)


def _words(text: str, box: Any, places: Sequence[Any], points: float) -> Iterator[Word]:
    """The words of one line of text; `places` has a box for each character but spaces."""
    top, bottom = float(box[:2, 1].mean()), float(box[2:, 1].mean())
    left, right = float(box[:, 0].min()), float(box[:, 0].max())
    tall = bottom - top
    y, height = (top + bottom) / 2 * points, tall * _BOX_TO_WORD * points
    for cell, x0, x1 in _cells(text, places, left + 0.1 * tall, right - 0.1 * tall, tall):
        whole = cleaned(cell)
        step = (x1 - x0) / max(len(whole), 1)
        at = 0
        for part in whole.split():
            at = whole.index(part, at)
            x = x0 + at * step
            yield Word(x * points, (x + len(part) * step) * points, y, height, part)
            at += len(part)


def _cells(
    text: str, places: Sequence[Any], left: float, right: float, tall: float
) -> Iterator[tuple[str, float, float]]:
    """The line divided where a gap is too wide for a space: text, where it begins and ends."""
    visible = [at for at, character in enumerate(text) if not character.isspace()]
    if len(visible) != len(places):  # two characters were put into one box
        yield text, left, right
        return
    spans = [(float(min(p[0] for p in box)), float(max(p[0] for p in box))) for box in places]
    begin, x0 = 0, left
    for before, after, span, following in zip(visible, visible[1:], spans, spans[1:], strict=False):
        if following[0] - span[1] > tall:
            yield text[begin : before + 1], x0, span[1]
            begin, x0 = after, following[0]
    yield text[begin:].rstrip(), x0, right
