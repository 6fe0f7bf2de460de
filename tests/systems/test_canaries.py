"""
Canaries: secrets and a card number are planted in a night, and every file is searched, and in
the vault what was kept of screens.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from clerkwork.run.deciding import edit_item
from clerkwork.run.items import list_items
from clerkwork.store.tables import artifacts

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


def screens_kept(branch: Any) -> dict[str, str]:
    """The texts that the vault has of screens, by name and id, decrypted."""
    wanted = sa.select(artifacts.c.id, artifacts.c.name).where(
        artifacts.c.kind == "screen", artifacts.c.name.endswith(".txt")
    )
    with branch.office.store.connect() as conn:
        rows = list(conn.execute(wanted))
    return {f"{row.name} {row.id}": branch.office.artifacts.get(row.id).decode() for row in rows}


def test_no_file_has_a_secret_or_a_whole_card_number(night: Any) -> None:
    """
    Keyed with a card number and a resident id in its text, and once more where the ledger
    refuses it: neither leaves the vault, and in it nothing of a screen has them, nor a secret.
    """
    row, other = [r for r in list_items(night.office, state="waiting") if r.needs][:2]
    changed = {"narrative": f"{CARD} {RESIDENT}"}
    edit_item(night.office, row, night.people["maker"], changed, "canary")
    nowhere = changed | {"debit_account": "9999999999"}
    edit_item(night.office, other, night.people["maker"], nowhere, "canary")
    ids = (row.id, other.id)
    night.agree([each for each in list_items(night.office) if each.id in ids])

    assert any(CARD in voucher["narrative"] for voucher in night.vouchers())
    assert files_with(night.home, row.reference)  # so the search finds what is there
    screens = screens_kept(night)
    masked = f"{CARD[:6]}{'*' * 9}{CARD[-4:]}"
    assert any(".failure.dom.txt" in name and masked in text for name, text in screens.items())
    secrets = json.loads((night.home / "practice" / "credentials.json").read_text())
    passwords = [*(each["password"] for each in secrets.values()), "checker-secret-1"]
    for canary in (*passwords, CARD, RESIDENT):
        assert [] == files_with(night.home, canary)
        assert [] == [name for name, text in screens.items() if canary in text]
