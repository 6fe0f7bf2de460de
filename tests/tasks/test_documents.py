"""The tasks on documents: a correspondent's statement of a day, and the vault sheet."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from clerkwork.errors import Refused
from clerkwork.practice import documents, world

ROOT = Path(__file__).parents[2]
EPOCH = world.EPOCH


@pytest.fixture(autouse=True)
def content(monkeypatch):
    """The workspace's own modules, as its bots import them."""
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.fixture
def folder(tmp_path) -> Path:
    """The documents of the first day."""
    documents.render(EPOCH, tmp_path)
    return tmp_path


def read_statement(path: Path, **how):
    """The task, imported when the workspace can be found."""
    from tasks.correspondent import read_statement

    return read_statement(path, **how)


def read_vault(path: Path, on: date = EPOCH):
    """The task, imported when the workspace can be found."""
    from tasks.vault import read_vault

    return read_vault(path, business_date=on)


def of(folder: Path, truth, **other):
    """The task's call for one of the day's statements."""
    how = {"account": truth.account, "theirs": truth.their_account, "business_date": EPOCH}
    path = folder / f"{truth.correspondent}_{truth.currency.lower()}_{EPOCH:%Y%m%d}.pdf"
    return read_statement(path, **(how | other))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_day_is_told_apart_from_what_was_booked_later(folder, number):
    """Entries of the day under our account number, balances of the day, later ones beside them."""
    truth = world.day(EPOCH).statements[number]

    statement, later = of(folder, truth)

    assert (truth.account, truth.opening, truth.closing, "chain_with_ends") == (
        statement.account,
        statement.opening,
        statement.closing,
        statement.proof.grade,
    )
    assert [line.signed for line in truth.lines] == [e.amount for e in statement.entries]
    assert [line.signed for line in truth.later] == [e.amount for e in later]
    assert {truth.account} == {entry.account for entry in (*statement.entries, *later)}


def test_a_line_booked_early_keeps_its_id_in_the_next_statement(folder, tmp_path):
    """What is told as later today is the same entry tomorrow."""
    tomorrow = EPOCH + timedelta(days=1)
    documents.render(tomorrow, tmp_path / "next")
    truth = world.day(EPOCH).statements[0]
    path = tmp_path / "next" / f"{truth.correspondent}_usd_{tomorrow:%Y%m%d}.pdf"

    _, later = of(folder, truth)
    statement, _ = read_statement(
        path, account=truth.account, theirs=truth.their_account, business_date=tomorrow
    )

    assert later
    assert {entry.id for entry in later} <= {entry.id for entry in statement.entries}


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"theirs": "99999-00000"}, "STATEMENT_OF_ANOTHER_ACCOUNT"),
        ({"business_date": EPOCH + timedelta(days=1)}, "STATEMENT_OF_ANOTHER_DAY"),
    ],
)
def test_another_account_or_another_day_is_refused(folder, other, code):
    """The printed account and the printed period decide, not the name of the file."""
    with pytest.raises(Refused) as refused:
        of(folder, world.day(EPOCH).statements[0], **other)

    assert code == refused.value.code
    assert "meridian_usd" in refused.value.message("zh")


def test_a_file_that_cannot_be_read_is_refused_for_its_own_reason(folder):
    """Half a file."""
    truth = world.day(EPOCH).statements[1]
    path = folder / f"rhenane_eur_{EPOCH:%Y%m%d}.pdf"
    path.write_bytes(path.read_bytes()[:9000])

    with pytest.raises(Refused, match="DOCUMENT_TRUNCATED"):
        of(folder, truth)


@pytest.mark.parametrize("variant", [0, 1])
def test_every_box_is_counted(tmp_path, variant):
    """Teller, currency and total of each box, wherever the table begins."""
    *_, path = documents.render(EPOCH, tmp_path, variant=variant)

    assert [(b.account, b.teller, b.currency, b.total) for b in world.day(EPOCH).vault] == [
        (b.account, b.teller, b.currency, b.total) for b in read_vault(path).values()
    ]


def changed(path: Path, row: int, column: int, value: object) -> Path:
    """The vault sheet with one cell of its second sheet changed; rows count from the headings."""
    book = load_workbook(path)
    sheet = book.worksheets[1]
    head = next(cell.row for cell in sheet["A"] if cell.value and "面额" in str(cell.value))
    sheet.cell(head + row, column).value = value
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [
        (1, 2, 9_999, "VAULT_DOES_NOT_FOOT"),
        (2, 3, 1, "VAULT_DOES_NOT_FOOT"),
        (9, 3, 1, "VAULT_DOES_NOT_FOOT"),
        (9, 2, 1, "VAULT_DOES_NOT_FOOT"),
        (1, 2, 10.5, "VAULT_NOT_UNDERSTOOD"),
        (1, 2, -3, "VAULT_NOT_UNDERSTOOD"),
        (1, 3, None, "VAULT_NOT_UNDERSTOOD"),
        (1, 3, "=A9*B9", "VAULT_NOT_UNDERSTOOD"),
        (9, 1, "?", "AMOUNT_UNREADABLE"),
        (0, 1, "?", "VAULT_NOT_UNDERSTOOD"),
        (1, 3, "1O.00", "AMOUNT_UNREADABLE"),
    ],
)
def test_a_sheet_that_does_not_foot_is_refused_with_sheet_and_row(
    tmp_path, row, column, value, code
):
    """Product, sum, number of pieces; a count that is none; a formula that was never calculated."""
    *_, path = documents.render(EPOCH, tmp_path)
    changed(path, row, column, value)

    with pytest.raises(Refused) as refused:
        read_vault(path)

    assert code == refused.value.code
    assert refused.value.where.startswith("T02 CNY row ")


def test_another_day_s_count_is_refused(tmp_path):
    """The date in the sheet decides."""
    *_, path = documents.render(EPOCH, tmp_path)

    with pytest.raises(Refused, match="VAULT_OF_ANOTHER_DAY"):
        read_vault(path, EPOCH + timedelta(days=1))
