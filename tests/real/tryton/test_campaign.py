"""kill -9 while moves are keyed in Tryton: in the end each stands posted once, as instructed."""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import stand

from clerkwork.people import Person, add_person
from clerkwork.run.deciding import decide_item
from clerkwork.run.items import list_items
from clerkwork.run.office import Office, open_office
from clerkwork.run.runs import ENDED, load_run, start_run
from clerkwork.run.worker import at_work, wait_until
from clerkwork.store.tables import item_states
from clerkwork.workspace import load
from tests.killing import kill_when, start_worker, states

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MOVES = int(os.environ.get("CLERKWORK_MOVES", "5"))
KILLS = max(3, MOVES * 2 // 5)
ITEM_S = 13.0  # what an item takes, from the intent to the read-back
ACCOUNTS = ("6.3.8", "6.3.2", "6.1.2", "5.2.2", "6.3.9")
NARRATIVES = ("手续费", "TOLL “x” <b> ${1}", "办公用品，六月", "Fines & penalties", "房租 第三季度")
STAFF = {"boss": ("administrator",), "maker": ("operator", "maker"), "checker": ("checker",)}
SECRET = {"CLERKWORK_SECRET_TRYTON_CLERK": ":".join(stand.CLERK)}


def orders(rng: random.Random) -> list[dict[str, str]]:
    """Orders that differ in everything that is keyed."""
    return [
        {
            "order": f"ORDER-{number:03}",
            "date": str(date(2026, 1, 1) + timedelta(days=rng.randrange(365))),
            "journal": rng.choice(["Cash", "Miscellaneous"]),
            "debit_account": rng.choice(ACCOUNTS),
            "credit_account": "1.1.1",
            "amount": f"{Decimal(rng.randrange(1, 4_000_000)) / 100:.2f}",
            "narrative": f"{rng.choice(NARRATIVES)} {number}",
        }
        for number in range(MOVES)
    ]


@pytest.fixture
def office(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office of a workspace with one bot, which books the orders of a file in Tryton."""
    root = tmp_path / "bank"
    shutil.copytree(HERE / "bank", root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE / "map", root / "resources/systems/tryton")
    (root / "resources/rules").mkdir()
    shutil.copy(ROOT / "resources/rules/authority.toml", root / "resources/rules")
    (root / "pyproject.toml").write_text('[tool.clerkwork]\nenvironment = "test"\n', "utf-8")
    tryton = root / "resources/systems/tryton/system.toml"
    place = f"{address}#bank/model/account.move"
    tryton.write_text(tryton.read_text("utf-8").replace("http://127.0.0.1/", place), "utf-8")
    folder = root / "resources/systems/orders"
    folder.mkdir()
    (folder / "system.toml").write_text(
        'name = "orders"\ntitle_en = "Orders"\ntitle_zh = "指令"\ndriver = "files"\n'
        f'[environments.test]\naddress = "{tmp_path}/orders"\ntls = false\n',
        "utf-8",
    )
    monkeypatch.setenv("CLERKWORK_HOME", str(tmp_path / "home"))
    with open_office(load(root)) as opened:
        yield opened


def file_orders(office: Office, given: list[dict[str, str]], folder: Path) -> None:
    """Run the bot on `given`, and have every item approved; nothing is keyed yet."""
    folder.mkdir()
    with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, list(given[0]))
        rows.writeheader()
        rows.writerows(given)
    people = _staff(office)
    day = {"business_date": "2026-12-31"}
    run_id = start_run(office, "book_moves", day, environment="test", started_by="maker")
    with at_work(office) as worker:
        assert wait_until(lambda: load_run(office, run_id).state in ENDED, worker, wait_s=60)
    assert load_run(office, run_id).failure is None
    for row in list_items(office, state="waiting"):
        assert decide_item(office, row, people["checker"], "agree", "seen") == "approved"


def _staff(office: Office) -> dict[str, Person]:
    people: dict[str, Person] = {}
    for name, roles in STAFF.items():
        by = "boss" if people else ""
        record = office.audit.record
        people[name] = add_person(
            office.store, name, name, name, roles, f"{name}-secret-1", by=by, record=record
        )
    return people


def drafts_finished(office: Office) -> int:
    """How often a look-up found a draft, which was posted then."""
    found = sa.select(sa.func.count()).where(item_states.c.why == "a draft")
    with office.store.connect() as conn:
        return int(conn.execute(found).scalar_one())


class Killer:
    """Kills workers: by turns as soon as Tryton has saved a move, and at a random moment."""

    def __init__(self, office: Office, address: str, rng: random.Random):
        self._office = office
        self._witness = stand.Caller(address)
        self._rng = rng
        self._seen: set[str] = set()  # descriptions of drafts

    def kill(self, worker: subprocess.Popen[bytes], *, at_draft: bool) -> bool:
        """False when the worker had ended before its time; a draft that is missed kills too."""
        if at_draft:
            latest = time.monotonic() + 3 * ITEM_S
            return kill_when(worker, lambda: self._is_saved() or time.monotonic() > latest, 0.0)
        wait_s = self._rng.uniform(0.0, ITEM_S)
        return kill_when(worker, lambda: states(self._office)["keying"] > 0, wait_s)

    def _is_saved(self) -> bool:
        saved = self._witness.read("account.move", [["state", "=", "draft"]], ["description"])
        drafts = {move["description"] for move in saved}
        new = drafts - self._seen
        self._seen |= drafts
        return bool(new)


def as_posted(row: Any, order: dict[str, str]) -> dict[str, Any]:
    """What Tryton must have of an order, but for its number."""
    amount = Decimal(order["amount"])
    return {
        "state": "posted",
        "date": order["date"],
        "journal": order["journal"],
        "description": f"{row.reference} {order['narrative']}",
        "lines": {(order["debit_account"], amount, 0), (order["credit_account"], 0, amount)},
        "count": 2,
    }


def test_kills_at_random_moments_post_each_move_once(
    office: Office, address: str, tmp_path: Path, record_property: Any
) -> None:
    """The worker is killed again and again; drafts it leaves are posted, none is made anew."""
    rng = random.Random(755)
    given = orders(rng)
    file_orders(office, given, tmp_path / "orders")
    killer = Killer(office, address, rng)

    kills = 0
    while kills < KILLS and killer.kill(start_worker(office, SECRET), at_draft=kills % 2 == 0):
        kills += 1
    ended = start_worker(office, SECRET).wait(60 + 2 * ITEM_S * MOVES)
    record_property("kills", kills)
    record_property("drafts", drafts_finished(office))
    found = stand.Caller(address).moves([])
    numbers = [move.pop("number") for move in found]
    by_text = {move["description"]: move for move in found}
    rows = list_items(office)

    assert (ended, states(office)) == (0, {"confirmed": MOVES})
    assert len(found) == len(set(numbers)) == len(by_text) == MOVES
    for row, order in zip(rows, given, strict=True):
        wanted = as_posted(row, order)
        assert by_text[wanted["description"]] == wanted
    assert kills == KILLS
    # whether a kill falls between "save" and "post" is chance; of many, some do
    assert drafts_finished(office) > 0 or MOVES < 50
