"""alerts.toml: who is told, in which order, and when not."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clerkwork.alert import Alerting, load_alerting
from clerkwork.errors import Misconfigured

ROOT = Path(__file__).parents[2]
RULES = """
time_zone = "Asia/Shanghai"

[people."zhang.wei"]
address = "alerts-zhang-wei"
quiet = "22:00-07:00"

[people."li.na"]
address = "alerts-li-na"
language = "en"
quiet = "12:00-13:30"
time_zone = "Europe/Berlin"

[people.duty]
address = "alerts-duty"

[groups]
night = ["duty", "li.na"]

[[routes]]
kinds = ["trigger_failing", "drifted"]
owners = ["operations.accounting"]
to = ["duty"]

[[routes]]
owners = ["operations.cash"]
to = ["night", "zhang.wei"]
escalate_after_s = 60

[[routes]]
to = ["zhang.wei", "night"]
"""


def alerting(tmp_path: Path, text: str = RULES) -> Alerting:
    """The rules in `text`."""
    path = tmp_path / "alerts.toml"
    path.write_text(text, encoding="utf-8")
    return load_alerting(path)


def test_without_a_file_nobody_is_told(tmp_path):
    """Nothing has to be configured; the stock file names nobody either."""
    for rules in (
        load_alerting(tmp_path / "alerts.toml"),
        load_alerting(ROOT / "resources/rules/alerts.toml"),
    ):
        assert ({}, ()) == (rules.people, rules.way_of("late", "x").steps)


@pytest.mark.parametrize(
    ("kind", "owner", "steps", "wait_s"),
    [
        ("drifted", "operations.accounting", [["duty"]], 900),
        ("late", "operations.accounting", [["zhang.wei"], ["duty", "li.na"]], 900),
        ("drifted", "operations.cash", [["duty", "li.na"], ["zhang.wei"]], 60),
        ("drifted", "", [["zhang.wei"], ["duty", "li.na"]], 900),
    ],
)
def test_the_first_route_that_fits_counts(tmp_path, kind, owner, steps, wait_s):
    """By kind and owner; a group is one step."""
    way = alerting(tmp_path).way_of(kind, owner)

    assert (steps, timedelta(seconds=wait_s)) == ([list(step) for step in way.steps], way.wait)


def test_without_routes_everybody_is_told_at_once(tmp_path):
    """The shortest file that works is one person."""
    rules = alerting(tmp_path, '[people.duty]\naddress = "a"\n[people.boss]\naddress = "b"\n')

    assert (("duty", "boss"),) == rules.way_of("late", "x").steps


@pytest.mark.parametrize(
    ("person", "at", "told"),
    [
        ("zhang.wei", "2026-06-12T03:00+08:00", "2026-06-12T07:00+08:00"),
        ("zhang.wei", "2026-06-12T22:00+08:00", "2026-06-13T07:00+08:00"),
        ("zhang.wei", "2026-06-12T07:00+08:00", "2026-06-12T07:00+08:00"),
        ("zhang.wei", "2026-06-12T21:59:59+08:00", "2026-06-12T21:59:59+08:00"),
        ("zhang.wei", "2026-06-11T20:00+00:00", "2026-06-11T23:00+00:00"),
        ("li.na", "2026-06-12T12:30+02:00", "2026-06-12T13:30+02:00"),
        ("li.na", "2026-06-12T13:30+02:00", "2026-06-12T13:30+02:00"),
        ("li.na", "2026-01-12T12:00+01:00", "2026-01-12T13:30+01:00"),
        ("duty", "2026-06-12T03:00+08:00", "2026-06-12T03:00+08:00"),
    ],
)
def test_quiet_hours_are_those_of_the_persons_zone(tmp_path, person, at, told):
    """Within them it waits until they end; an urgent one does not."""
    rules = alerting(tmp_path)
    moment = datetime.fromisoformat(at)

    until = rules.held_until(person, "warning", moment)
    assert datetime.fromisoformat(told) == (until or moment)
    assert (until is None, None) == (told == at, rules.held_until(person, "urgent", moment))


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-10-25T00:40+00:00", "2026-10-25T00:45+00:00"),  # 02:40, the first time
        ("2026-10-25T01:40+00:00", "2026-10-25T01:45+00:00"),  # 02:40 again
        ("2026-03-29T00:30+00:00", "2026-03-29T01:45+00:00"),  # 01:30; 02:45 is 03:45 that night
    ],
)
def test_quiet_hours_when_the_clocks_are_changed(tmp_path, at, told):
    """Nobody is held back by an hour that is there twice, or not at all."""
    rules = alerting(
        tmp_path,
        'time_zone = "Europe/Berlin"\n[people.li]\naddress = "a"\nquiet = "22:00-02:45"\n',
    )
    moment = datetime.fromisoformat(at)

    assert datetime.fromisoformat(told) == rules.held_until("li", "warning", moment)


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ('time_zone = "Moon"', "time_zone", "not a time zone"),
        ('[people.x]\naddress = "a"\nquiet = "25:00-07:00"', "people.x.quiet", "22:00-07:00"),
        ('[people.x]\naddress = "a"\nquiet = "07:00-07:00"', "people.x.quiet", "22:00-07:00"),
        ('[people.x]\naddress = "a"\nlanguage = "fr"', "people.x.language", ""),
        ("[people.x]\n", "people.x.address", ""),
        ('[people.x]\naddress = "a"\nphone = "1"', "people.x.phone", ""),
        ('[groups]\nnight = ["nobody"]', "", "nobody"),
        ('[people.x]\naddress = "a"\n[groups]\nx = ["x"]', "", "a person and a group"),
        ("[groups]\nnight = []", "", "nobody is in the group night"),
        ('[[routes]]\nto = ["nobody"]', "", "nobody"),
        ("[[routes]]\nto = []", "routes.0.to", ""),
        ('[people.x]\naddress = "a"\n[[routes]]\nkinds = ["late"]\nto = ["x"]', "", "last route"),
        (
            '[people.x]\naddress = "a"\n[[routes]]\nkinds = ["l8"]\nto = ["x"]',
            "routes.0.kinds.0",
            "l8",
        ),
        (
            '[people.x]\naddress = "a"\n[[routes]]\nescalate_after_s = 0\nto = ["x"]',
            "routes.0.escalate_after_s",
            "",
        ),
    ],
)
def test_a_wrong_file_is_named_with_its_key(tmp_path, text, key, said):
    """Found when loaded, so `clerkwork check` finds it."""
    with pytest.raises(Misconfigured) as wrong:
        alerting(tmp_path, text + "\n")

    assert ("MANIFEST_WRONG", key) == (wrong.value.code, wrong.value.facts["key"])
    assert said in wrong.value.message()


def test_an_address_in_the_file_is_refused_and_not_repeated(tmp_path):
    """It is a secret; the file has its name."""
    with pytest.raises(Misconfigured) as wrong:
        alerting(tmp_path, '[people.x]\naddress = "mailtos://u:canary@bank.example"\n')

    assert "people.x.address" in wrong.value.message()
    assert "canary" not in wrong.value.message("en") + wrong.value.message("zh")
