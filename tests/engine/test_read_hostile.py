"""One file of each bad kind: refused for the right reason, in little time."""

from __future__ import annotations

import time
from random import Random

import pytest

from clerkwork.read import read_document, sandbox

from ..faults import hostile_pdfs, hostile_sheets

PDFS = {
    "locked": "DOCUMENT_ENCRYPTED",
    "form in itself": "NO_STATEMENT",
    "tree in itself": "DOCUMENT_BROKEN",
    "pages claimed": "DOCUMENT_TOO_COSTLY",
    "picture lies": "DOCUMENT_TOO_COSTLY",
}
SHEETS = {
    "far cell": "DOCUMENT_TOO_COSTLY",
    "entities": "DOCUMENT_BROKEN",
    "no parts": "DOCUMENT_KIND_UNKNOWN",
    "many parts": "DOCUMENT_TOO_COSTLY",
    "zeros": "DOCUMENT_KIND_UNKNOWN",
}


@pytest.mark.parametrize("name", PDFS)
def test_a_hostile_pdf_is_refused(tmp_path, name):
    """Circles, claims that cannot be true."""
    path = tmp_path / "h.pdf"
    path.write_bytes(hostile_pdfs.MADE[name](Random(1)))

    assert PDFS[name] == refusal(path)


@pytest.mark.parametrize("name", SHEETS)
def test_a_hostile_sheet_is_refused(tmp_path, name):
    """A cell at the far end, entities that grow, an archive of thousands, zeros."""
    suffix, content = hostile_sheets.MADE[name](Random(1))
    path = tmp_path / f"h{suffix}"
    path.write_bytes(content)

    assert SHEETS[name] == refusal(path)


def refusal(path):
    """Why the file is refused, which took less than a small file may."""
    begun = time.monotonic()
    document = read_document(path)

    assert time.monotonic() - begun < 10
    assert document.refused is not None
    return document.refused.code


@pytest.mark.parametrize("size", [0, 1_000, 256 << 10])
def test_a_small_file_may_not_take_ten_seconds_or_half_a_gigabyte(size):
    """Whatever it unpacks to."""
    limits = sandbox.limits_for(size)

    assert limits.cpu_s <= limits.wall_s < 10
    assert limits.memory_mb <= 512


def test_a_directory_that_lies_about_sizes_unpacks_nothing(tmp_path):
    """The part is read to the size that its header claims, and is then broken."""
    inside = hostile_sheets.sheet(b"<row/>" * 3_000_000)
    path = tmp_path / "l.xlsx"
    path.write_bytes(hostile_sheets.lying(hostile_sheets.packed(inside)))

    assert "DOCUMENT_BROKEN" == refusal(path)
