"""The practice voucher program: what it needs, how it is started, what its windows say."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clerkwork.practice import voucher
from clerkwork.practice.__main__ import serving
from clerkwork.practice.process import ACCOUNTING_DATE, ports_file
from clerkwork.practice.slips import LENGTHS, MESSAGES, Slip
from clerkwork.practice.voucher import forms
from clerkwork.practice.world import SEED

SLIP = Slip("S0000026", "6200000001", "张三", 123450, "货款", "CW3NTESTTEST0001", "VK01")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="GTK of a Linux system")


@on_linux
def test_the_program_runs_under_the_systems_own_python(tmp_path: Path) -> None:
    """It imports nothing that a fresh Debian does not have."""
    command = shlex.split(voucher.address(tmp_path).removeprefix("command:"))
    loads = [*command[: command.index("-m")], "-c", "import clerkwork.practice.voucher.program"]
    done = subprocess.run(loads, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
    assert shutil.which(command[command.index("-m") - 1])


def test_the_practice_bank_says_how_to_start_it(tmp_path: Path) -> None:
    """ports.json has its command, and the credentials its operators."""
    (tmp_path / "practice").mkdir()
    with serving(tmp_path, ACCOUNTING_DATE, SEED):
        ports = json.loads(ports_file(tmp_path).read_text(encoding="utf-8"))
    known = json.loads((tmp_path / "practice/credentials.json").read_text(encoding="utf-8"))

    assert ports["voucher"]["url"] == voucher.address(tmp_path)
    assert str(tmp_path) in ports["voucher"]["url"]
    assert {"voucher-desk", "voucher-keyboard"} <= known.keys()


def test_the_book_has_three_pages_from_the_first_day(tmp_path: Path) -> None:
    """25 slips lie there; the last page has five, and says that there are no more."""
    slips = voucher.open_book(tmp_path).all()
    last = forms.listing(slips, 3, forms.say("4004"))

    assert last.rows is not None
    assert (25, 5) == (len(slips), len(last.rows))
    assert [box.value for box in last.boxes] == ["3", "3"]
    assert last.message == "VD4004 已是最后一页"


def test_every_message_has_its_number_and_a_field_its_name() -> None:
    """Two letters, the number, Chinese."""
    for code, (_, chinese) in MESSAGES.items():
        assert forms.say(code) == f"VD{code} {chinese}"
    assert forms.say("4201", "payee") == "VD4201 栏位未填：收款人"


def test_a_slip_has_a_box_for_each_field() -> None:
    """As long as the book's fields; the branch is shown only; what was typed stands again."""
    form = forms.slip({"payee": "张三"}, "", is_truncated=False)
    boxes = {box.name: box for box in form.boxes}

    assert {name: boxes[name].limit for name in LENGTHS} == LENGTHS
    assert [name for name, box in boxes.items() if not box.is_open] == ["branch"]
    assert boxes["payee"].value == "张三"
    truncated = forms.slip({}, "", is_truncated=True)
    assert [12] == [box.limit for box in truncated.boxes if box.name == "reference"]


def test_a_menu_of_another_release_has_its_choices_elsewhere() -> None:
    """None of the old choices stands in the old menu."""
    usual = forms.menu("VK01", "", is_moved=False).menus
    moved = forms.menu("VK01", "", is_moved=True).menus

    assert usual[0] == (
        "业务", (("凭条录入", "slip"), ("凭条查询", "search"), ("凭条清单", "list")),
    )  # fmt: skip
    assert moved[0][0] == "交易"
    assert not {text for text, _ in moved[0][1]} & {text for text, _ in usual[0][1]}


def test_what_was_found_is_shown_or_blank() -> None:
    """The first slip, how many, and a message for each case."""
    one = forms.found("CW3NTESTTEST0001", [SLIP, SLIP])
    none = forms.found("X", [])

    assert [box.value for box in one.boxes] == [
        "CW3NTESTTEST0001", "2", "S0000026", "6200000001", "张三", "1,234.50", "货款",
        "CW3NTESTTEST0001",
    ]  # fmt: skip
    assert [box.value for box in none.boxes] == ["X", "0", "", "", "", "", "", ""]
    assert (one.message[:6], none.message[:6]) == ("VD4002", "VD4003")
