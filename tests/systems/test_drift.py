"""The drift check on the practice core: screens are visited and compared, nothing is typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from clerkwork.practice import core
from clerkwork.systems import tn3270
from clerkwork.systems.drift import visit
from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import SignOn
from tasks import slips
from tests.engine.test_tn3270 import small_day
from tests.systems.test_core import CORE, CREDENTIALS, KEYBOARD

SCREENS = ("sign_on", "menu", "slip", "search", "list", "journal_inquiry", "posted")


@pytest.fixture
def system() -> SystemMap:
    """The map that the session goes by."""
    return CORE


@pytest.fixture
def session(tmp_path: Path, system: SystemMap) -> Iterator[GridSession]:
    """Signed on, before the menu."""
    host = core.serve(tmp_path, small_day, date(2026, 6, 12), CREDENTIALS, tmp_path / "none.db")
    address = f"127.0.0.1:{host.port}"
    sign_on = SignOn(KEYBOARD.operator, KEYBOARD.password)
    with tn3270.open_session(system, address, sign_on, keep=str, tls=False) as opened:
        slips.sign_on(opened)
        yield opened
    host.close()


def mapped(**changes: object) -> SystemMap:
    """The core's map with another field `payee` on the slip."""
    slip = CORE.screens["slip"]
    payee = slip.fields["payee"].model_copy(update=changes)
    slip = slip.model_copy(update={"fields": slip.fields | {"payee": payee}})
    return CORE.model_copy(update={"screens": CORE.screens | {"slip": slip}})


def test_screens_as_mapped_have_no_differences(session: GridSession) -> None:
    """All that keys alone lead to are reached, back and forth; the others are told."""
    visits = {each.screen: each for each in visit(session, CORE, SCREENS)}

    assert set(SCREENS) == visits.keys()
    assert ["posted", "sign_on"] == sorted(n for n, each in visits.items() if not each.was_reached)
    assert not any(each.differences for each in visits.values())


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (mapped(column=41), "FIELD_MISSING"),
        (mapped(length=40), "FIELD_SHORTER"),
        (mapped(row=5), "FIELD_PROTECTED"),
    ],
)
def test_a_screen_that_differs_is_told(session: GridSession, system: SystemMap, code: str) -> None:
    """Another place, another length, a field that takes no typing: by screen and field."""
    found = [each for seen in visit(session, system, SCREENS) for each in seen.differences]

    assert [(code, "core slip", "payee")] == [(f.code, f.where, f.facts["field"]) for f in found]
