"""Searching the audit log, and the proof of one event: by index, in order, also when altered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clerkwork.audit import Wanted, find_event, open_log, prove, pseudonym_of, search
from clerkwork.audit.log import FILE, INDEXED, field_of
from clerkwork.audit.proof import Proof
from clerkwork.audit.tree import Frontier, leaf_hash
from clerkwork.errors import Refused

BEGAN = datetime(2026, 6, 11, 1, 30, tzinfo=UTC)
EVENTS = 300


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 300 events, a minute apart, of two bots; checkpoints after 1, 77 and 250."""
    folder = tmp_path_factory.mktemp("searched")
    moments: Iterator[datetime] = (BEGAN + timedelta(minutes=n) for n in range(EVENTS))
    with closing(open_log(folder, clock=lambda: next(moments))) as log:
        for number in range(1, EVENTS + 1):
            bot = "pay" if number % 2 else "count"
            run = f"{bot}.abc123.{number % 5}"
            if number % 10 == 0:
                log.record("item.edited", run=run, item=f"i{number % 3}", by="li", why="x")
            elif number % 10 == 5:
                log.record("person.added", person="li", by="boss", roles=["maker"])
            else:
                log.record("step.started", run=run, step=f"s{number}")
            if number in (1, 77, 250):
                log.checkpoint()
    return folder


def places(home: Path, wanted: Wanted, **page: int) -> list[int]:
    """Where what is found stands."""
    return [found.position for found in search(home, wanted, **page)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), range(1, 301)),
        (Wanted(names=("item.edited",)), range(10, 301, 10)),
        (Wanted(names=("item.edited", "person.added")), range(5, 301, 5)),
        (Wanted(names=("run.ended",)), ()),
        (Wanted(run="pay.abc123.1"), range(1, 301, 10)),
        (Wanted(run="pay.abc123.1", names=("item.edited",)), ()),
        (Wanted(item="i1"), range(10, 301, 30)),
        (Wanted(item="i1", run="count.abc123.0"), range(10, 301, 30)),
        (Wanted(item="i1", run="pay.abc123.0"), ()),
        (Wanted(bots=["pay"]), [n for n in range(1, 301) if n % 2 or n % 10 == 5]),
        (Wanted(bots=[]), range(5, 301, 10)),
        (Wanted(closed=("person.", "step.")), range(10, 301, 10)),
        (Wanted(since=BEGAN + timedelta(minutes=290)), range(291, 301)),
        (Wanted(until=BEGAN + timedelta(minutes=10)), range(1, 11)),
        (Wanted(since=BEGAN - timedelta(days=1), until=BEGAN), ()),
        (Wanted(run="' OR 1=1 --"), ()),
    ],
)
def test_what_is_asked_for_is_found_newest_first(home: Path, wanted: Wanted, expected):
    """Exactly those events; each criterion narrows the others."""
    assert places(home, wanted, limit=1000) == sorted(expected, reverse=True)


def test_a_person_is_found_in_whatever_part(home: Path):
    """As who did it, and as whom it was done to."""
    li = Wanted(person=pseudonym_of(home, "li"))
    assert places(home, li, limit=1000) == list(range(300, 0, -5))
    assert places(home, replace(li, names=("item.edited",)), limit=3) == [300, 290, 280]


@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted(names=("item.edited", "step.started")), Wanted(bots=["count"])]
)
def test_pages_lose_and_double_nothing(home: Path, wanted: Wanted):
    """Each page begins where the one before ended."""
    whole = places(home, wanted, limit=1000)
    found: list[int] = []
    while page := places(home, wanted, before=found[-1] if found else 0, limit=7):
        found += page

    assert found == whole


@pytest.mark.parametrize("name", INDEXED)
def test_a_search_goes_by_its_index(home: Path, name: str):
    """Among millions of events, too, a page is found without reading them all."""
    asked = f"SELECT position FROM events WHERE {field_of(name)} = ? AND position < 9 LIMIT 5"
    with closing(sqlite3.connect(home / FILE)) as log:
        plan = log.execute(f"EXPLAIN QUERY PLAN {asked}", ("x",)).fetchall()

    assert f"events_by_{name}" in str(plan)


def test_an_unknown_position_is_said(home: Path):
    """Before the first and after the last."""
    for position in (0, EVENTS + 1):
        with pytest.raises(Refused, match="AUDIT_EVENT_UNKNOWN"):
            find_event(home, position)


@pytest.mark.parametrize("position", [1, 2, 40, 77, 78, 249, 250])
def test_a_signed_event_is_proven_by_the_first_checkpoint_that_covers_it(home: Path, position: int):
    """Leaf and path lead to the signed root; another place, leaf or root does not."""
    proof = prove(home, position)

    assert proof.size == (1 if position == 1 else 77 if position <= 77 else 250)
    assert proof.holds
    if proof.size > 1:
        assert not replace(proof, position=position % proof.size + 1).holds
        assert not replace(proof, path=proof.path[:-1]).holds
        assert not replace(proof, path=(*proof.path, proof.leaf)).holds
    assert not replace(proof, leaf=leaf_hash(b"other")).holds
    assert not replace(proof, root=leaf_hash(b"other")).holds
    assert not replace(proof, is_signed=False).holds


def test_an_event_after_the_last_checkpoint_is_not_signed_yet(home: Path):
    """It does not hold, and says why: no tree has it."""
    proof = prove(home, 251)

    assert (proof.size, proof.holds) == (0, False)


def test_every_leaf_of_every_small_tree_is_proven():
    """Against the tree that checkpoints sign, grown leaf by leaf: all sizes up to 33."""
    from clerkwork.audit.proof import _path

    for size in range(1, 34):
        leaves = [leaf_hash(bytes([number])) for number in range(size)]
        tree = Frontier()
        for leaf in leaves:
            tree.append(leaf)
        for index, leaf in enumerate(leaves):
            path = tuple(_path(leaves, index))
            proof = Proof(index + 1, leaf, path, size, tree.root(), "", is_signed=True)
            assert proof.holds, (size, index)


def altered(home: Path, folder: Path, sentence: str, *values: object) -> Path:
    """A copy of the home whose log was changed behind our back."""
    import shutil

    copy = folder / "copy"
    shutil.copytree(home, copy)
    with closing(sqlite3.connect(copy / FILE)) as log:
        log.execute(sentence, values)
        log.commit()
    return copy


def test_an_altered_event_has_no_proof_and_does_not_stop_the_search(home: Path, tmp_path: Path):
    """Bytes that are no JSON any more: found without fields; the proof does not hold."""
    copy = altered(home, tmp_path, "UPDATE events SET event = ? WHERE position = 60", b"{not json")

    found = search(copy, Wanted(), limit=1000)
    assert len(found) == EVENTS
    assert [one.position for one in found if one.event is None] == [60]
    assert not prove(copy, 60).holds
    assert prove(copy, 61).holds


def test_an_event_that_says_other_things_has_no_proof(home: Path, tmp_path: Path):
    """Also when its own leaf was made to fit."""
    changed = find_event(home, 60).stored.replace(b'"why":"x"', b'"why":"y"')
    sentence = "UPDATE events SET event = ?, leaf = ? WHERE position = 60"
    copy = altered(home, tmp_path, sentence, changed, leaf_hash(changed))

    proof = prove(copy, 60)
    assert (proof.is_signed, proof.holds) == (True, False)


def test_a_forged_checkpoint_proves_nothing(home: Path, tmp_path: Path):
    """Whose signature does not hold is no checkpoint."""
    copy = altered(home, tmp_path, "SELECT ?", 1)
    note = copy / "checkpoints" / f"{77:012}.note"
    note.chmod(0o644)
    text = note.read_text(encoding="utf-8")
    note.write_text(text.replace("\n77\n", "\n76\n"), encoding="utf-8")

    assert not prove(copy, 50).holds
