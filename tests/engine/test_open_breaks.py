"""The register of open breaks: what one accounting day hands to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from clerkwork.facts import Break, Entry, Plan
from clerkwork.run.breaks import load_open_breaks, register
from clerkwork.run.office import Office, open_office
from clerkwork.workspace import load

ROOT = Path(__file__).parents[2]
DAYS = [date(2026, 6, day) for day in (11, 12, 13, 14)]
RUN = SimpleNamespace(id="run", environment="practice")
ENTRY = Entry("1011840001", DAYS[0], "USD", Decimal("-10.00"), id="e1")
WHOLE = Break("left", ENTRY, "own_amount", "ours", Decimal("9.00"), DAYS[0], references=("A", "B"))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with an empty home."""
    with open_office(replace(load(ROOT), home=tmp_path / "home")) as opened:
        yield opened


def test_a_break_is_open_until_the_day_that_settles_it(office: Office) -> None:
    """Each day finds what stood open before it, also when it is run again later."""
    register(office, RUN, Plan(DAYS[0], breaks=(WHOLE,)))
    register(office, RUN, Plan(DAYS[0], breaks=(WHOLE,)))
    register(office, RUN, Plan(DAYS[1], cleared=(WHOLE,)))

    found = [load_open_breaks(office, "practice", day) for day in DAYS]
    assert [(), (WHOLE,), (), ()] == found


def test_the_rest_of_a_break_settled_in_part_stays_open(office: Office) -> None:
    """The reversal came on one day, the correct entry a day later: nothing is lost between."""
    rest = replace(WHOLE, difference=Decimal("-1.00"))
    register(office, RUN, Plan(DAYS[0], breaks=(WHOLE,)))
    register(office, RUN, Plan(DAYS[1], cleared=(WHOLE,), breaks=(rest,)))
    register(office, RUN, Plan(DAYS[2], cleared=(rest,)))
    register(office, RUN, Plan(DAYS[1], cleared=(WHOLE,), breaks=(rest,)))  # run again

    found = [load_open_breaks(office, "practice", day) for day in DAYS]
    assert [(), (WHOLE,), (rest,), ()] == found


def test_environments_do_not_see_each_other(office: Office) -> None:
    """Practice breaks never reach production."""
    register(office, RUN, Plan(DAYS[0], breaks=(WHOLE,)))

    assert () == load_open_breaks(office, "production", DAYS[1])
