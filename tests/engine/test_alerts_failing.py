"""Alerts when something is wrong: dead addresses, crashes, clocks; nothing lost, nothing shown."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clerkwork.alert import (
    deliver,
    list_alerts,
)
from clerkwork.alert.deliver import ATTEMPTS

NIGHT = datetime(2026, 6, 11, 21, 0, tzinfo=UTC)  # 05:00 in Shanghai


def test_a_dead_address_is_tried_again_and_doubles_nobody_elses(house, webhook, mail_server):
    """After 10, 20, 40 s; the other has theirs once; in the end both have."""
    house.keep("alerts-zhang-wei", "json://127.0.0.1:1/dead")
    house.keep("alerts-li-na", webhook.url())
    post = house.post("at once")
    house.raise_()
    waits = [0, 9, 1, 19, 1, 39, 1]

    sent = [house.later(timedelta(seconds=wait), post) for wait in waits]

    assert [1, 0, 0, 0, 0, 0, 0] == sent
    assert {"zhang.wei": ("waiting", 4), "li.na": ("sent", 1)} == house.told()
    house.keep("alerts-zhang-wei", mail_server.url())
    assert house.later(timedelta(minutes=15), post) == 1
    assert (1, 1) == (len(webhook.got), len(mail_server.messages))
    assert 4 == house.events.count("failed")


def test_who_cannot_be_reached_is_passed_over(house, webhook):
    """Three attempts in half a minute, then the next is told, long before the ten minutes."""
    house.keep("alerts-zhang-wei", "json://127.0.0.1:1/dead")
    house.keep("alerts-li-na", webhook.url())
    post = house.post("in order")
    house.raise_()

    sent = [house.later(timedelta(seconds=wait), post) for wait in (0, 10, 20, 1)]

    assert [0, 0, 0, 1] == sent
    assert ("waiting", 3) == house.told()["zhang.wei"]
    assert house.now - NIGHT < timedelta(seconds=60)


def test_a_webhook_that_answers_500_twice_gets_it_the_third_time(house, webhook):
    """The list says why meanwhile."""
    house.keep("alerts-duty", webhook.url())
    post = house.post("one")
    webhook.answers += [500, 503]
    house.raise_()

    sent = [house.later(timedelta(seconds=wait), post) for wait in (0, 10)]
    _, (delivery,) = list_alerts(house.store)[0]
    sent.append(house.later(timedelta(seconds=20), post))

    assert ([0, 0, 1], 3) == (sent, len(webhook.got))
    assert ("ALERT_NOT_TAKEN", True) == (
        delivery.failure["code"],
        "(HTTP 503)" in delivery.failure["en"] and "（HTTP 503）" in delivery.failure["zh"],
    )
    _, (delivery,) = list_alerts(house.store)[0]
    assert (None, "sent", 3) == (delivery.failure, delivery.state, delivery.attempts)


def test_a_mail_server_that_refuses_is_tried_again(house, mail_server):
    """A full mailbox is not the end."""
    house.keep("alerts-duty", mail_server.url())
    post = house.post("one")
    mail_server.answers.append("452 mailbox is full")
    house.raise_()

    assert [0, 1] == [deliver(post), house.later(timedelta(seconds=10), post)]
    assert len(mail_server.messages) == 1


def test_a_webhook_that_does_not_answer_is_given_up_in_time(house, webhook, monkeypatch):
    """A time-out is not an answer; the other person does not wait for it."""
    monkeypatch.setattr("clerkwork.alert.channel.READ_S", 0.5)
    house.keep("alerts-zhang-wei", webhook.url("slow"))
    house.keep("alerts-li-na", "json://127.0.0.1:1/dead")
    released = threading.Event()
    webhook.on_message = lambda: released.wait(10)
    house.raise_()
    began = time.monotonic()

    assert deliver(house.post("at once")) == 0
    took = time.monotonic() - began
    released.set()

    assert took < 5
    assert {("waiting", 1)} == set(house.told().values())


@pytest.mark.parametrize(
    ("address", "code"),
    [(None, "SECRET_MISSING"), ("nonsense://canary", "ALERT_ADDRESS_WRONG")],
)
def test_after_a_day_of_trying_it_is_undeliverable(house, address, code):
    """It says so, and stays in the outbox; every attempt is in the audit log."""
    if address:
        house.keep("alerts-duty", address)
    post = house.post("one")
    house.raise_()
    began = house.now

    while house.states == ["pending"]:
        assert house.later(timedelta(minutes=5), post) == 0

    assert timedelta(hours=20) < house.now - began < timedelta(hours=28)
    assert {"duty": ("failed", ATTEMPTS)} == house.told()
    assert (["undeliverable"], ATTEMPTS) == (house.states, house.events.count("failed"))
    _, (delivery,) = list_alerts(house.store)[0]
    assert (code, False) == (delivery.failure["code"], "canary" in str(delivery.failure))


def test_an_address_stands_nowhere(house, webhook, caplog, capfd):
    """Not in logs at their most talkative, errors, the store, or the audit log."""
    caplog.set_level(logging.DEBUG)
    house.keep("alerts-zhang-wei", webhook.url("canary-token?-q=canary-query"))
    house.keep("alerts-li-na", "json://user:canary-password@127.0.0.1:1/canary-path")
    post = house.post("at once")
    webhook.answers.append(500)
    house.raise_()
    deliver(post)
    house.later(timedelta(minutes=1), post)

    assert len(webhook.got) == 2
    files = [path.read_bytes() for path in house.home.rglob("*") if path.is_file()]
    printed = "".join(capfd.readouterr())
    assert "canary" not in caplog.text + printed + repr(post)
    assert [content for content in files if b"canary" in content] == []


class Crash(BaseException):
    """The end of a process, as far as this can be played within one."""


def test_a_clock_that_is_set_back_holds_nothing_up(house, webhook):
    """What was taken by somebody five hours ahead, who died, is free at once."""
    house.keep("alerts-duty", webhook.url())
    post = house.post("one")
    house.raise_()

    def dies_at_the_mark(name: str, **fields: object) -> object:
        if name == "alert.sent":
            raise Crash
        return post.record(name, **fields)

    ahead = replace(post, record=dies_at_the_mark, clock=lambda: NIGHT + timedelta(hours=5))
    with pytest.raises(Crash):
        deliver(ahead)

    assert (1, 0) == (deliver(post), deliver(post))
    assert len(webhook.got) == 2


DELIVERER = """
import sys
from datetime import datetime
from pathlib import Path
from clerkwork.alert import Post, deliver, load_alerting
from clerkwork.audit import open_log
from clerkwork.store import open_store
home, at = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
store, log = open_store(home), open_log(home)
deliver(Post(store, load_alerting(home / "alerts.toml"), home, "practice", log.record, lambda: at))
"""


def test_kill_between_sending_and_marking_repeats_at_most_one_message(house, webhook):
    """Five alerts; the deliverer dies at the third, after the webhook has it."""
    house.keep("alerts-duty", webhook.url())
    post = house.post("one")
    for number in range(5):
        house.raise_("drifted", f"drifted:{number}", system=f"system-{number}")
    child = subprocess.Popen([sys.executable, "-c", DELIVERER, house.home, NIGHT.isoformat()])

    def kill_at_the_third() -> None:
        if len(webhook.got) == 3:
            os.kill(child.pid, signal.SIGKILL)

    webhook.on_message = kill_at_the_third
    assert child.wait(60) == -signal.SIGKILL

    sent = [house.later(timedelta(seconds=wait), post) for wait in (1, 180, 86_400)]

    assert [2, 1, 0] == sent  # the others at once, the one in flight when its time has run out
    expected = {f"[Clerkwork practice] changed: system-{n}": 1 for n in range(5)}
    in_flight = "[Clerkwork practice] changed: system-2"
    assert expected | {in_flight: 2} == Counter(webhook.titles())
    assert house.states == ["sent"] * 5
