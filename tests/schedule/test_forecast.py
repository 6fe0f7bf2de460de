"""Forecasts: from the last runs, from the items on their way, and said in a line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clerkwork.schedule.forecast import Forecast, Items, Past, forecast, past_of

DUE = datetime(2026, 6, 11, 20, 0, tzinfo=UTC)  # 04:00 in Shanghai
CUT_OFF = DUE + timedelta(hours=1)
ZONE = ZoneInfo("Asia/Shanghai")
NONE = Items()


def minutes(*numbers: float) -> list[timedelta]:
    """Durations."""
    return [timedelta(minutes=number) for number in numbers]


def clock(result: Forecast) -> tuple[str, str]:
    """Its two ends, as minutes after the due time."""
    assert result.ends is not None and result.by is not None
    return tuple(str((at - DUE) // timedelta(minutes=1)) for at in (result.ends, result.by))


RUNS = [
    # minutes after the due time, when it began, how long the last runs took, ends, by
    (0, None, minutes(10, 20, 30), ("20", "30")),
    (-60, None, minutes(10, 20, 30), ("20", "30")),  # not due yet
    (25, None, minutes(10, 20, 30), ("45", "55")),  # still queued: from now
    (25, 5, minutes(10, 20, 30), ("35", "35")),  # in its 20th minute: only the 30 is left
    (12, 0, minutes(*range(1, 21)), ("16", "20")),  # of those longer than 12, the middle
    (0, None, minutes(*range(1, 21)), ("10", "18")),  # nine of ten took no more than 18
]


@pytest.mark.parametrize(("now", "began", "took", "ends"), RUNS)
def test_the_end_follows_from_the_last_runs(now, began, took, ends):
    """The middle and the ninth of ten, among runs that took longer than this one already does."""
    result = forecast(
        DUE + timedelta(minutes=now),
        Past(took),
        begins=DUE,
        began=None if began is None else DUE + timedelta(minutes=began),
        items=NONE,
        cut_off=CUT_OFF,
    )

    assert ends == clock(result)
    assert not result.is_likely_late


def test_a_run_longer_than_all_before_has_no_forecast_but_says_so():
    """After the longest of the last runs, the past says nothing more."""
    now = DUE + timedelta(minutes=40)

    result = forecast(now, Past(minutes(30)), begins=DUE, began=DUE, items=NONE, cut_off=CUT_OFF)

    said = "longer already than each of its last 1 runs, cut-off 05:00"
    assert said == result.said("en", zone=ZONE, now=now)


def test_items_go_on_at_their_pace_and_some_are_at_risk():
    """Two targets work side by side; what will not fit before the cut-off is at risk."""
    now = CUT_OFF - timedelta(minutes=10)
    items = Items({"voucher": 12, "ledger": 3}, waiting=1)

    result = forecast(
        now,
        Past((), timedelta(minutes=1)),
        begins=DUE,
        began=DUE,
        has_ended=True,
        items=items,
        cut_off=CUT_OFF,
    )

    assert CUT_OFF + timedelta(minutes=2) == result.ends
    assert result.at_risk == 2 + 1
    assert result.is_likely_late
    assert "ends 05:02, cut-off 05:00, 3 items at risk" == result.said("en", zone=ZONE, now=now)
    assert "预计 05:02 完成，截止时间 05:00，3 笔有风险" == result.said("zh", zone=ZONE, now=now)


def test_without_history_it_says_so():
    """Nothing is made up where no run ended well before."""
    result = forecast(DUE, Past(), begins=DUE, items=NONE, cut_off=CUT_OFF)

    assert result.ends is None and not result.is_likely_late
    assert "no forecast: no earlier run, cut-off 05:00" == result.said("en", zone=ZONE, now=DUE)
    assert "无历史可供预测，截止时间 05:00" == result.said("zh", zone=ZONE, now=DUE)


def test_a_pace_nobody_knows_is_no_pace():
    """Items on their way, none of which was ever keyed before: no end is forecast."""
    past = Past(minutes(10))
    moving = Items({"voucher": 2})

    result = forecast(
        DUE, past, begins=DUE, began=DUE, has_ended=True, items=moving, cut_off=CUT_OFF
    )

    assert result.ends is None


def test_the_past_is_the_last_twenty_successes(room):
    """Failed runs say nothing; of the others the last twenty, newest first."""
    room.add("often", 'time_zone = "UTC"\ncron = "*/5 * * * *"\nparameters.business_date = "day"\n')
    room.settle()
    room.at("2026-06-11 03:00")
    started = [row.run_id for row in room.firings("often")]
    for number, run_id in enumerate(started):
        room.end(run_id, "failed" if number % 9 == 0 else "done", after=timedelta(seconds=number))
    planned = room.book.planned["often"]

    with room.office.store.connect() as conn:
        past = past_of(conn, "often", bot=planned.plan.bot, environment=planned.environment)
        other = past_of(conn, "often", bot=planned.plan.bot, environment="production")

    seconds = [number for number in range(len(started)) if number % 9][:-21:-1]
    assert [timedelta(seconds=s) for s in seconds] == list(past.took)
    assert (past.key_takes, list(other.took)) == (None, [])
