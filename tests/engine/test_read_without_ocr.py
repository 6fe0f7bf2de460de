"""`clerkwork read` on a machine where the extra `ocr` was never installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

# on PYTHONPATH, so that every process of the command starts with it
BLOCKED = """
import sys
from importlib.machinery import PathFinder

class WithoutOcr(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            return None
        return super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutOcr
"""
EXTRA = {"cv2", "numpy", "onnxruntime", "rapidocr"}


def read(path: Path, *, without: set[str], language: str) -> subprocess.CompletedProcess[str]:
    """The command, where the packages `without` cannot be found."""
    site = path.parent / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(BLOCKED.replace("{names}", repr(without)))
    places = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.run(
        [sys.executable, "-c", "from clerkwork.cli import main; main()", "read", str(path)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(places),
            "CLERKWORK_LANG": language,
            "COLUMNS": "400",
        },
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("without", [{"rapidocr"}, EXTRA], ids=["no rapidocr", "no extra"])
@pytest.mark.parametrize("kind", ["pdf", "png"])
@pytest.mark.parametrize(
    ("language", "remedy"),
    [("en", 'run: pip install "clerkwork[ocr]"'), ("zh", '请运行：pip install "clerkwork[ocr]"')],
)
def test_a_scan_is_refused_with_the_remedy(
    kind: str, without: set[str], language: str, remedy: str, tmp_path: Path
) -> None:
    """A PDF of pictures, and a picture: exit 1, the code, and what to install."""
    scan = tmp_path / f"scan.{kind}"
    page = Image.new("L", (620, 877), "white")
    ImageDraw.Draw(page).text((60, 60), "Opening balance 1,000.00", fill="black", font_size=24)
    page.save(scan)

    ended = read(scan, without=without, language=language)

    assert (1, "") == (ended.returncode, ended.stderr)
    assert "OCR_NOT_INSTALLED" in ended.stdout
    assert remedy in ended.stdout, ended.stdout


def test_a_sheet_is_read_all_the_same(tmp_path: Path) -> None:
    """Only scans need the extra."""
    sheet = tmp_path / "in.csv"
    sheet.write_text(
        "Opening balance:,10.00\nDate,Description,Debit,Credit,Balance\n"
        "2026-03-02,Rent,2.00,,8.00\nClosing balance:,8.00\n"
    )

    ended = read(sheet, without=EXTRA, language="en")

    assert (0, "") == (ended.returncode, ended.stderr)
