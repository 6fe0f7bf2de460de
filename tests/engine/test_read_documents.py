"""Files of every kind, hostile ones among them: read, or refused with one clear reason."""

from __future__ import annotations

import io
import json
import random
import zlib
from decimal import Decimal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from reportlab.pdfgen.canvas import Canvas

from clerkwork.errors import Refused
from clerkwork.practice import documents, world
from clerkwork.read import json_parts, read_document, read_documents, read_grids, sandbox

HEAD = ("Date", "Description", "Debit", "Credit", "Balance")
ROWS = (
    ("2026-03-02", "Rent", "200.00", "", "800.00"),
    ("2026-03-05", "Salary", "", "50.00", "850.00"),
)


def pdf_with(path: Path, content: bytes, filters: str) -> Path:
    """A PDF of one page whose content stream is `content`, packed as it is."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream"
        % (len(content), filters.encode(), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, part))
    table = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n")
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table)
    path.write_bytes(out.getvalue())
    return path


def statement_pdf(path: Path, **how: object) -> Path:
    """A small statement as PDF."""
    canvas = Canvas(str(path), **how)
    for row, cells in enumerate((HEAD, *ROWS)):
        for column, cell in enumerate(cells):
            canvas.drawString(40 + 100 * column, 700 - 16 * row, cell)
    canvas.showPage()
    canvas.save()
    return path


def workbook(path: Path, rows, *, typed: bool = True) -> Path:
    """Rows as a workbook, figures as numbers when `typed`."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append([float(c) if typed and c.replace(".", "").isdigit() else c for c in row])
    book.save(path)
    return path


def refusal(path: Path) -> str:
    """The code for which a file is refused."""
    document = read_document(path)
    assert document.refused is not None
    assert document.statements == ()
    assert "\n" not in document.refused.message("zh")
    return document.refused.code


def test_a_bomb_in_a_pdf_meets_a_limit(tmp_path):
    """1 kB that unpacks to 300 MB is stopped, and this process goes on."""
    once = zlib.compress(b" " * 300_000_000, 9)
    bomb = pdf_with(tmp_path / "b.pdf", zlib.compress(once, 9), "[/FlateDecode /FlateDecode]")

    assert bomb.stat().st_size < 5_000
    assert refusal(bomb) == "DOCUMENT_TOO_COSTLY"


def test_a_bomb_in_a_workbook_is_seen_in_its_directory(tmp_path):
    """A sheet that unpacks to hundreds of times its size is never unpacked."""
    path = tmp_path / "b.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 20_000_000)

    assert refusal(path) == "DOCUMENT_TOO_COSTLY"


@pytest.mark.parametrize(
    "limits",
    [sandbox.Limits(512, cpu_s=0, wall_s=60), sandbox.Limits(512, cpu_s=9, wall_s=0)],
    ids=["cpu", "wall"],
)
def test_a_child_over_its_limit_is_a_refusal(tmp_path, monkeypatch, limits):
    """Whatever ends it, the reason says that reading was too costly."""
    monkeypatch.setattr(sandbox, "limits_for", lambda size: limits)

    assert refusal(statement_pdf(tmp_path / "s.pdf")) == "DOCUMENT_TOO_COSTLY"


def test_a_locked_pdf_says_that_it_is_locked(tmp_path):
    """A password to open it is asked for; one that only forbids printing is not."""
    locked = statement_pdf(tmp_path / "l.pdf", encrypt="secret")

    assert refusal(locked) == "DOCUMENT_ENCRYPTED"


def test_a_file_that_is_cut_off_says_so(tmp_path):
    """Half a PDF, half a workbook."""
    for path in (statement_pdf(tmp_path / "c.pdf"), workbook(tmp_path / "c.xlsx", (HEAD, *ROWS))):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 2 // 3])

        assert refusal(path) == "DOCUMENT_TRUNCATED"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.pdf", b"", "DOCUMENT_EMPTY"),
        ("text.pdf", b"this is no PDF", "DOCUMENT_KIND_UNKNOWN"),
        ("noise.dat", bytes(range(256)), "DOCUMENT_KIND_UNKNOWN"),
        ("broken.pdf", b"%PDF-1.7\nnonsense\n%%EOF\n", "DOCUMENT_BROKEN"),
        ("letter.txt", b"Dear customer,\nthank you.\n", "NO_STATEMENT"),
    ],
)
def test_what_is_no_document_says_so(tmp_path, name, content, code):
    """An empty file, text under a wrong name, noise, a broken PDF, a letter."""
    path = tmp_path / name
    path.write_bytes(content)

    assert code == refusal(path)


def test_a_picture_of_nothing_is_no_statement(tmp_path):
    """A page that is one grey dot."""
    picture = b"q 500 0 0 700 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \xff EI Q"

    assert "NO_STATEMENT" == refusal(pdf_with(tmp_path / "scan.pdf", picture, "[]"))


def test_broken_files_hurt_nothing(tmp_path):
    """Statements and sheets with random bytes changed: a result or a reason, for every one."""
    rng = random.Random(11)
    sources = documents.render(world.EPOCH, tmp_path / "whole")
    paths = []
    for number in range(12):
        content = bytearray(rng.choice(sources).read_bytes())
        for _ in range(rng.choice((1, 30, 300))):
            content[rng.randrange(len(content))] = rng.randrange(256)
        paths.append(tmp_path / f"{number}.bin")
        paths[-1].write_bytes(content)

    found = list(read_documents(paths))

    assert [str(path) for path in paths] == [document.file for document in found]
    assert all(document.refused or document.statements for document in found)


def test_a_missing_file_is_named(tmp_path):
    """The one failure that is raised, because there is no document."""
    with pytest.raises(Refused, match="FILE_MISSING") as missing:
        read_document(tmp_path / "none.pdf")

    assert "none.pdf" in missing.value.message("zh")


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8-sig", ","), ("utf-8", ";"), ("gb18030", ","), ("utf-16", "\t")],
)
def test_a_csv_file_is_read_in_its_own_encoding(tmp_path, encoding, delimiter):
    """UTF-8, GB18030 and UTF-16, with commas, semicolons and tabs."""
    path = tmp_path / "a.csv"
    lines = (
        ("卡号：6222000012345678",),
        ("交易日期", "摘要", "支出", "收入", "余额"),
        ("2026-03-02", "房租，三月", "200.00", "", "800.00"),
        ("2026-03-05", "工资", "", "50.00", "850.00"),
    )
    path.write_text("\n".join(map(delimiter.join, lines)), encoding=encoding)

    (statement,) = read_document(path).statements

    assert (
        statement.proof.grade,
        statement.account,
        [str(entry.amount) for entry in statement.entries],
        [entry.text for entry in statement.entries],
    ) == ("chain", "6222000012345678", ["-200.00", "50.00"], ["房租,三月", "工资"])
    assert [entry.origin.row for entry in statement.entries] == [3, 4]


def test_european_decimals_are_read_in_a_csv_file(tmp_path):
    """A comma is a decimal comma where it cannot be anything else."""
    path = tmp_path / "a.csv"
    path.write_text(
        "Buchungstag;Verwendungszweck;Betrag;CCY\n"
        "2026-04-02;Miete;-1.234,56;EUR\n2026-04-05;Gehalt;3.500,00;EUR\n",
        encoding="utf-8",
    )

    (statement,) = read_document(path).statements

    assert [Decimal("-1234.56"), Decimal("3500.00")] == [e.amount for e in statement.entries]


def test_a_workbook_is_read_by_its_stored_values(tmp_path):
    """Numbers are exact, dates are dates, and each sheet is a statement."""
    rows = [("Account: 12345678",), ("Opening balance", "1000.00"), HEAD, *ROWS]
    path = workbook(tmp_path / "w.xlsx", [*rows, ("Closing balance", "850.00")])

    document = read_document(path)

    assert (
        document.kind,
        document.statements[0].proof.grade,
        document.statements[0].account,
    ) == ("xlsx", "chain_with_ends", "12345678")


def test_a_garbled_amount_is_a_problem_of_its_row(tmp_path):
    """The row is named and the rest is read, unproven."""
    path = tmp_path / "a.csv"
    path.write_text("Date,Description,Amount\n2026-04-02,a,100.00\n2026-04-03,b,12..34\n", "utf-8")

    (statement,) = read_document(path).statements

    assert (statement.proof.grade, len(statement.entries)) == ("none", 1)
    assert "p1 r3" in statement.proof.problems[0] and "12..34" in statement.proof.problems[0]


def test_grids_are_the_cells_as_text(tmp_path):
    """A number has the 15 digits that a workbook keeps."""
    book = Workbook()
    book.worksheets[0].append(["a", 0.1 + 0.2, None, 1234.5])
    book.save(tmp_path / "g.xlsx")

    (grid,) = read_grids(tmp_path / "g.xlsx")

    assert grid.rows == (("a", "0.3", "", "1234.5"),)


def test_the_json_has_the_shape_that_programs_rely_on(tmp_path):
    """Design section 8, key by key; amounts are text."""
    path = statement_pdf(tmp_path / "s.pdf")
    told = json.loads("".join(json_parts(read_document(path))))
    statement, entry = told["statements"][0], told["statements"][0]["entries"][1]

    assert list(told) == ["file", "sha256", "kind", "refused", "statements"]
    assert list(statement) == [
        "account", "currency", "balance_side", "period", "opening", "opening_basis", "closing",
        "entries", "proof",
    ]  # fmt: skip
    assert entry == {
        "accounting_date": "2026-03-05", "value_date": None, "description": "Salary",
        "amount": "50.00", "balance": "850.00", "reference": "", "counterparty": "",
        "page": 1, "row": 2, "proof": "chain",
    }  # fmt: skip
    assert {key: statement["proof"][key] for key in ("grade", "links")} == {
        "grade": "chain",
        "links": [1, 1],
    }
    assert (str(path), "pdf", None, "implied", "1000.00") == (
        told["file"], told["kind"], told["refused"], statement["opening_basis"],
        statement["opening"],
    )  # fmt: skip


def test_a_refused_file_says_why_in_the_json(tmp_path):
    """Code and message, and no statements."""
    (tmp_path / "e.pdf").write_bytes(b"")
    told = json.loads("".join(json_parts(read_document(tmp_path / "e.pdf"), language="zh")))

    assert (told["refused"]["code"], told["statements"]) == ("DOCUMENT_EMPTY", [])
    assert "重新获取" in told["refused"]["message"]
