"""Files named on the command line: checked before anything is read, written whole or not at all."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from clerkwork.cli import run

STATEMENT = """Account: 12345678
Opening balance:,1000.00
Date,Description,Debit,Credit,Balance
2026-03-02,Rent,200.00,,800.00
2026-03-05,Salary,,50.00,850.00
Closing balance:,850.00
"""
LIST = "date,amount,currency,reference,text\n2026-03-02,200.00,CNY,R1,Rent\n"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full and /proc")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a folder with a statement, in English."""
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text(STATEMENT)
    (tmp_path / "list.csv").write_text(LIST)


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error."""
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


@LINUX
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "command",
    [
        "read in.csv --csv /dev/full",
        "read in.csv --xlsx /dev/full",
        "read in.csv --csv /proc/out.csv",
        "read in.csv --xlsx /proc/out.xlsx",
        "reconcile list.csv list.csv --xlsx /dev/full",
    ],
)
def test_what_cannot_be_written_is_one_line(
    command: str, language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disc and a folder where none may write: exit 1, the code, the file, the remedy."""
    monkeypatch.setenv("CLERKWORK_LANG", language)

    assert 1 == run(command.split())

    line = complaint(capsys)
    assert line.startswith("OUTPUT_NOT_WRITTEN: ")
    assert command.split()[-1] in line


@pytest.mark.parametrize("option", ["--csv", "--xlsx"])
def test_a_disc_that_fills_up_leaves_the_old_file(option: str, tmp_path: Path) -> None:
    """Half a file is never left, neither in place of an output that was there nor beside it."""
    (tmp_path / "out").write_text("old")
    before = sorted(path.name for path in tmp_path.iterdir())

    ended = subprocess.run(
        [sys.executable, "-c", "from clerkwork.cli import main; main()",
         "read", "in.csv", option, "out"],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)),
        capture_output=True, text=True,
    )  # fmt: skip

    assert (1, 1) == (ended.returncode, len(ended.stderr.splitlines())), ended.stderr
    assert "OUTPUT_NOT_WRITTEN" in ended.stderr
    assert "old" == (tmp_path / "out").read_text()
    assert before == sorted(path.name for path in tmp_path.iterdir())


def test_an_output_is_replaced_where_its_link_leads(tmp_path: Path) -> None:
    """The link and the rights of a file that was there stay as they were."""
    (tmp_path / "kept").mkdir()
    kept = tmp_path / "kept" / "out.csv"
    kept.write_text("old")
    kept.chmod(0o640)
    (tmp_path / "out.csv").symlink_to(kept)

    assert 0 == run(["read", "in.csv", "--csv", "out.csv"])

    assert (tmp_path / "out.csv").is_symlink()
    assert 0o640 == stat.S_IMODE(kept.stat().st_mode)
    assert "Salary" in kept.read_text(encoding="utf-8-sig")


def test_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    """What is no regular file is never replaced by one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        assert 0 == run(["read", "in.csv", "--csv", "pipe"])
        told, _ = reader.communicate()

    assert "Salary" in told
    assert stat.S_ISFIFO(pipe.stat().st_mode)


WRONG = [
    # command line, what the one line says
    ("read in.csv --csv x --xlsx x", ["--csv and --xlsx", "x"]),
    ("read in.csv --csv x --picture {tmp}/../{name}/x", ["--csv and --picture", "x"]),
    ("read in.csv --csv one --xlsx two", ["--csv and --xlsx", "one"]),
    ("read in.csv --csv link.csv", ["--csv link.csv is a file to be read"]),
    ("reconcile in.csv list.csv --xlsx list.csv", ["--xlsx list.csv is a file to be read"]),
    ("read in.csv --csv folder", ["--csv folder is a folder", "folder/entries"]),
    ("read in.csv --csv none/x.csv", ["--csv none/x.csv", "no folder", "none"]),
    ("reconcile in.csv list.csv --xlsx folder", ["--xlsx folder is a folder"]),
    ("read folder", ["folder is a folder", "folder/*.pdf"]),
    ("reconcile folder list.csv", ["folder is a folder", "folder/*.csv"]),
    (f"read {'n' * 300}", ["there is no file nnn"]),
]


@pytest.mark.parametrize(("command", "said"), WRONG)
def test_a_wrong_file_is_refused_before_anything_is_read(
    command: str, said: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outputs that are one file or an input, and folders: exit 2, nothing read, nothing written."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.csv").symlink_to("in.csv")
    (tmp_path / "one").write_text("old")
    (tmp_path / "two").hardlink_to(tmp_path / "one")

    assert 2 == run(command.format(tmp=tmp_path, name=tmp_path.name).split())

    told = capsys.readouterr()
    (line,) = told.err.strip().splitlines()
    assert [] == [part for part in said if part not in line], line
    assert ("", "old", STATEMENT) == (
        told.out, (tmp_path / "one").read_text(), (tmp_path / "in.csv").read_text(),
    )  # fmt: skip


@LINUX
@pytest.mark.parametrize("command", [["read", "in.csv"], ["read", "in.csv", "--json"]])
def test_an_output_that_takes_no_more_is_one_line(command: list[str]) -> None:
    """Standard output on a full disc: exit 1 and the remedy, no traceback."""
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-c", "from clerkwork.cli import main; main()", *command],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    (line,) = ended.stderr.strip().splitlines()
    assert (1, True) == (ended.returncode, "cut off" in line)
