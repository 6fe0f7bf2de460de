"""The ledger's tasks on the practice ledger: what is keyed, shown and stored is the same."""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from clerkwork.errors import InDoubt, Refused
from clerkwork.facts import Receipt
from clerkwork.practice import ledger as practice
from clerkwork.systems.browser import BrowserSession, open_session
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import Picture, SignOn

ROOT = Path(__file__).parents[2]
MAPS = load_system(ROOT / "resources/systems/ledger")
CREDENTIALS = {
    "ledger-desk": {"operator": "RD01", "password": "looks-Qx7"},
    "ledger-keyboard": {"operator": "RB01", "password": "types-Wz3"},
    "ledger-authoriser": {"operator": "RA01", "password": "signs-Hk9"},
}
FEE = {
    "accounting_date": "2026-06-11",
    "debit_account": "6421000001",
    "credit_account": "1011840001",
    "currency": "USD",
    "amount": "1234.50",
    "colour": "blue",
    "original_voucher": "",
    "narrative": "手续费  SERVICE CHARGE",
    "reference": "CW3NTESTTEST0001",
}
RED = FEE | {
    "amount": "-1234.50",
    "colour": "red",
    "original_voucher": "0755-20260611-0001",
    "reference": "CW3NTESTTEST0002",
}
LARGE = FEE | {"amount": "1000000.00", "reference": "CW3NTESTTEST0003"}


class Desk:
    """A running ledger, and a session of the keyboard that is signed on."""

    def __init__(self, home: Path, task: ModuleType):
        self.home = home
        self._task = task
        self.host = practice.serve(home, CREDENTIALS, date(2026, 6, 12))
        self.pictures: list[Picture] = []
        self.keyboard = self.open("ledger-keyboard")

    def open(self, who: str) -> BrowserSession:
        """A session that is signed on."""
        sign_on = SignOn(**CREDENTIALS[who])
        commits = who == "ledger-keyboard"
        keep = self.pictures.append
        session = open_session(MAPS, self.host.url, sign_on, keep=keep, may_commit=commits)
        self._task.sign_on(session)
        return session

    def key(self, fields: dict[str, str]) -> Receipt:
        """Fill and post."""
        self._task.fill(self.keyboard, fields)
        receipt: Receipt = self._task.post(self.keyboard, lambda: None)
        return receipt

    def stored(self, columns: str) -> list[tuple[Any, ...]]:
        """The vouchers as the database has them."""
        with closing(sqlite3.connect(practice.database(self.home))) as connection:
            return connection.execute(f"SELECT {columns} FROM vouchers ORDER BY number").fetchall()

    def close(self) -> None:
        """Leave, and stop the ledger."""
        self.keyboard.close()
        self.host.close()


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tasks/ledger.py, imported as bots import it: with the workspace on the path."""
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("tasks.ledger")


@pytest.fixture
def desk(tmp_path: Path, task: ModuleType) -> Iterator[Desk]:
    """A ledger with no voucher."""
    with closing(Desk(tmp_path, task)) as running:
        yield running


def test_what_is_posted_is_read_back(desk: Desk, task: ModuleType) -> None:
    """Absent, posted, found: answer, look-up and database agree field by field."""
    absent = task.look_up(desk.keyboard, FEE["reference"])
    posted = desk.key(FEE)
    red = desk.key(RED)

    assert absent is None
    assert posted == Receipt(FEE["reference"], "0755-20260611-0001", "posted", FEE)
    assert task.look_up(desk.keyboard, FEE["reference"]) == posted
    assert task.look_up(desk.keyboard, RED["reference"]) == red
    assert red.fields == RED
    assert desk.stored("number, amount_minor, colour, original_voucher, narrative, keyed_by") == [
        ("0755-20260611-0001", 123450, "blue", "", FEE["narrative"], "RB01"),
        ("0755-20260611-0002", -123450, "red", "0755-20260611-0001", FEE["narrative"], "RB01"),
    ]


def test_a_held_voucher_is_posted_once_it_is_released(desk: Desk, task: ModuleType) -> None:
    """The receipt says held (待授权) until the ledger's own authoriser has released it."""
    held = desk.key(LARGE)
    books = practice.Books(practice.database(desk.home))
    books.release(held.number, released_by="RA01")
    with closing(desk.open("ledger-desk")) as looks:
        released = task.look_up(looks, LARGE["reference"])

    assert (held.state, held.fields) == ("held", LARGE)
    assert released == Receipt(LARGE["reference"], held.number, "posted", LARGE)


def test_a_lost_answer_is_found_once(desk: Desk, task: ModuleType) -> None:
    """InDoubt after the committing key; a fresh sign-on looks up, and finds exactly one."""
    desk.host.drop_answer(times=1)
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        desk.key(FEE)
    with closing(desk.open("ledger-keyboard")) as afresh:
        found = task.look_up(afresh, FEE["reference"])

    assert found == Receipt(FEE["reference"], "0755-20260611-0001", "posted", FEE)
    assert (desk.host.times_submitted, desk.stored("count(*)")) == (1, [(1,)])


def test_a_reference_that_stands_twice_is_refused(desk: Desk, task: ModuleType) -> None:
    """The ledger allows it; which one is meant only a person can say."""
    desk.key(FEE)
    desk.key(FEE)
    with pytest.raises(Refused, match="REFERENCE_TWICE.*0755-20260611-0001, 0755-20260611-0002"):
        task.look_up(desk.keyboard, FEE["reference"])


def test_what_the_ledger_or_the_form_refuses(desk: Desk, task: ModuleType) -> None:
    """A validation message, a value no field takes, a missing field: nothing is stored."""
    with pytest.raises(Refused, match="LG1014"):
        desk.key(FEE | {"credit_account": "1011978001"})
    with pytest.raises(Refused, match="FIELD_TOO_LONG"):
        desk.key(FEE | {"reference": "R" * 17})
    with pytest.raises(Refused, match="FIELD_NOT_NUMERIC"):
        desk.key(FEE | {"debit_account": '"><script>'})
    with pytest.raises(Refused, match="FIELDS_DIFFER.*currency"):
        desk.key({name: value for name, value in FEE.items() if name != "currency"})
    with pytest.raises(Refused, match="FIELD_TOO_LONG"):
        task.look_up(desk.keyboard, "R" * 17)

    assert desk.stored("count(*)") == [(0,)]
    passwords = [credential["password"] for credential in CREDENTIALS.values()]
    assert not [p for p in desk.pictures if any(word in p.text for word in passwords)]
