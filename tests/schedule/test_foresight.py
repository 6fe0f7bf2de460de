"""A link of a chain that waits is forecast from the end of what it waits for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from clerkwork.schedule.standing import standings

pytestmark = pytest.mark.usefixtures("database")

PATIENT = 'time_zone = "UTC"\nbegins_within_s = 36000\nparameters.business_date = "day"\n'
CLOCK = PATIENT + 'at = ["{at}"]\n'
FIRST = CLOCK.format(at="01:30")
CUT_OFF = 'cut_off = "04:00"\n'
WAITS = FIRST + 'after = ["first"]\n' + CUT_OFF
FOLLOWS = PATIENT + 'after = ["first"]\n' + CUT_OFF
HOUR = timedelta(hours=1)
LIKELY, LATE = ("likely_late", "then"), ("late", "then")


class Chain:
    """Nights of a chain under watch; the clock stands at 01:30 of the fourth."""

    def __init__(self, eye):
        self.eye = eye
        self.room = eye.room

    def at(self, moment: str) -> list[tuple[str, str]]:
        """Look then: kind and schedule of all alerts of schedules so far."""
        self.eye.look(f"2026-06-14 {moment}", settles=False)
        found = [(row.kind, row.about.get("schedule", "")) for row in self.eye.rows()]
        return [one for one in found if one[1]]

    def run(self, name: str) -> str:
        """The run of its last firing."""
        return self.room.firings(name)[-1].run_id

    def go_on(self) -> None:
        """The scheduler goes over its chains."""
        self.room.settle()
        self.room.follow()
        self.room.look()


@pytest.fixture
def nights(eye) -> Callable[..., Chain]:
    """A chain of which each link took an hour on three nights; nothing is begun on the fourth."""

    def made(**links: str) -> Chain:
        chain = Chain(eye("", **links))
        chain.go_on()
        for day in (11, 12, 13):
            chain.room.at(f"2026-06-{day} 01:30")
            for name in links:
                chain.go_on()
                chain.room.end(chain.run(name), after=HOUR)
                chain.room.now += HOUR
        chain.room.at("2026-06-14 01:30")
        chain.go_on()
        return chain

    return made


@pytest.mark.parametrize("link", [WAITS, FOLLOWS], ids=["waits", "follows"])
def test_a_link_is_likely_late_when_what_it_waits_for_takes_too_long(nights, link):
    """Still at work at three: the link, which takes an hour, ends after four."""
    chain = nights(first=FIRST, then=link)
    chain.eye.begin(chain.run("first"))

    assert chain.at("01:31") == []
    assert chain.at("03:00") == []
    assert chain.at("03:01") == [LIKELY]


@pytest.mark.parametrize("link", [WAITS, FOLLOWS], ids=["waits", "follows"])
def test_it_is_told_before_either_has_begun_and_once(nights, link):
    """Queued still at 02:01: an hour, and an hour. The link's firing is not told of again."""
    chain = nights(first=FIRST, then=link)

    assert chain.at("02:00") == []
    assert chain.at("02:01") == [LIKELY]
    about = chain.eye.rows()[0].about
    assert ("2026-06-14T04:01:00Z", "2026-06-14T04:00:00Z") == (about["ends"], about["cut_off"])
    assert chain.at("04:01") == [LIKELY, LATE]
    chain.room.end(chain.run("first"))
    chain.go_on()
    chain.eye.begin(chain.run("then"))
    assert chain.at("04:30") == [LIKELY, LATE]
    chain.room.end(chain.run("then"))
    chain.at("04:31")
    assert {"over"} == set(chain.eye.states().values())


def test_it_is_foreseen_along_a_longer_chain(nights):
    """Two links ahead: three hours from 02:01 on are too many; what is between has no cut-off."""
    middle = PATIENT + 'after = ["first"]\n'
    last = PATIENT + 'after = ["middle"]\ncut_off = "05:00"\n'
    chain = nights(first=FIRST, middle=middle, then=last)

    assert chain.at("02:00") == []
    assert chain.at("02:01") == [LIKELY]


@pytest.mark.parametrize(("cut_off", "told"), [("04:30", []), ("04:29", [LIKELY])])
def test_one_that_is_still_to_come_is_counted_from_its_due_time(nights, cut_off, told):
    """Due at 02:30 it ends at 03:30, and the link at 04:30, however early the other is done."""
    second = CLOCK.format(at="02:30")
    link = FIRST + f'after = ["first", "second"]\ncut_off = "{cut_off}"\n'
    chain = nights(first=FIRST, second=second, then=link)
    chain.room.end(chain.run("first"))

    assert chain.at("01:40") == told


def test_after_several_it_is_one_alert_for_the_day(nights):
    """They are due at different times; when it fires at last, the alerts are those of before."""
    early = CLOCK.format(at="01:15") + 'parameters.branch = "0001"\n'
    both = PATIENT + 'after = ["first", "early"]\n' + CUT_OFF
    chain = nights(first=FIRST, early=early, then=both)

    assert chain.at("02:01") == [LIKELY]
    chain.room.end(chain.run("first"))
    assert chain.at("04:01") == [LIKELY, LATE]
    chain.room.end(chain.run("early"))
    chain.go_on()
    assert chain.at("04:02") == [LIKELY, LATE]
    chain.room.end(chain.run("then"))
    chain.at("04:03")
    assert {"over"} == set(chain.eye.states().values())


def test_after_a_failure_the_forecast_is_the_earliest_end(nights):
    """Nobody knows when it is mended; at 03:01 the link is too late in any case."""
    chain = nights(first=FIRST, then=WAITS)
    chain.room.end(chain.run("first"), "failed")

    assert chain.at("03:00") == []
    assert chain.at("03:01") == [LIKELY]


def test_schedules_that_wait_for_each_other_are_not_gone_round_for_ever(nights):
    """`clerkwork check` refuses them; one who starts the scheduler all the same is watched."""
    chain = nights(first=FIRST, then=WAITS)
    chain.room.add("first", FIRST + 'after = ["then"]\n')
    chain.go_on()

    assert chain.at("02:00") == []


def test_the_list_has_the_same_forecast(nights):
    """`clerkwork schedule list`: the link that waits ends in two hours."""
    chain = nights(first=FIRST, then=WAITS)
    chain.eye.begin(chain.run("first"))

    found = {one.name: one.expected for one in standings(chain.room.book, chain.room.now)}

    ends = {name: one and one.ends and (one.ends - chain.room.now) for name, one in found.items()}
    assert {"first": HOUR, "then": 2 * HOUR} == ends
