"""What was saved: counted from what was done, by what the manifest says a person takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from clerkwork.run.items import list_items
from clerkwork.run.runs import ENDED, load_run
from clerkwork.run.saved import saved_since
from clerkwork.store.tables import item_states
from tests.conftest import BOT, Branch

DAY = timedelta(days=1)


def test_saved_are_the_runs_that_are_done_and_the_items_that_a_bot_keyed(night: Branch):
    """One run of 120 minutes and three items of four; an hour has its price, to the cent."""
    first = list_items(night.office, state="waiting")[:3]
    night.agree(first)
    office, since = night.office, night.office.clock() - DAY
    saved = saved_since(office, since, bots=[BOT])

    (part,) = saved.parts
    assert (part.runs, part.items, part.minutes) == (1, 3, 132)
    assert (saved.hours, saved.money) == (Decimal("2.2"), None)
    costs = replace(office.workspace, cost_per_hour=Decimal("100.01"), cost_currency="CNY")
    priced = saved_since(replace(office, workspace=costs), since, bots=[BOT])
    assert priced.money == Decimal("220.02")
    assert saved_since(office, office.clock(), bots=[BOT]).parts == ()
    assert saved_since(office, since, bots=[]).parts == ()


def test_what_a_person_keyed_in_the_end_saved_nothing(night: Branch):
    """An exception that was confirmed by read-back was somebody's work; a rehearsal is none."""
    (row,) = list_items(night.office, state="waiting")[:1]
    night.agree([row])
    by_hand = (item_states.c.item_id == row.id) & (item_states.c.to_state == "confirmed")
    with night.office.store.begin() as conn:
        conn.execute(sa.update(item_states).where(by_hand).values(from_state="excepted"))
    run_id = night.request(rehearse=True)
    night.work_until(lambda: load_run(night.office, run_id).state in ENDED)
    (part,) = saved_since(night.office, night.office.clock() - DAY, bots=[BOT]).parts

    assert (part.runs, part.items) == (1, 0)


def test_a_bot_that_says_nothing_of_minutes_is_named_and_not_counted(night: Branch, tmp_path):
    """Its runs stand there; no minute is invented for them."""
    bot = tmp_path / "bots" / BOT
    bot.mkdir(parents=True)
    manifest = night.office.workspace.root / "bots" / BOT / "bot.toml"
    text = manifest.read_text(encoding="utf-8")
    before, _, after = text.partition("[minutes_by_hand]")
    (bot / "bot.toml").write_text(before + after[after.index("[") :], encoding="utf-8")
    elsewhere = replace(night.office, workspace=replace(night.office.workspace, root=tmp_path))
    saved = saved_since(elsewhere, night.office.clock() - DAY, bots=[BOT])

    assert (saved.parts[0].runs, saved.parts[0].run_minutes, saved.hours) == (1, None, 0)
