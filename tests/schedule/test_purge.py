"""What is old is deleted: nothing that could be made due again, and no document that was seen."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clerkwork.alert import Alert, raise_alert
from clerkwork.schedule import purge as purging
from clerkwork.schedule.keeper import keeping
from clerkwork.schedule.purge import KEPT, purge
from clerkwork.store.tables import alert_deliveries, alerts, arrivals, firings
from tests.postroom import open_postroom, wait_until
from tests.schedule_words import NIGHT

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
LINK = 'time_zone = "UTC"\nafter = ["night"]\nparameters.business_date = "day"\n'


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Of each schedule only the five newest firings are kept however old; batches are small."""
    monkeypatch.setattr(purging, "NEWEST", 5)
    monkeypatch.setattr(purging, "_BATCH", 3)


def pass_nights(room, count: int) -> None:
    """So many nights pass, each with a run that succeeds."""
    for _ in range(count):
        room.now += DAY
        room.settle()
        room.end(room.firings("night")[-1].run_id)


def clean(room) -> tuple[int, ...]:
    """Purge; how many firings, alerts and arrivals went."""
    return tuple(purge(room.office, room.book.planned).values())


def test_old_due_times_go_and_are_not_due_again(room):
    """A hundred days are kept; what is settled is settled, whatever restarts."""
    room.add("night", NIGHT)
    room.settle()
    pass_nights(room, 110)

    assert (9, 0, 0) == clean(room)
    assert (0, 0, 0) == clean(room)
    room.settle()
    assert (101, 110) == (len(room.firings("night")), len(room.runs()))
    assert room.now - KEPT - DAY < room.firings("night")[0].due_at


def test_the_newest_of_a_schedule_are_kept_however_old(room):
    """What is due once a year is forecast from its last years."""
    room.add("night", NIGHT)
    room.settle()
    pass_nights(room, 8)
    room.add("night", NIGHT.replace('at = ["01:30"]', 'cron = "30 1 1 1 *"'))
    room.now += 150 * DAY
    room.settle()

    assert (3, 0, 0) == clean(room)
    assert 5 == len(room.firings("night"))


def test_what_a_chain_has_still_to_follow_stays(room):
    """Nobody followed for 130 days: nothing of it goes before each success has had its link."""
    room.add("night", NIGHT)
    room.add("then", LINK)
    room.settle()
    room.follow()
    pass_nights(room, 130)
    assert (0, 0, 0) == clean(room)

    room.follow()
    assert 130 == len(room.firings("then"))
    room.now += DAY / 2
    room.follow()
    assert clean(room)[0] > 20
    room.follow()
    assert 130 * 2 == len(room.runs())


def test_nothing_due_goes_while_a_file_is_wrong(room):
    """Whether another schedule comes after this one is not known then."""
    room.add("night", NIGHT)
    room.settle()
    pass_nights(room, 110)

    assert 0 == purge(room.office, room.book.planned, is_whole=False)["firings"]


def test_what_waits_stays(room):
    """However old it is: it has not been settled."""
    room.add("night", NIGHT)
    room.settle()
    pass_nights(room, 110)
    with room.office.store.begin() as conn:
        first = sa.select(sa.func.min(firings.c.due_at)).scalar_subquery()
        waits = {"state": "waiting", "settled_at": None}
        conn.execute(sa.update(firings).where(firings.c.due_at == first).values(**waits))

    assert (8, 0, 0) == clean(room)
    assert "waiting" == room.firings("night")[0].state


def test_a_document_stays_known_for_ever(tmp_path):
    """Old, its place forgotten and named again: it is read again, and has no second run."""
    on_file = "[file]\nsystem = 'inbox'\nstable_s = 0.0\n[parameters]\nfile = '{file}'\n"
    with open_postroom(tmp_path) as post:
        post.add("incoming", on_file)
        for number in range(8):
            (post.inbox / f"{number}.txt").write_text(f"content {number}")
        post.look()
        later = post.office.clock() + 2 * KEPT
        post.office = replace(post.office, clock=lambda: later)
        (post.root / "schedules/incoming.toml").unlink()
        post.restart()
        gone = purge(post.office, post.book.planned)
        assert {"firings": 0, "alerts": 0, "arrivals": 8} == gone
        with post.office.store.connect() as conn:
            assert [] == list(conn.execute(sa.select(arrivals)))

        post.add("incoming", on_file)
        post.look()
        assert 8 == len(post.firings()) == len(post.files())
        assert {"firings": 0, "alerts": 0, "arrivals": 0} == purge(post.office, post.book.planned)


def test_old_calls_go_though_nothing_else_moves_their_schedule_on(room):
    """A call is signed for five minutes: nobody can send it again after a hundred days."""
    room.add("night", 'time_zone = "UTC"\n[call]\nsecret = "x"\n')
    room.settle()
    call = {
        "schedule": "night", "trigger": "call", "state": "skipped", "params": {}, "why": None,
        "day": room.now.date(),
    }  # fmt: skip
    with room.office.store.begin() as conn:
        for number in range(9):
            at = room.now + number * DAY
            row = call | {"key": f"call n{number}", "due_at": at, "created_at": at}
            conn.execute(sa.insert(firings).values(row | {"settled_at": at}))
    room.now += KEPT + 30 * DAY

    assert (4, 0, 0) == clean(room)
    assert [f"call n{number}" for number in range(4, 9)] == [r.key for r in room.firings("night")]


def test_old_alerts_go_with_whom_they_told_unless_somebody_waits(room):
    """One that is a day old stays as well."""
    with room.office.store.begin() as conn:
        for number in range(8):
            at = room.now + (KEPT if number == 7 else timedelta())
            raise_alert(conn, Alert("test", f"test:{number}", {}), at=at)
            state = "waiting" if number == 3 else "sent"
            mine = sa.select(alerts.c.id).where(alerts.c.key == f"test:{number}")
            told = {"alert_id": conn.execute(mine).scalar_one(), "person": "li.na", "state": state}
            conn.execute(sa.insert(alert_deliveries).values(told))
    room.now += KEPT + DAY

    assert (0, 6, 0) == clean(room)
    with room.office.store.connect() as conn:
        assert {"test:3", "test:7"} == set(conn.execute(sa.select(alerts.c.key)).scalars())
        assert 2 == len(conn.execute(sa.select(alert_deliveries)).all())


def test_a_scheduler_purges_and_says_how_much(room):
    """Soon after it begins, and then daily; how many went stands in the audit log."""
    room.add("night", NIGHT)
    room.settle()
    pass_nights(room, 110)

    def events() -> list[object]:
        return [one for _, one in room.office.audit.read() if one.name == "schedule.purged"]

    with keeping(room.office) as keeper:
        assert keeper is not None
        thread = threading.Thread(target=keeper.keep)
        thread.start()
        try:
            wait_until(events)
        finally:
            keeper.stopping.set()
            thread.join()

    (event,) = events()
    assert {"firings": 9, "alerts": 0, "arrivals": 0} == dict(event.fields)
    assert 101 == len(room.firings("night"))
