"""The command line as a person meets it: one clear line for what is wrong, an exit code."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import typer

from clerkwork import __version__
from clerkwork.cli import run, wrong_call
from clerkwork.people import issue_token
from clerkwork.run.items import list_items, load_item
from clerkwork.run.runs import load_run

ROOT = Path(__file__).parents[2]


class Way(StrEnum):
    """What an option may be."""

    UP = "up"
    DOWN = "down"


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In this workspace, with a home of its own, in English, nobody signed in."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CLERKWORK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    for name in ("CLERKWORK_TOKEN", "CLERKWORK_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


WRONG = [
    # command line, exit code, what the one line names
    ("nothing-like-this", 2, "nothing-like-this"),
    ("", 2, "--help"),
    ("run", 2, "bot"),
    ("run reconcile_teller", 1, "sign-in"),
    ("runs --nothing", 2, "--nothing"),
    ("show nothing", 1, "nothing"),
    ("items --state lost", 2, "lost"),
    ("approve", 2, "items"),
    ("approve NOTHING1", 1, "NOTHING1"),
    ("reject NOTHING1 --why no", 1, "NOTHING1"),
    ("reject NOTHING1", 2, "--why"),
    ("edit NOTHING1 --set amount --why no", 2, "field=value"),
    ("stop-all --why test", 1, "sign-in"),
    ("read", 2, "files"),
    ("read nothing.pdf", 2, "nothing.pdf"),
    ("reconcile nothing.csv other.csv", 2, "nothing.csv"),
    ("practice start --accounting-date 12.06.2026", 2, "12.06.2026"),
    ("practice start --accounting-date 2020-01-01", 2, "2020-01-01"),
    ("people sign-in nobody --password-stdin", 1, "sign-in"),
]


@pytest.mark.parametrize(("line", "code", "named"), WRONG)
def test_bad_input_gets_one_clear_line(
    line: str, code: int, named: str, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    """Exit 2 for a wrong call, 1 for a refusal; the line names what is wrong; no traceback."""
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert code == run(line.split())

    said = capsys.readouterr().err
    assert named in said
    assert len(said.strip().splitlines()) == 1, said


IN_CHINESE = [
    # command line, the one line
    ("read", "缺少参数 files；用法见：clerkwork read --help"),
    ("reject NOTHING1", "缺少选项 --why；用法见：clerkwork reject --help"),
    ("nothing", "没有命令 nothing；用法见：clerkwork --help"),
    ("practice strat", "没有命令 strat；相近的有：'start'"),
    ("", "缺少命令；用法见：clerkwork --help"),
    ("practice", "缺少命令；用法见：clerkwork practice --help"),
    ("runs --nothing", "没有选项 --nothing；"),
    ("read in.pdf --cvs", "没有选项 --cvs（相近的有：--csv）；"),
    ("items waiting", "多余的参数：waiting；"),
    ("items --state", "选项 --state 需要一个值；"),
    ("runs --json=yes", "选项 --json 不带值；"),
    ("items --state lost", "--state 的值无效：没有“lost”"),
    (
        "practice start --accounting-date x",
        "--accounting-date 的值无效：“x”不符合格式 '%Y-%m-%d'；",
    ),
    ("schedule next --days x", "--days 的值无效：应为整数；"),
    ("schedule next --days 0", "--days 的值无效：不得小于 1；"),
    ("schedule next --days 9999", "--days 的值无效：不得大于 3660；"),
    ("alerts acknowledge x", "ID 的值无效：应为整数；"),
    ("read none.pdf", "没有文件 none.pdf；请检查文件名和目录；用法见：clerkwork read --help"),
]


@pytest.mark.parametrize(("line", "said"), IN_CHINESE)
def test_a_wrong_call_is_explained_in_chinese(
    line: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What typer says in English is said in Chinese to who reads that, by every command."""
    monkeypatch.setenv("CLERKWORK_LANG", "zh")

    assert 2 == run(line.split())

    (told,) = capsys.readouterr().err.strip().splitlines()
    assert told.startswith(said)


@pytest.mark.parametrize(
    ("annotation", "given", "options"),
    [
        (int, "x", {}),
        (float, "x", {}),
        (int, "9", {"max": 3}),
        (float, "1", {"min": 2.5}),
        (Way, "sideways", {}),
        (datetime, "x", {}),
        (Path, "none.txt", {"exists": True}),
        (Path, "/", {"exists": True, "dir_okay": False}),
        (Path, sys.executable, {"exists": True, "file_okay": False}),
    ],
)
def test_what_typer_says_of_any_wrong_value_is_known(
    annotation: type,
    given: str,
    options: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No sentence of typer is left in English; a new typer with other words is found here."""
    monkeypatch.setenv("CLERKWORK_LANG", "zh")

    option = typer.Option(None, **options)

    def command(value: Any = option) -> None: ...

    command.__annotations__["value"] = annotation
    app = typer.Typer()
    app.command()(command)

    with pytest.raises(Exception) as wrong:
        typer.main.get_command(app).main(["--value", given], standalone_mode=False)

    said = wrong_call.explain(wrong.value)
    assert said.startswith("--value 的值无效：")
    assert not re.search(r"[a-z]+ [a-z]+", said)


def test_a_group_without_a_command_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Its help is followed by a line that names what is missing."""
    assert 2 == run(["practice"])

    assert capsys.readouterr().err.startswith("Missing command; see: clerkwork practice --help")


def test_a_broken_manifest_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """File and place stand in the line."""
    (tmp_path / "pyproject.toml").write_text("[tool.clerkwork\n")
    monkeypatch.chdir(tmp_path)

    assert run(["runs"]) == 2

    assert "pyproject.toml" in capsys.readouterr().err


def test_outside_a_workspace_the_remedy_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command outside a workspace says where it looked, in the user's language."""
    monkeypatch.setenv("CLERKWORK_LANG", "zh")
    monkeypatch.chdir(tmp_path)

    assert run(["check"]) == 2

    assert "没有工程" in capsys.readouterr().err


def test_the_workspace_checks_clean(capsys: pytest.CaptureFixture[str]) -> None:
    """This repository is the first workspace, and nothing in it is wrong."""
    assert run(["check", "--json"]) == 0

    assert [one for one in json.loads(capsys.readouterr().out) if one["code"]] == []


def test_help_is_fast() -> None:
    """`clerkwork --help` costs less than 0.3 s of CPU: commands are imported when called."""
    timed = (
        "import resource, sys; from clerkwork.cli import run; run(['--help']);"
        "u = resource.getrusage(resource.RUSAGE_SELF); print(u.ru_utime + u.ru_stime)"
    )
    least = min(
        float(subprocess.check_output([sys.executable, "-c", timed], text=True).split()[-1])
        for _ in range(3)
    )

    assert least < 0.3


def as_person(branch: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign in by token, in the branch's home."""
    monkeypatch.setenv("CLERKWORK_HOME", str(branch.home))
    token = issue_token(branch.office.store, name, by="boss", record=branch.office.audit.record)
    monkeypatch.setenv("CLERKWORK_TOKEN", token)


def test_nobody_approves_what_they_had_a_hand_in(
    night: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who started the run, who edited the item, who agreed already: refused by every command."""
    run_id = night.last_run
    item = next(row for row in list_items(night.office) if row.kind == "reversal")
    as_person(night, "maker", monkeypatch)
    assert run(["edit", item.id, "--set", "narrative=edited", "--why", "typo"]) == 0

    # the maker has no checker's role; give it, and the hand in it still counts
    _grant(night, "maker", ["maker", "operator", "checker", "authoriser", "manager"])
    for command in (["approve", item.id], ["approve", item.id, "--why", "mine"]):
        assert run(command) == 1
        assert "SELF_APPROVAL" in capsys.readouterr().err
    as_person(night, "checker", monkeypatch)
    _grant(night, "checker", ["checker", "authoriser"])
    assert run(["approve", item.id]) == 0
    assert run(["approve", item.id]) == 1
    assert "SELF_APPROVAL" in capsys.readouterr().err
    assert load_item(night.office, item.id).state == "waiting"
    assert night.vouchers() == []
    assert load_run(night.office, run_id).started_by == "maker"


def _grant(branch: Any, name: str, roles: list[str]) -> None:
    """Change a person's roles in the store, as an administrator would."""
    import sqlalchemy as sa

    from clerkwork.store.tables import people

    with branch.office.store.begin() as conn:
        conn.execute(sa.update(people).where(people.c.name == name).values(roles=roles))


def test_approve_keys_in_the_foreground_and_reject_ends_an_item(
    night: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a live worker the approved voucher is keyed at once; a refused one never is."""
    fees = [row for row in list_items(night.office) if row.kind == "fee"]
    as_person(night, "checker", monkeypatch)

    assert run(["approve", fees[0].id[:4].lower()]) == 0
    assert "0755-20260611-0001" in capsys.readouterr().out
    assert run(["reject", fees[1].id, "--why", "not ours"]) == 0
    assert run(["approve", fees[1].id]) == 1

    assert load_item(night.office, fees[1].id).state == "refused"
    assert [fees[0].reference] == [voucher["reference"] for voucher in night.vouchers()]


def test_runs_are_listed_for_programs(
    night: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list, newest first, each with id, bot, state and totals."""
    first, second = night.last_run, night.run()
    monkeypatch.setenv("CLERKWORK_HOME", str(night.home))

    assert run(["runs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [second, first] == [one["id"] for one in listed]
    assert {"id", "bot", "state", "totals"} <= set(listed[0])

    assert run(["show", first, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["items"]) == 11


def test_a_worker_does_not_leave_an_item_that_it_is_looking_up(
    night: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a kill, one `worker --drain` looks the item up, keys it, and only then ends."""
    from clerkwork.store.items import move

    (fee, *_) = [row for row in list_items(night.office) if row.kind == "fee"]
    night.agree([fee], key=False)
    with night.office.store.begin() as conn:
        move(conn, fee.id, "keying", by="worker-1", why="a worker that died here")
    monkeypatch.setenv("CLERKWORK_HOME", str(night.home))

    assert run(["worker", "--drain"]) == 0

    assert load_item(night.office, fee.id).state == "confirmed"
    assert [fee.reference] == [voucher["reference"] for voucher in night.vouchers()]


def test_an_edit_is_checked_before_anybody_is_asked(
    night: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Length, characters and amount are refused at once; a refused voucher can be mended."""
    (fee, *_) = [row for row in list_items(night.office) if row.kind == "fee"]
    as_person(night, "maker", monkeypatch)
    for pair, code in [
        (f"narrative={'x' * 200}", "FIELD_TOO_LONG"),
        ('narrative=say "x"', "FIELD_NOT_ENCODABLE"),
        ("amount=1e3", "FIELD_NOT_NUMERIC"),
        ("amount=0", "AMOUNT_SIGN"),
        ("amount=-5.00", "AMOUNT_SIGN"),
        ("reference=CW0", "FIELD_FIXED"),
    ]:
        assert run(["edit", fee.id, "--set", pair, "--why", "test"]) == 1
        assert code in capsys.readouterr().err
    assert run(["edit", fee.id, "--set", "debit_account=6421000002", "--why", "test"]) == 0
    night.agree([load_item(night.office, fee.id)])
    assert load_item(night.office, fee.id).state == "excepted"

    assert run(["edit", fee.id, "--set", "debit_account=6421000001", "--why", "mended"]) == 0
    night.agree([load_item(night.office, fee.id)])

    assert load_item(night.office, fee.id).state == "confirmed"


def test_altered_evidence_is_found(
    night: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`audit verify` proves the artifacts too, and names the one that was changed."""
    monkeypatch.setenv("CLERKWORK_HOME", str(night.home))
    assert run(["audit", "verify"]) == 0
    first = next(path for path in (night.home / "artifacts").rglob("*") if path.is_file())
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(bytes(content))
    capsys.readouterr()

    assert run(["audit", "verify"]) == 4

    assert "evidence" in capsys.readouterr().out


def test_a_narrow_terminal_cuts_no_figure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forty columns: the line is wrapped, and every digit is there."""
    from clerkwork.cli.show_tables import print_table

    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("clerkwork.cli.show_tables.PIPE_WIDTH", 40)
    figures = ("KCEO65BV", "386,420.17 CNY", "1011156001", "2241000009")

    print_table(("a", "b", "c", "d", "e"), [(*figures, "a long text that may wrap")], wraps=(4,))

    shown = capsys.readouterr().out
    assert [] == [figure for figure in figures if figure not in shown]


def test_a_narrow_terminal_cuts_no_name_that_is_one_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run's id and a time of two words: cut, they name another run and another time."""
    from clerkwork.cli.show_tables import print_table

    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr("clerkwork.cli.show_tables.PIPE_WIDTH", 50)
    row = ("reconcile_teller.fd92bc.1", "schedule:follow", "2026-11-28 21:23:07", "11 confirmed")

    print_table(("Run", "Started by", "Started", "Items"), [row], wraps=(3,))

    lines = capsys.readouterr().out.splitlines()
    assert [] == [cell for cell in row if not any(cell in line for line in lines)]
    assert [] == [line for line in lines if line != line.rstrip()]


def test_the_version_needs_no_command(capsys):
    """`clerkwork --version` is an answer, not a wrong call."""
    assert 0 == run(["--version"])
    assert __version__ == capsys.readouterr().out.strip()
