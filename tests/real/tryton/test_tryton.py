"""The browser driver on Tryton's web client: moves keyed in its pages, read by its JSON-RPC."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from clerkwork.errors import Refused
from clerkwork.systems.browser import BrowserSession, open_session
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import Picture, SignOn

HERE = Path(__file__).parent
SIDES = ("debit", "credit")
TRYTON = load_system(HERE / "map")


def _stand() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tryton_stand", HERE / "stand.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


stand = _stand()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Tryton; installed first, in CLERKWORK_CACHE or in this run's own folder."""
    if not os.environ.get("CLERKWORK_REAL"):
        pytest.skip("installs Tryton: make test-real")
    if not shutil.which("npm"):
        pytest.skip("npm is not installed: Tryton's web client comes from there")
    kept = os.environ.get("CLERKWORK_CACHE")
    cache = Path(kept) / "tryton" if kept else tmp_path_factory.mktemp("cache") / "tryton"
    stand.prepare(cache)
    with stand.running(cache, tmp_path_factory.mktemp("tryton")) as url:
        yield url


@pytest.fixture
def clerk(address: str) -> Iterator[BrowserSession]:
    """The clerk, signed on before the list of moves."""
    pictures: list[Picture] = []
    place = f"{address}#bank/model/account.move"
    who = SignOn(*stand.CLERK)
    with open_session(TRYTON, place, who, keep=pictures.append, may_commit=True) as session:
        session.expect("login")
        session.set("user", who.operator)
        session.press("login")
        session.set("password", who.password)
        session.press("ok")
        yield session
    assert who.password not in "".join(picture.text for picture in pictures)


def key_move(session: BrowserSession, description: str, amount: str) -> str:
    """Key a move of two lines, and post it; gives its number."""
    session.press("new")
    session.set("journal", "Cash")
    session.set("description", description)
    session.press("line")
    session.set("account", "1.1.1")
    session.set("debit", amount)
    session.press("as_form")
    session.press("line")
    session.set("account", "6.3.8")
    session.set("credit", amount)
    return session.commit("post", lambda: None).fields["number"]


@pytest.mark.parametrize(
    ("description", "amount"), [("手续费 CW01", "1234.50"), ("TOLL “x” <b> ${1} CW02", "0.07")]
)
def test_a_move_is_posted_as_keyed(
    clerk: BrowserSession, address: str, description: str, amount: str
) -> None:
    """Completed accounts, amounts and Chinese arrive; the move stands once."""
    number = key_move(clerk, description, amount)
    witness = stand.Caller(address)
    fields = ["number", "state", "lines"]
    moves = witness.read("account.move", [["description", "=", description]], fields)
    about = [["move.description", "=", description]]
    lines = witness.read("account.move.line", about, ["account.code", *SIDES])
    keyed = {
        (
            line["account."]["code"],
            Decimal(line["debit"]["decimal"]),
            Decimal(line["credit"]["decimal"]),
        )
        for line in lines
    }

    assert [(move["number"], move["state"]) for move in moves] == [(number, "posted")]
    assert keyed == {("1.1.1", Decimal(amount), 0), ("6.3.8", 0, Decimal(amount))}
    assert len(lines) == 2


def test_an_account_that_is_not_there_is_refused(clerk: BrowserSession, address: str) -> None:
    """The page has nothing to complete it with: nothing is sent."""
    clerk.press("new")
    clerk.press("line")
    with pytest.raises(Refused, match="FIELD_NOT_RESOLVED"):
        clerk.set("account", "9.9.9")

    assert stand.Caller(address).read("account.move", [["state", "=", "draft"]], ["id"]) == []
