"""Canaries: secrets and a card number are planted in a night, and every file is searched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from clerkwork.run.deciding import edit_item
from clerkwork.run.items import list_items

CARD = "6222021234567890128"
RESIDENT = "11010519491231002X"


def files_with(folder: Path, text: str) -> list[str]:
    """The files of a home that hold `text`, in UTF-8 or UTF-16; the bank's own aside."""
    wanted = [text.encode(), text.encode("utf-16-le")]
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.relative_to(folder).parts[0] != "practice"
        and any(each in path.read_bytes() for each in wanted)
    ]


def test_no_file_has_a_secret_or_a_whole_card_number(night: Any) -> None:
    """Keyed with a card number and a resident id in its text: neither leaves the vault."""
    row = next(r for r in list_items(night.office, state="waiting") if r.needs)
    changed = {"narrative": f"{CARD} {RESIDENT}"}
    edit_item(night.office, row, night.people["maker"], changed, "canary")
    night.agree([each for each in list_items(night.office) if each.id == row.id])

    assert any(CARD in voucher["narrative"] for voucher in night.vouchers())
    assert files_with(night.home, row.reference)  # so the search finds what is there
    secrets = json.loads((night.home / "practice" / "credentials.json").read_text())
    for secret in [*(each["password"] for each in secrets.values()), "checker-secret-1"]:
        assert [] == files_with(night.home, secret)
    for number in (CARD, RESIDENT):
        assert [] == files_with(night.home, number)
