"""`clerkwork reconcile`: two lists from files, as programs and people get them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from clerkwork.cli import run

OURS = """id,account,date,currency,amount,reference,text
1,A,2026-06-11,USD,100.00,R1,x
2,A,2026-06-11,USD,50.00,,y
3,A,2026-06-11,USD,"1,200.00",,p
4,A,2026-06-11,USD,34.50,,q
5,A,2026-06-11,USD,18.45,R9,q
"""
# the same ids, other lines: each list numbers its own
THEIRS = """编号,账号,日期,币种,金额,参考号,摘要
2,A,2026-06-11,USD,100.00,r-1,甲
1,A,2026-06-12,USD,50.00,,乙
3,A,2026-06-11,USD,"1,234.50",S7,丙
5,A,2026-06-11,USD,14.85,R9,丁
9,A,2026-06-08,USD,-3.00,,手续费
"""


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of the two lists: ours UTF-8 with English heads, theirs GB18030 with Chinese."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    Path("ours.csv").write_text(OURS, encoding="utf-8")
    Path("theirs.csv").write_text(THEIRS, encoding="gb18030")
    return ["reconcile", "ours.csv", "theirs.csv"]


def told(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> Any:
    """What the command prints for programs; it ends with 0."""
    assert 0 == run([*arguments, "--json"])
    return json.loads(capsys.readouterr().out)


def test_programs_get_matches_breaks_and_totals(
    lists: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The shape of the design, by the ids of each list's own column."""
    said = told(capsys, lists)

    assert [
        (["1"], ["2"], "exact", "confirmed"),
        (["2"], ["1"], "amount-and-date", "confirmed"),
        (["3", "4"], ["3"], "consecutive-lines", "suggested"),
    ] == [(m["left"], m["right"], m["rule"], m["status"]) for m in said["matches"]]
    assert ["reference R1", "amount 100.00", "same day"] == said["matches"][0]["because"]
    assert {("left", "5", "own_amount", 1), ("right", "9", "bank_fee", 4)} <= {
        (b["side"], b["entry"], b["reason"], b["age_days"]) for b in said["breaks"]
    }
    for total in said["totals"]:
        parts = [total[part]["count"] for part in ("matched", "suggested", "breaks", "refused")]
        assert (5, "USD") == (sum(parts), total["currency"])


def test_a_workbook_and_a_csv_file_are_the_same_list(
    lists: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Typed cells of a workbook read as the texts of a CSV file."""
    expected = told(capsys, lists)
    book = Workbook()
    for row in OURS.splitlines():
        book.active.append(row.replace('"1,200.00"', "1200.00").split(","))
    book.save("ours.xlsx")

    assert expected == told(capsys, ["reconcile", "ours.xlsx", "theirs.csv"])


def test_rules_of_a_file_take_the_place_of_the_default_ones(
    lists: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Only what the file says is tried; its own reasons too where it has them."""
    Path("rules.toml").write_text(
        '[[rules]]\nname = "near"\nby = "reference"\nabsolute = "4.00"\n', encoding="utf-8"
    )

    code = run([*lists, "--json", "--rules", "rules.toml"])
    said = json.loads(capsys.readouterr().out)

    assert [(["1"], ["2"]), (["5"], ["5"])] == [(m["left"], m["right"]) for m in said["matches"]]
    assert {"near"} == {m["rule"] for m in said["matches"]}
    assert 3 == code  # within tolerance is not equal


def test_an_entry_is_explained(lists: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Why it is matched, or what comes nearest to it."""
    assert 0 == run([*lists, "--explain", "4"])
    assert "suggested by consecutive-lines" in capsys.readouterr().out
    assert 0 == run([*lists, "--explain", "9"])
    assert "bank_fee" in capsys.readouterr().out


def test_the_outcome_is_written_as_a_workbook(
    lists: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Amounts are numbers, under the heads of the report."""
    assert 0 == run([*lists, "--xlsx", "out.xlsx"])

    sheet = load_workbook("out.xlsx")["Breaks"]
    rows = list(sheet.iter_rows(values_only=True))
    at = rows[0].index("Amount")
    assert [18.45, -3] == [row[at] for row in rows[1:]]


WRONG = [
    # what the file has, or further arguments; exit code; what the line names
    ("", [], 1, "LIST_WITHOUT_HEADER"),
    ("a,b\n1,2\n", [], 1, "LIST_WITHOUT_HEADER"),
    ("id,date,amount\n1,2026-13-01,5\n", [], 1, "ours.csv row 2"),
    ("id,date,amount\n1,2026-06-01,5x\n", [], 1, "5x"),
    ("id,date,amount\n1,2026-06-01,5\n1,2026-06-01,6\n", [], 1, "LIST_ID_TWICE"),
    (OURS, ["--rules", "none.toml"], 2, "none.toml"),
    (OURS, ["--rules", "ours.csv"], 2, "ours.csv"),
    (OURS, ["--xlsx", "no/such/out.xlsx"], 2, "no/such/out.xlsx"),
    (OURS, ["--xlsx", "ours.csv"], 2, "ours.csv"),
    (OURS, ["--xlsx", "."], 2, "."),
    (OURS, ["--explain", "nobody"], 1, "nobody"),
]


@pytest.mark.parametrize(("content", "more", "code", "named"), WRONG)
def test_bad_input_is_one_clear_line(
    content: str,
    more: list[str],
    code: int,
    named: str,
    lists: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit 2 for a wrong call or file of rules, 1 for a list that cannot be read."""
    Path("ours.csv").write_text(content, encoding="utf-8")

    assert code == run([*lists, *more])

    said = capsys.readouterr().err
    assert named in said
    assert 1 == len(said.strip().splitlines()), said
    assert content == Path("ours.csv").read_text(encoding="utf-8")
