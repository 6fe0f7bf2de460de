"""A hand in an item: who started, edited or agreed approves it by no way at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from clerkwork.console.routes import ROUTES, Route
from clerkwork.people import ROLES
from clerkwork.run.items import instruction_of, load_item
from clerkwork.run.runs import find_run
from clerkwork.store.tables import decisions, item_states, items, runs

from .conftest import House
from .test_matrix import (
    ALLOWED,
    PEOPLE,
    client_of,
    filled,
    is_let_in,
    may,
    name_of,
    sent_to,
    the_item,
)

HANDS = ("started", "edited", "agreed")
POSTS = [route for route in ROUTES if route.method == "POST"]
ABOUT_ITEMS = [route for route in POSTS if "{item}" in route.path]
# By these, and by no others, a word of a person approves; the state is that of the item before.
APPROVING = {
    ("waiting", "POST /items/{item}/agree"),
    ("waiting", "POST /approvals/batch"),
    ("waiting", "POST /api/items/{item}/agree"),
    ("excepted", "POST /items/{item}/retry"),
    ("excepted", "POST /exceptions/bulk"),
    ("excepted", "POST /api/items/{item}/retry"),
}
WHOLE = "every_role"  # somebody in each role, at every desk: nothing but their hand is in the way


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("route", ABOUT_ITEMS, ids=name_of)
def test_a_hand_in_the_item_closes_what_approves_and_nothing_else(
    house: House, route: Route, hand: str
):
    """Each role of each desk has started its run, edited it or agreed to it already."""
    answered = {}
    for name in PEOPLE[1:]:
        with having_a_hand(house, hand, name):
            answered[name] = is_let_in(house, route, name)
    is_closed = ALLOWED[name_of(route)].get("not_own", False)

    assert answered == {name: may(route, name) and not is_closed for name in PEOPLE[1:]}


@pytest.mark.parametrize("state", ["waiting", "excepted"])
def test_by_these_routes_a_checker_approves_and_by_no_other(house: House, state: str):
    """What the next test sends would approve, were it not the maker's: each route was tried."""
    approving = {name_of(route) for route in POSTS if is_approved_by(house, route, state=state)}

    assert approving == {name for before, name in APPROVING if before == state}


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("state", ["waiting", "excepted"])
def test_nobody_approves_their_own_by_any_route(house: House, state: str, hand: str):
    """Not by a page, not by a program, not in bulk: in whatever role they come."""
    approving = [
        name_of(route) for route in POSTS if is_approved_by(house, route, state=state, hand=hand)
    ]

    assert approving == []


def whole(house: House) -> str:
    """Somebody in each role."""
    from clerkwork.people import find_person

    if find_person(house.office.store, WHOLE) is None:
        house.add(WHOLE, *ROLES)
    return WHOLE


def is_approved_by(house: House, route: Route, *, state: str, hand: str = "") -> bool:
    """Whether the item, put back into `state`, has their word for it after the request."""
    name, before = whole(house), the_item(house)
    put(house, before.id, state)
    shown = load_item(house.office, before.id)
    with having_a_hand(house, hand, name), client_of(house, route, name) as client:
        said = words_of(house, before.id, name)
        sent = sent_to(house, route, client, **form_of(shown, state))
        status = client.request(route.method, filled(house, route), **sent).status_code
        assert status < 500, name_of(route)
        has_said_more = words_of(house, before.id, name) != said
    put(house, before.id, before.state, edited_by=before.edited_by)
    return has_said_more


def form_of(shown: Any, state: str) -> dict[str, Any]:
    """All that any form about the item asks for, as it was shown."""
    field = next(iter(instruction_of(shown).fields))
    return {
        "version": str(shown.version),
        "digest": shown.digest,
        "seen": f"{shown.id}:{shown.version}:{shown.digest}",
        "why": "because",
        "text": "said",
        "decision": "send_back",
        "do": "retry" if state == "excepted" else "agree",
        "person": "",
        "how": "rehearse",
        f"field.{field}": "",
    }


def put(house: House, item_id: str, state: str, **values: Any) -> None:
    """The item in that state, as if it had just come there."""
    with house.office.store.begin() as conn:
        mine = items.c.id == item_id
        version = conn.execute(sa.select(items.c.version).where(mine)).scalar_one()
        highest = sa.select(sa.func.max(item_states.c.seq)).where(item_states.c.item_id == item_id)
        free = max(version, conn.execute(highest).scalar_one() or 0) + 1
        conn.execute(sa.update(items).where(mine).values(state=state, version=free, **values))


def words_of(house: House, item_id: str, name: str) -> tuple[int, int]:
    """How often that person agreed to the item, and how often their word made it approved."""
    mine = (decisions.c.item_id == item_id) & (decisions.c.person == name)
    agreed_to = sa.select(sa.func.count()).where(mine, decisions.c.decision == "agree")
    theirs = (item_states.c.item_id == item_id) & (item_states.c.by == name)
    moved = sa.select(sa.func.count()).where(theirs, item_states.c.to_state == "approved")
    with house.office.store.connect() as conn:
        return conn.execute(agreed_to).scalar_one(), conn.execute(moved).scalar_one()


@contextmanager
def having_a_hand(house: House, hand: str, name: str) -> Iterator[None]:
    """Within the block that person has started, edited or agreed to the item of `filled`."""
    item = the_item(house)
    run = find_run(house.office, item.run_id)
    with house.office.store.begin() as conn:
        if hand == "started":
            started(conn, run.id, name)
        elif hand == "edited":
            edited(conn, item.id, [name])
        elif hand == "agreed":
            number = agreed(conn, item, name)
    yield
    with house.office.store.begin() as conn:
        started(conn, run.id, run.started_by)
        edited(conn, item.id, item.edited_by)
        if hand == "agreed":
            conn.execute(sa.delete(decisions).where(decisions.c.id == number))


def started(conn: sa.Connection, run_id: str, name: str) -> None:
    """That person has started the run."""
    conn.execute(sa.update(runs).where(runs.c.id == run_id).values(started_by=name))


def edited(conn: sa.Connection, item_id: str, names: list[str]) -> None:
    """Those people, and no others, have edited the item."""
    conn.execute(sa.update(items).where(items.c.id == item_id).values(edited_by=names))


def agreed(conn: sa.Connection, item: Any, name: str) -> int:
    """That person has agreed to the item as it stands; the number of the decision."""
    said = {"person": name, "role": "checker", "decision": "agree", "why": "seen"}
    seen = {"item_id": item.id, "version": item.version, "digest": item.digest}
    made = conn.execute(sa.insert(decisions).values(**said, **seen, at=datetime.now(UTC)))
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])
