"""Entries that come from sheets: shown as the rows around them, for who may see documents."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

from clerkwork.facts import Entry, Origin
from clerkwork.run.items import list_items
from clerkwork.run.sources import with_evidence

from .conftest import OWN, House

_ROWS = [
    "日期,参考号,金额",
    *(f'2026-06-{day:02},REF{day},"1,{day:02}0.50"' for day in range(1, 29)),
]


def kept(house: House, name: str, content: bytes) -> str:
    """A document of last night's run; gives what entries name it by."""
    house.office.artifacts.put(content, name=name, kind="document", run=house.runs[OWN])
    return hashlib.sha256(content).hexdigest()


def entry(source: str, *, row: int, page: int = 1) -> Entry:
    """An entry that was read there."""
    return Entry(
        account="1", accounting_date=date(2026, 6, 12), currency="CNY",
        amount=Decimal("-1120.50"), reference="REF12", origin=Origin(source, page, row),
    )  # fmt: skip


def test_the_counted_box_of_a_cash_item_is_shown_with_its_total_row(house: House):
    """The vault sheet, where it was read; hidden from who only keeps the system."""
    item = next(row for row in list_items(house.office) if row.kind == "cash_over")
    with house.visitor("checker.own") as client:
        page = client.get(f"/items/{item.id}").text
    assert '<tr class="is-it">' in page
    assert "vault_0755" in page
    assert "No picture" not in page
    with house.visitor("developer.own") as client:
        assert '<tr class="is-it">' not in client.get(f"/items/{item.id}").text


def test_an_entry_of_a_sheet_stands_among_its_neighbours(house: House):
    """The head, four rows on each side, its own row, and the cells that say it."""
    source = kept(house, "list.csv", "\n".join(_ROWS).encode())
    (found,) = with_evidence(house.office, house.runs[OWN], [("theirs", entry(source, row=13))])

    assert [row.number for row in found.table] == [1, 2, 3, 9, 10, 11, 12, 13, 14, 15, 16, 17]
    (own,) = (row for row in found.table if row.is_it)
    assert own.cells == ("2026-06-12", "REF12", "1,120.50")
    assert own.marked == {1, 2}
    assert not any(row.marked for row in found.table if row is not own)


def test_a_sheet_that_cannot_be_shown_is_named_and_nothing_more(house: House):
    """A row or sheet that is not there, and a file that is no sheet."""
    source = kept(house, "short.csv", b"a,b\n1,2\n")
    broken = kept(house, "broken.xlsx", b"PK\x03\x04 no workbook")
    wrong = (entry(source, row=9), entry(source, row=1, page=2), entry(broken, row=1))
    for one in wrong:
        (found,) = with_evidence(house.office, house.runs[OWN], [("ours", one)])
        assert (found.table, found.evidence is None) == ((), False)
