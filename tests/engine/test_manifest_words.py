"""What is wrong with a manifest is said as its author would put it, in both languages."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from clerkwork.alert.rules import Alerting
from clerkwork.errors import Misconfigured
from clerkwork.manifest import Manifest, checked, load_toml
from clerkwork.schedule.manifest import Schedule
from clerkwork.systems.maps import ScreenMap

SCHEDULE = {"bot": '"b"', "owner": '"o"', "time_zone": '"Asia/Shanghai"', "at": '["01:30"]'}
SCREEN = 'name = "a"\ntitle_en = "a"\ntitle_zh = "a"\nrecognise = []\n'


def said(model: type[Manifest], text: str) -> tuple[str, str]:
    """What is wrong with the table in `text`, without the file, in both languages."""
    with pytest.raises(Misconfigured) as wrong:
        checked(model, tomllib.loads(text), Path("x.toml"))
    assert "MANIFEST_WRONG" == wrong.value.code
    en, zh = (wrong.value.message(language) for language in ("en", "zh"))
    return en.removeprefix("x.toml: "), zh.removeprefix("x.toml: ")


@pytest.mark.parametrize(
    ("changed", "en", "zh"),
    [
        (
            {"time_zone": "", "timezone": '"Asia/Shanghai"'},
            "timezone: there is no such key; did you mean “time_zone”?",
            "timezone：没有此键；是否为“time_zone”？",
        ),
        ({"owner": ""}, "owner: this key is missing", "owner：缺少此键"),
        (
            {"time_zone": '"Mars"'},
            "time_zone: “Mars” is not a time zone, such as “Asia/Shanghai”",
            "time_zone：“Mars”不是时区；例如“Asia/Shanghai”",
        ),
        (
            {"at": '"01:30"'},
            'at: must be a list in brackets, such as ["..."]',
            'at：应为方括号列表，例如 ["..."]',
        ),
        (
            {"at": '["25:00"]'},
            'at.0: must be a time, such as "01:30"',
            'at.0：应为时刻，例如 "01:30"',
        ),
        ({"grace_s": '"soon"'}, "grace_s: must be a number", "grace_s：应为数字"),
        ({"enabled": '"perhaps"'}, "enabled: must be true or false", "enabled：应为 true 或 false"),
        (
            {"catch_up": '"one"'},
            "catch_up: must be “all”, “last” or “none”",
            "catch_up：应为“all”、“last” 或 “none”",
        ),
        (
            {"not_before": '"tomorrow"'},
            'not_before: must be a day, such as 2026-12-31, or a time, such as "01:30"',
            'not_before：应为日期，例如 2026-12-31，或时刻，例如 "01:30"',
        ),
        (
            {"at": "", "cron": '"0 1 * * 1-5"'},
            "cron: “0 1 * * 1-5”: name the days of the week (mon-fri),"
            " not all count them from the same day",
            "cron：“0 1 * * 1-5”：星期请用名称（mon-fri），各系统数字含义不一",
        ),
        (
            {"at": ""},
            "nothing makes it due: give at, cron, after, file, mail, run, item or call",
            "没有触发方式：请写 at、cron、after、file、mail、run、item 或 call",
        ),
        (
            {"ready": '{ reading = "r", dead_line = "07:00" }'},
            "ready.dead_line: there is no such key; did you mean “deadline”?",
            "ready.dead_line：没有此键；是否为“deadline”？",
        ),
        (
            {"call": '{ secret = "s", zzz = 1 }'},
            "call.zzz: there is no such key; there are: secret",
            "call.zzz：没有此键；可用：secret",
        ),
        (
            {"parameters": "{ day = 2026-01-01 }"},
            "parameters.day: must be a text in quotes",
            "parameters.day：应为加引号的文字",
        ),
    ],
)
def test_a_wrong_schedule_is_told_by_key_and_remedy(
    changed: dict[str, str], en: str, zh: str
) -> None:
    """No word of the library that checks is shown, in either language."""
    lines = [f"{key} = {value}" for key, value in (SCHEDULE | changed).items() if value]

    assert (en, zh) == said(Schedule, "\n".join(lines))


def test_a_misspelt_key_of_a_field_is_told_with_its_place() -> None:
    """The table is found through tables that authors name."""
    text = SCREEN + '[fields.amount]\nlength = 3\nlable = "x"\n'

    en, zh = said(ScreenMap, text)

    assert "fields.amount.lable: there is no such key; did you mean “label”?" == en
    assert "fields.amount.lable：没有此键；是否为“label”？" == zh


def test_a_place_in_a_list_is_told_by_its_number() -> None:
    """As TOML's own tools count it."""
    text = SCREEN.replace("[]", '[{ selector = "#a", txt = "b" }]')

    assert "recognise.0.txt: there is no such key; did you mean “text”?" == said(ScreenMap, text)[0]


def test_what_is_wrong_with_several_keys_together_names_none() -> None:
    """No empty key is printed."""
    text = '[groups]\nnight = ["li.na"]\n'

    assert (
        "groups name who is not in people: li.na",
        "组中有不在人员之列者：li.na",
    ) == said(Alerting, text)


def test_a_file_in_another_encoding_is_told_so(tmp_path: Path) -> None:
    """Editors of Windows write UTF-16."""
    path = tmp_path / "x.toml"
    path.write_text('bot = "b"', encoding="utf-16")

    with pytest.raises(Misconfigured) as wrong:
        load_toml(path)

    assert f"{path} is not UTF-8 text; save it as UTF-8" == wrong.value.message("en")
