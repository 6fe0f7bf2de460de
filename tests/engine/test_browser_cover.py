"""Card numbers in the picture of a page are covered however the page has written them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from clerkwork.errors import Drifted
from clerkwork.systems.browser import open_session
from clerkwork.systems.maps import EnvironmentMap, Mark, ScreenMap, SystemMap
from clerkwork.systems.masking import covered
from clerkwork.systems.port import Picture, SignOn

CARD = "6222021234567890128"
WAYS = {
    "plain": f"<p>{CARD}</p>",
    "split over inline tags": "<p><b>622202</b>1234<i>567</i>890128</p>",
    "no-break spaces": "<p>6222&nbsp;0212&nbsp;3456&nbsp;7890&nbsp;128</p>",
    "full-width digits": "<p>６２２２０２１２３４５６７８９０１２８</p>",
    "a shadow root": f"<p><span id=s></span><script>document.querySelector('#s')"
    f".attachShadow({{mode: 'open'}}).innerHTML = '<i>{CARD}</i>'</script></p>",
    "a frame that no map names": f'<iframe srcdoc="<p>{CARD}</p>"></iframe>',
    "two boxes": "<input size=8 value=62220212> - <input size=11 value=34567890128>",
    "two cells of a row": "<table><td>62220212<td>34567890128</table>",
    "two floating parts": "<div style='float: left'>62220212</div><div>34567890128</div>",
    "a placeholder": f'<input size=30 placeholder="{CARD}">',
}


@pytest.mark.parametrize("way", WAYS)
def test_a_card_number_is_covered_however_it_is_written(tmp_path: Path, way: str) -> None:
    """The picture of the failure has a black bar over its middle; a page without has none."""
    assert longest_black(pictured(tmp_path, WAYS[way])) > 40
    assert longest_black(pictured(tmp_path, "<p>6222021234567890129</p>")) < 20


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("6222\xa00212\xa03456\xa07890\xa0128", "6222\xa002**\xa0****\xa0***0\xa0128"),
        ("６２２２０２１２３４５６７８９０１２８", "６２２２０２*********０１２８"),
        ("6222–0212–3456–7890–128", "6222–02**–****–***0–128"),
        ("１１０１０５１９４９１２３１００２Ｘ", "１１０１０５********００２Ｘ"),
    ],
)
def test_a_number_in_other_signs_is_covered_in_texts(text: str, kept: str) -> None:
    """Every character keeps its place."""
    assert kept == covered(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("62220212 34567890128", "622202** *******0128"),
        ("622202\t1234567-890128", "622202\t*******-**0128"),
        ("20260102 6222000011", "20260102 6222000011"),
        ("6222000010 20260105", "6222000010 20260105"),
        ("62220212 34567890.28", "62220212 34567890.28"),
        ("62220212     34567890128", "62220212     34567890128"),
        ("12345678 90123456783", "12345678 90123456783"),
    ],
)
def test_pieces_side_by_side_are_covered_where_they_are_a_card_number(text: str, kept: str) -> None:
    """Of an issuer, with its check digit; no date, no amount, nothing in columns far apart."""
    assert kept == covered(text)


def test_a_card_number_in_two_boxes_is_covered_in_what_is_kept(tmp_path: Path) -> None:
    """In the page as text, and in its documents; a resting number beside it stays."""
    boxes = "<table><td><input value=62220212> <td><input value=34567890128> <td>1234.50</table>"
    kept = failed(tmp_path, boxes)

    assert "= 622202**\n= *******0128" in kept.text
    assert kept.source
    assert ["622202**", "*******0128"] == re.findall('value="(.*?)"', kept.source.text)
    assert "1234.50" in kept.source.text


@pytest.mark.parametrize(
    ("inner", "is_pictured"),
    [
        ("<p>SECRET99</p>", False),
        ("<input value=SECRET99>", False),
        ("<iframe srcdoc='SECRET99'></iframe>", False),
        ("<input type=password value=SECRET99>", True),
        ("<p>nothing</p>", True),
    ],
)
def test_a_secret_in_a_frame_that_no_map_names_is_in_no_picture(
    tmp_path: Path, inner: str, is_pictured: bool
) -> None:
    """There are no pixels then; a box for passwords is masked in any frame."""
    kept = failed(tmp_path, f'<iframe srcdoc="{inner}"></iframe>')

    assert is_pictured == (kept.image is not None)


def pictured(tmp_path: Path, body: str) -> bytes:
    """The pixels that a failure on a page with `body` leaves."""
    image = failed(tmp_path, body).image
    assert image
    return image


def failed(tmp_path: Path, body: str) -> Picture:
    """What a failure on a page with `body` leaves."""
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><h1>Page</h1>{body}", encoding="utf-8")
    kept: list[Picture] = []
    with open_session(site(), page.as_uri(), SignOn("CLERK001", "SECRET99"), keep=kept.append) as s:
        s.expect("page")
        with pytest.raises(Drifted):
            s.set("nothing", "1")
    return kept[-1]


def site() -> SystemMap:
    """A system with one screen."""
    mark = Mark(selector="h1", text="Page")
    screen = ScreenMap(name="page", title_en="Page", title_zh="页面", recognise=(mark,))
    return SystemMap(
        name="site",
        title_en="Site",
        title_zh="站点",
        driver="browser",
        code_page="utf-8",
        environments={"practice": EnvironmentMap(address="")},
        screens={"page": screen},
    )


def longest_black(png: bytes) -> int:
    """The longest run of black dots in a row of a picture."""
    image = Image.open(io.BytesIO(png)).convert("L")
    data, width = image.tobytes(), image.width
    rows = (data[at : at + width] for at in range(0, len(data), width))
    return max((len(run) for row in rows for run in re.findall(b"\\x00+", row)), default=0)
