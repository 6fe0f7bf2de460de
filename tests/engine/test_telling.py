"""Runs that meet something that is not as mapped, and items that nobody can vouch for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from clerkwork.people import add_person
from clerkwork.run.deciding import decide_item
from clerkwork.run.items import list_items
from clerkwork.run.office import Office, open_office
from clerkwork.run.runs import ENDED, load_run, start_run
from clerkwork.run.worker import at_work, wait_until
from clerkwork.store.tables import alerts
from clerkwork.workspace import load

ROOT = Path(__file__).parents[2]
BOT = '''"""Orders of which a target says what the test wants."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clerkwork.errors import Drifted, InDoubt
from clerkwork.facts import Instruction, Plan, Reading
from clerkwork.facts.identity import reference_of


@dataclass(frozen=True)
class Params:
    """What a person may set."""

    business_date: date


def read(desk, params):
    """Nothing: a day of its own for each test."""
    if params.business_date.day == 1:
        raise Drifted("SCREEN_UNKNOWN", system="orders")
    return Reading(business_date=params.business_date, left={}, right={})


def decide(reading, params):
    """One order."""
    reference = reference_of("orders", "order", ["1"])
    order = Instruction(
        target="orders", form="order", purpose="order", kind="fee", reference=reference,
        fields={"reference": reference}, sources=("1",), amount=Decimal("1.00"), currency="CNY",
    )
    return Plan(business_date=reading.business_date, instructions=(order,))


def rekey(instruction, keyboard):
    """What was sent is not seen, and neither is what became of it."""
    if DRIFTS:
        raise Drifted("FIELD_MISSING", where="orders list", field="amount", screen="list")
    if keyboard.may_type:
        raise InDoubt("ANSWER_NOT_SEEN", system="orders", key="post")
    raise Drifted("FIELD_MISSING", where="orders list", field="amount", screen="list")
'''
MANIFEST = """
title_en = "Orders"
title_zh = "指令"
owner = "operations.accounting"
"""
BOT_TOML = MANIFEST + 'reads = ["orders"]\nwrites = ["orders"]\n'
PROCESS = (
    MANIFEST
    + """
goal_en = "Every order is booked once"
goal_zh = "每笔指令只记账一次"
inputs = ["orders"]
outputs = ["orders"]
steps = [
  { name = "decide", en = "Decide", zh = "决定", executor = "bot" },
  { name = "rekey", en = "Key", zh = "录入", executor = "bot", system = "orders" },
]
"""
)
SYSTEM = """
name = "orders"
title_en = "Orders"
title_zh = "指令"
driver = "browser"
environments.practice.address = "http://127.0.0.1/"
environments.practice.keyboard = "orders-clerk"
"""
STAFF = {"boss": ("administrator",), "maker": ("operator", "maker"), "checker": ("checker",)}


def make_office(root: Path, *, drifts: bool) -> Office:
    """An office with that bot in a workspace of its own."""
    bot, system = root / "bots/orders", root / "resources/systems/orders"
    rules = root / "resources/rules"
    for folder in (bot, system / "screens", rules):
        folder.mkdir(parents=True)
    files = {
        root / "pyproject.toml": "[tool.clerkwork]\n",
        bot / "bot.py": BOT.replace("DRIFTS", str(drifts)),
        bot / "bot.toml": BOT_TOML,
        bot / "process.toml": PROCESS,
        system / "system.toml": SYSTEM,
        rules / "authority.toml": (ROOT / "resources/rules/authority.toml").read_text("utf-8"),
    }
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return open_office(load(root))


def perform(office: Office, day: str) -> tuple[str, str]:
    """Run the bot and approve what it wants to key; the run's id and its item's state."""
    people: dict[str, Any] = {}
    for name, roles in STAFF.items():
        by, record = "boss" if people else "", office.audit.record
        people[name] = add_person(
            office.store, name, name, name, roles, f"{name}-secret-1", by=by, record=record
        )
    run_id = start_run(
        office, "orders", {"business_date": day}, environment="practice", started_by="maker"
    )
    with at_work(office) as worker:
        assert wait_until(lambda: load_run(office, run_id).state in ENDED, worker, wait_s=30)
        for row in list_items(office, state="waiting"):
            decide_item(office, row, people["checker"], "agree", "seen")
        wait_until(
            lambda: (
                not list_items(office, state="approved") and not list_items(office, state="keying")
            ),
            worker,
            wait_s=30,
        )
    return run_id, "".join(row.state for row in list_items(office))


def told(office: Office) -> list[tuple[str, str, dict[str, str]]]:
    """What the outbox has: kind, owner, facts."""
    with office.store.connect() as conn:
        return [(row.kind, row.owner, row.about) for row in conn.execute(sa.select(alerts))]


@pytest.mark.parametrize(
    ("drifts", "day", "state", "kind"),
    [
        (False, "2026-06-01", "", "drifted"),  # the run itself, before it has items
        (True, "2026-06-02", "excepted", "drifted"),
        (False, "2026-06-02", "in_doubt", "in_doubt"),
    ],
)
def test_who_answers_for_the_bot_is_told(
    tmp_path: Path, *, drifts: bool, day: str, state: str, kind: str
) -> None:
    """By one alert, with the run, and what is not as mapped."""
    with make_office(tmp_path / "bank", drifts=drifts) as office:
        run_id, ended = perform(office, day)
        about = {"bot": "orders", "run": run_id}
        if kind == "drifted":
            code = "FIELD_MISSING" if drifts else "SCREEN_UNKNOWN"
            about |= {"system": "orders", "code": code}

        assert state == ended
        assert told(office) == [(kind, "operations.accounting", about)]
