"""`clerkwork read`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from clerkwork.cli import run
from clerkwork.errors import Refused

PROVEN = """Account: 12345678
Opening balance:,1000.00
Date,Description,Debit,Credit,Balance
2026-03-02,=HYPERLINK(1),200.00,,800.00
2026-03-05,Salary,,50.00,850.00
Closing balance:,850.00
"""


@pytest.fixture(autouse=True)
def english(monkeypatch):
    """The language of the person at the terminal."""
    monkeypatch.setenv("CLERKWORK_LANG", "en")


def written(folder: Path, name: str, text: str) -> str:
    """A CSV statement, its path as text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def proven(tmp_path) -> str:
    """A statement that proves itself."""
    return written(tmp_path, "proven.csv", PROVEN)


@pytest.fixture
def open_one(tmp_path) -> str:
    """A statement in which a balance does not follow."""
    return written(tmp_path, "open.csv", PROVEN.replace(",850.00\nC", ",860.00\nC"))


def test_the_exit_code_says_how_far_everything_is_proven(tmp_path, proven, open_one, capsys):
    """0 proven, 3 not in full, 1 refused; the worst of all files counts."""
    refused = written(tmp_path, "empty.pdf", "")

    assert [
        run(["read", *files])
        for files in ([proven], [proven, open_one], [refused], [open_one, refused])
    ] == [0, 3, 1, 1]


def test_a_card_says_what_a_person_wants_to_know(proven, open_one, capsys):
    """Account, balances, entries, grade, and each problem with its place."""
    run(["read", proven, open_one, "--entries"])
    shown = capsys.readouterr().out

    for expected in ("12345678", "1,000.00", "850.00", "chain_with_ends", "2 files: 1 proven"):
        assert expected in shown
    assert "! p1 r5" in shown and "Salary" in shown


def test_a_card_speaks_chinese(proven, monkeypatch, capsys):
    """The same in the other language."""
    monkeypatch.setenv("CLERKWORK_LANG", "zh")
    run(["read", proven])
    shown = capsys.readouterr().out

    assert all(word in shown for word in ("账号", "期初余额", "校验等级", "已校验", "余额勾稽 2/2"))


MT940 = """:20:X
:25:NL71RABO0123456789EUR
:28C:1/1
:60F:C251230EUR1000,00
:61:2512311231C250,50NTRFINV-1//B1
:62F:C260105EUR1250,51
"""
CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>NL71RABO0123456789</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-01-05</Dt></BookgDt></Ntry></Stmt></BkToCstmrStmt></Document>"""
OPEN = PROVEN.replace(",850.00\nC", ",860.00\nC")


@pytest.mark.parametrize(
    ("name", "content", "en", "zh"),
    [
        ("a.sta", MT940, "line 5", "第5行"),
        ("a.xml", CAMT, "statement 1 entry 1", "第1份 第1笔"),
        ("a.csv", OPEN, "p1 r5", "第1页第5行"),
    ],
)
def test_the_table_names_a_place_as_the_problems_do(
    tmp_path, name, content, en, zh, monkeypatch, capsys
):
    """The line of a message, the entry of a statement, the row of a page: in both languages."""
    path = written(tmp_path, name, content)
    monkeypatch.setenv("COLUMNS", "200")
    for language, place in (("en", en), ("zh", zh)):
        monkeypatch.setenv("CLERKWORK_LANG", language)
        run(["read", path, "--entries"])
        row = next(line for line in capsys.readouterr().out.splitlines() if " none" in line[-7:])
        assert f" {place} " in row, row


def test_an_amount_that_is_none_has_a_remedy_for_whoever_reads_a_statement():
    """The clerk looks at the document; nobody is sent to a file of the bot."""
    unreadable = Refused("AMOUNT_UNREADABLE", text="1O.00")

    assert "document" in unreadable.message("en") and "原件" in unreadable.message("zh")
    assert "lookups" not in unreadable.message("en") + unreadable.message("zh")


def test_the_json_is_always_a_list(proven, open_one, capsys):
    """One object per file, in the order of the command line."""
    run(["read", open_one, proven, "--json"])
    told = json.loads(capsys.readouterr().out)

    assert [(open_one, "none"), (proven, "chain_with_ends")] == [
        (each["file"], each["statements"][0]["proof"]["grade"]) for each in told
    ]


def test_entries_are_written_and_no_text_becomes_a_formula(tmp_path, proven, capsys):
    """CSV and XLSX: amounts are figures, texts stay texts."""
    out_csv, out_xlsx = tmp_path / "out.csv", tmp_path / "out.xlsx"

    assert run(["read", proven, "--csv", str(out_csv), "--xlsx", str(out_xlsx)]) == 0

    with out_csv.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sheet = load_workbook(out_xlsx).worksheets[0]
    head, first, _ = (list(row) for row in sheet.iter_rows())
    cells = {name.value: cell for name, cell in zip(head, first, strict=True)}
    assert [row["amount"] for row in rows] == ["-200.00", "50.00"]
    assert (rows[0]["description"], rows[0]["accounting_date"]) == ("'=HYPERLINK(1)", "2026-03-02")
    assert (
        cells["description"].value,
        cells["description"].data_type,
        cells["amount"].value,
    ) == ("=HYPERLINK(1)", "s", -200)


@pytest.mark.parametrize(
    "arguments",
    [[], ["none.pdf"], ["{proven}", "--csv", "/nowhere/x.csv"], ["{proven}", "--csv", "{proven}"]],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(arguments, proven, capsys):
    """No file, a missing one, no folder to write to, an output that is an input."""
    code = run(["read", *(argument.format(proven=proven) for argument in arguments)])

    assert (code, *map_lines(capsys.readouterr())) == (2, 1, "")


def map_lines(captured) -> tuple[int, str]:
    """How many lines went to standard error, and what to standard output."""
    return len(captured.err.strip().splitlines()), captured.out


def test_a_picture_of_a_sheet_is_refused_before_it_is_read(tmp_path, open_one, capsys):
    """Only pages can be drawn: no card, one line with the code, exit 1."""
    drawn = tmp_path / "seen.png"

    assert run(["read", open_one, "--picture", str(drawn)]) == 1

    told = capsys.readouterr()
    assert (told.out, drawn.exists()) == ("", False)
    assert "PICTURE_OF_PAGES_ONLY" in told.err and len(told.err.splitlines()) == 1


def test_a_picture_of_a_file_of_no_kind_is_refused_for_that(tmp_path, capsys):
    """The reading says more of it than that it has no pages."""
    empty = written(tmp_path, "empty.pdf", "")

    assert run(["read", empty, "--picture", str(tmp_path / "seen.png")]) == 1

    assert "DOCUMENT_EMPTY" in capsys.readouterr().out
