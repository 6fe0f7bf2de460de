"""The line behind every figure, marked in its document; a run beside the one before."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from clerkwork.errors import Refused
from clerkwork.run.closing import load_plan
from clerkwork.run.comparing import compare, previous_run
from clerkwork.run.lines import lines_behind
from clerkwork.run.runs import find_run

from ..conftest import Branch
from .conftest import OWN, House, broken, opened_night

Night = tuple[House, Branch]


@pytest.fixture(scope="module")
def night(decided: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A night that was run once more, after some of its items were booked."""
    with opened_night(decided, tmp_path_factory.mktemp("lines")) as (house, branch):
        branch.agree()
        house.runs["again"] = branch.run()
        yield house, branch


def test_every_figure_of_the_totals_leads_to_its_lines(night: Night):
    """As many lines, and the same sum, as the figure says: for each source and part."""
    house, _ = night
    run = find_run(house.office, house.runs[OWN])
    plan = load_plan(house.office, run)
    for total in plan.totals:
        for part in ("entries", "matched", "suggested", "breaks"):
            lines = lines_behind(plan, total.source, total.currency, part)
            if not total.source.startswith("open breaks"):
                found = len(lines), sum(line.entry.amount for line in lines)
                assert found == getattr(total, part), (total.source, part)
    with pytest.raises(Refused, match="LINES_UNKNOWN"):
        lines_behind(plan, "journal", "USD", "entries")


def test_from_a_figure_to_the_marked_line(night: Night):
    """Clicked through: the run, the lines, the line: framed in the PDF, or marked on the screen."""
    house, _ = night
    address = f"/runs/{house.runs[OWN]}"
    with house.visitor("operator.own") as client:
        page = client.get(address).text
        figures = [
            html.unescape(one) for one in re.findall(rf'href="({address}/lines\?[^"]+)"', page)
        ]
        assert len(figures) > 10
        for name, whose in (("journal", "ours"), ("statement", "theirs")):
            figure = next(f for f in figures if f"={name}+10118" in f and "part=breaks" in f)
            lines = client.get(figure).text
            (first, *_) = re.findall(rf'href="({address}/lines/{whose}/\w+)"', lines)
            line = client.get(first).text
            if whose == "ours":
                assert line.count("<mark>") == 1
            else:
                (picture,) = set(re.findall(rf'src="({address}/lines/theirs/sources/\w+)"', line))
                assert client.get(picture).content.startswith(b"\x89PNG")
        for wrong in ("/lines?source=x", "/lines/ours/none", "/lines/nobody/none"):
            assert client.get(address + wrong).status_code == 404
    with house.visitor("developer.own") as client:
        line = client.get(first).text
        assert "/sources/" not in line and client.get(picture).status_code == 403
    with house.visitor("operator.other") as client:
        assert client.get(unquote(figures[0])).status_code == 403


def test_a_run_is_shown_beside_the_previous_one(night: Night):
    """Parameters, items, totals, durations, breaks: what differs is set off."""
    house, branch = night
    first, again = house.runs[OWN], house.runs["again"]
    found = compare(house.office, find_run(house.office, again))
    assert (found.before.id, found.now.id) == (first, again)
    assert not any(pair.differs for pair in found.params)
    assert {one.source for one in found.sources} >= {"journal 1011840001", "statement 1011840001"}
    assert not any(pair.differs for one in found.sources for pair in one.parts.values())
    states = {pair.name: (pair.before, pair.now) for pair in found.items}
    assert states["confirmed"][1]
    assert {pair.name for pair in found.steps} >= {"read-journal", "decide"}
    assert all(pair.before and pair.now for pair in found.steps)
    assert (found.new, found.gone) == ([], []) and found.still > 0
    with house.visitor("operator.own") as client:
        assert f"/runs/{again}/compare" in client.get(f"/runs/{again}").text
        page = client.get(f"/runs/{again}/compare").text
        assert first in page and again in page
        assert client.get(f"/runs/{first}/compare").status_code == 422
        assert client.get(f"/runs/{first}/compare?with={again}").status_code == 200
    assert previous_run(house.office, find_run(house.office, first)) is None


def test_another_branch_is_another_scope(night: Night):
    """A run of another branch, a rehearsal, and one that has not ended are not what came before."""
    house, branch = night
    other = branch.request(branch="0756")
    assert previous_run(house.office, find_run(house.office, other)) is None
    dated = branch.request(business_date="2026-06-11")
    before = previous_run(house.office, find_run(house.office, dated))
    assert before is not None and before.id == house.runs["again"]
    rehearsal = branch.request(rehearse=True)
    assert previous_run(house.office, find_run(house.office, rehearsal)) is None


def test_a_card_number_in_a_line_is_covered_for_who_may_not_see_it(night: Night):
    """Whoever may not see documents reads the line without it."""
    house, _ = night
    row = broken(house, "left", "15.00", text="card 6222021234567890128")
    for name, shown in (
        ("developer.own", "622202*********0128"),
        ("maker.own", "6222021234567890128"),
    ):
        with house.visitor(name) as client:
            assert shown in client.get(f"/breaks/{row.id}").text
