"""Alerts on their way: a real mail server, a real webhook, an outbox and a clock that is moved."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clerkwork.alert import (
    Alert,
    Post,
    acknowledge,
    deliver,
    list_alerts,
    load_alerting,
    raise_alert,
    settle_alert,
)
from clerkwork.alert.deliver import ATTEMPTS, FORGOTTEN
from clerkwork.audit import open_log, verify
from clerkwork.errors import Refused
from clerkwork.store import Store, open_store

NIGHT = datetime(2026, 6, 11, 21, 0, tzinfo=UTC)  # 05:00 in Shanghai
MINUTE = timedelta(minutes=1)
LATE = {
    "schedule": "close_of_day",
    "due": "2026-06-11T17:30:00+00:00",
    "cut_off": "2026-06-11T21:00:00+00:00",
}
DRIFTED = {
    "bot": "reconcile_teller",
    "run": "reconcile_teller.3f0a91.1",
    "system": "core",
    "code": "SCREEN_UNKNOWN",
}
ONE = '[people.duty]\naddress = "alerts-duty"\nlanguage = "en"\n'
TWO = """
time_zone = "Asia/Shanghai"
[people."zhang.wei"]
address = "alerts-zhang-wei"
quiet = "22:00-07:00"
[people."li.na"]
address = "alerts-li-na"
language = "en"
"""
IN_ORDER = TWO + '[[routes]]\nto = ["zhang.wei", "li.na"]\nescalate_after_s = 600\n'
AT_ONCE = TWO + '[groups]\nboth = ["zhang.wei", "li.na"]\n[[routes]]\nto = ["both"]\n'


class House:
    """An outbox with its audit log and a clock that tests move."""

    def __init__(self, store: Store, home: Path, log: Any, monkeypatch: pytest.MonkeyPatch):
        self.store = store
        self.home = home
        self.now = NIGHT
        self._log = log
        self._monkeypatch = monkeypatch

    def post(self, rules: str) -> Post:
        """The post by these rules."""
        path = self.home / "alerts.toml"
        path.write_text(rules, encoding="utf-8")
        return Post(
            store=self.store,
            alerting=load_alerting(path),
            home=self.home,
            environment="practice",
            record=self._log.record,
            clock=lambda: self.now,
        )

    def keep(self, name: str, address: str) -> None:
        """Keep an address as a secret."""
        self._monkeypatch.setenv(f"CLERKWORK_SECRET_{name.upper().replace('-', '_')}", address)

    def raise_(self, kind: str = "late", key: str = "late:1", about: Any = None) -> bool:
        """Raise an alert now."""
        facts = about or {"late": LATE, "drifted": DRIFTED}[kind]
        with self.store.begin() as conn:
            return raise_alert(conn, Alert(kind, key, facts, "operations"), at=self.now)

    def settle(self, key: str = "late:1") -> None:
        """What it said is over now."""
        with self.store.begin() as conn:
            settle_alert(conn, key, at=self.now)

    def later(self, by: timedelta, post: Post) -> int:
        """Let time pass, then deliver."""
        self.now += by
        return deliver(post)

    @property
    def states(self) -> list[str]:
        """States of the alerts, oldest first."""
        return [row.state for row, _ in reversed(list_alerts(self.store))]

    def told(self, number: int = 0) -> dict[str, tuple[str, int]]:
        """State and attempts of each delivery of the alert, by person."""
        _, deliveries = list_alerts(self.store)[::-1][number]
        return {each.person: (each.state, each.attempts) for each in deliveries}

    @property
    def events(self) -> list[str]:
        """What the audit log has, without "alert."."""
        return [event.name.removeprefix("alert.") for _, event in self._log.read()]


@pytest.fixture
def house(tmp_path, monkeypatch) -> Iterator[House]:
    """A new house; no keyring, whatever this machine has."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    home = tmp_path / "home"
    store = open_store(home)
    with closing(open_log(home)) as log:
        yield House(store, home, log, monkeypatch)
    assert verify(home).holds
    store.close()


def test_mail_in_chinese_and_a_webhook_in_english(house, mail_server, webhook):
    """Each in their language and by their own way; urgent, so quiet hours do not hold it."""
    house.keep("alerts-zhang-wei", mail_server.url("zhang.wei@bank.example"))
    house.keep("alerts-li-na", webhook.url())
    post = house.post(AT_ONCE)
    house.raise_()

    assert deliver(post) == 2

    (mail,) = mail_server.messages
    assert mail["Subject"] == "[Clerkwork 模拟] close_of_day 超过截止时间"
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n").strip()
    assert text.splitlines() == [
        "调度计划 close_of_day（应于 2026-06-12 01:30 启动）至截止时间 2026-06-12 05:00 仍未完成。",
        "级别：紧急；发出时间：2026-06-12 05:00（Asia/Shanghai）。",
        "确认收到：clerkwork alerts acknowledge 1 --why 原因",
    ]
    (hook,) = webhook.got
    assert (hook["title"], hook["attachments"]) == ("[Clerkwork practice] late: close_of_day", [])
    assert hook["message"].splitlines() == [
        "close_of_day, due 2026-06-12 01:30, had not ended at its cut-off 2026-06-12 05:00.",
        "Severity: urgent. Raised: 2026-06-12 05:00 (Asia/Shanghai).",
        'Acknowledge: clerkwork alerts acknowledge 1 --why "..."',
    ]
    assert (["sent"], 0) == (house.states, deliver(post))
    assert sorted(house.events) == ["raised", "sent", "sent"]


def test_nothing_personal_is_sent(house, mail_server, webhook):
    """Neither who reads it nor who owns it stands in a message."""
    house.keep("alerts-zhang-wei", webhook.url())
    house.keep("alerts-li-na", mail_server.url("duty@bank.example"))
    house.raise_()
    house.raise_("drifted", "drifted:1")
    house.now += timedelta(hours=3)
    deliver(house.post(AT_ONCE))

    sent = str(webhook.got) + "".join(mail.as_string() for mail in mail_server.messages)
    assert (2, 2) == (len(webhook.got), len(mail_server.messages))
    assert [n for n in ("zhang", "li.na", "alerts-", "operations") if n in sent.lower()] == []


def test_a_key_is_one_alert(house, webhook):
    """Raised again it is known, also after it was told, and after it was over."""
    house.keep("alerts-duty", webhook.url())
    post = house.post(ONE)

    raised = [house.raise_(), house.raise_()]
    deliver(post)
    raised.append(house.raise_())
    house.settle()
    raised.append(house.raise_())
    deliver(post)

    assert [True, False, False, False] == raised
    assert (1, ["over"]) == (len(webhook.got), house.states)


def test_what_is_undone_with_its_transaction_was_never_raised(house, webhook):
    """The alert and what it is about stand or fall together."""
    house.keep("alerts-duty", webhook.url())
    with pytest.raises(ZeroDivisionError), house.store.begin() as conn:
        raise_alert(conn, Alert("late", "late:1", LATE), at=NIGHT)
        raise ZeroDivisionError

    assert (0, [], []) == (deliver(house.post(ONE)), house.states, house.events)
    assert house.raise_()


RAISER = """
import sys
from datetime import datetime
from pathlib import Path
from clerkwork.alert import Alert, raise_alert
from clerkwork.store import open_store
store, at = open_store(Path(sys.argv[1])), datetime.fromisoformat(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(50):
    with store.begin() as conn:
        alert = Alert("scheduler_stopped", f"stopped:{number}", {"since": at.isoformat()})
        if raise_alert(conn, alert, at=at):
            print(number)
store.close()
"""


def test_two_processes_that_raise_the_same_raise_it_once(house):
    """Fifty keys, two processes at the same moment."""
    both = [
        subprocess.Popen(
            [sys.executable, "-c", RAISER, house.home, NIGHT.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert ["ready\n"] * 2 == [process.stdout.readline() for process in both]
    for process in both:
        process.stdin.write("\n")
        process.stdin.flush()
    raised = [process.communicate(timeout=60)[0].split() for process in both]

    assert sorted(map(str, range(50))) == sorted(raised[0] + raised[1])
    assert ([0, 0], 50) == ([process.returncode for process in both], len(house.states))


def test_two_schedulers_that_deliver_at_once_tell_once(any_store, webhook, tmp_path, monkeypatch):
    """On both databases: thirty alerts, four deliverers, thirty messages."""
    monkeypatch.setenv("CLERKWORK_SECRET_ALERTS_DUTY", webhook.url())
    path = tmp_path / "alerts.toml"
    path.write_text(ONE, encoding="utf-8")
    with closing(open_log(tmp_path)) as log:
        post = Post(any_store, load_alerting(path), tmp_path, "practice", log.record, lambda: NIGHT)
        for number in range(30):
            with any_store.begin() as conn:
                raise_alert(conn, Alert("late", f"late:{number}", LATE), at=NIGHT)
        with ThreadPoolExecutor(4) as pool:
            sent = sum(pool.map(deliver, [post] * 4))

    assert (30, 30) == (sent, len(webhook.got))
    assert {1} == set(Counter(each["message"] for each in webhook.got).values())


def test_quiet_hours_hold_what_is_not_urgent(house, webhook):
    """At 05:00 a changed screen waits until 07:00; what is urgent does not."""
    house.keep("alerts-zhang-wei", webhook.url())
    house.keep("alerts-li-na", webhook.url("li"))
    post = house.post(IN_ORDER)
    house.raise_("drifted", "drifted:1")
    house.raise_("late", "late:1")

    assert deliver(post) == 1
    assert ["[Clerkwork 模拟] close_of_day 超过截止时间"] == webhook.titles()
    assert house.later(timedelta(minutes=119), post) == 1  # the urgent one is escalated
    assert house.later(MINUTE, post) == 1
    assert "[Clerkwork 模拟] 界面变更：core" == webhook.titles()[-1]
    assert len(webhook.titles("li")) == 1
    # the wait for an answer began at 07:00
    assert house.later(timedelta(minutes=9), post) == 0
    assert house.later(MINUTE, post) == 1
    assert "[Clerkwork practice] screen changed: core" == webhook.titles("li")[-1]


def test_what_nobody_acknowledges_goes_to_the_next(house, webhook):
    """After ten minutes, once, and nobody is told twice."""
    house.keep("alerts-zhang-wei", webhook.url("zhang"))
    house.keep("alerts-li-na", webhook.url("li"))
    post = house.post(IN_ORDER)
    house.raise_()

    sent = [deliver(post), house.later(10 * MINUTE - timedelta(seconds=1), post)]
    sent += [house.later(timedelta(seconds=1), post), house.later(timedelta(days=1), post)]

    assert [1, 0, 1, 0] == sent
    assert (1, 1) == (len(webhook.titles("zhang")), len(webhook.titles("li")))
    assert ["raised", "sent", "escalated", "sent"] == house.events


@pytest.mark.parametrize("after", ["nobody was told", "the first was told", "one is tried again"])
def test_who_acknowledges_it_stops_it(house, webhook, after):
    """Nobody further is told, whatever was on its way; it stands in the audit log."""
    house.keep("alerts-zhang-wei", webhook.url("zhang"))
    house.keep("alerts-li-na", webhook.url("li"))
    post = house.post(IN_ORDER)
    house.raise_()
    if after != "nobody was told":
        webhook.answers += [500] if after == "one is tried again" else []
        deliver(post)
    told = len(webhook.got)

    acknowledge(house.store, 1, by="li.na", why="seen", at=house.now, record=post.record)

    assert (0, told) == (house.later(timedelta(days=1), post), len(webhook.got))
    assert ["acknowledged"] == house.states
    assert house.events.count("acknowledged") == 1
    row, _ = list_alerts(house.store)[0]
    assert ("li.na", "seen") == (row.acknowledged_by, row.why)


def test_an_alert_is_acknowledged_once_and_by_its_number(house):
    """The second hears who has it."""
    house.raise_()
    one = {"by": "li.na", "why": "seen", "at": NIGHT, "record": house.post("").record}
    acknowledge(house.store, 1, **one)

    for number, code in ((1, "ALERT_ACKNOWLEDGED"), (2, "ALERT_UNKNOWN")):
        with pytest.raises(Refused) as refused:
            acknowledge(house.store, number, **one)
        assert code == refused.value.code


def test_what_is_over_goes_no_further(house, webhook):
    """Who was told was told; the next is not."""
    house.keep("alerts-zhang-wei", webhook.url("zhang"))
    house.keep("alerts-li-na", webhook.url("li"))
    post = house.post(IN_ORDER)
    house.raise_()
    deliver(post)
    house.settle()

    assert (0, ["over"]) == (house.later(timedelta(days=1), post), house.states)


def test_what_was_over_before_anybody_was_told_is_still_told(house, webhook):
    """Once, to the first alone, and it says so."""
    house.keep("alerts-zhang-wei", webhook.url("zhang"))
    house.keep("alerts-li-na", webhook.url("li"))
    post = house.post(IN_ORDER)
    house.raise_()
    house.now += MINUTE
    house.settle()

    assert (1, 0) == (deliver(post), house.later(timedelta(days=1), post))
    assert "已于 2026-06-12 05:01 解除。" in webhook.got[0]["message"]
    assert "acknowledge" not in webhook.got[0]["message"]
    assert ["over"] == house.states


def test_to_settle_what_was_never_raised_is_nothing(house):
    """The scheduler need not remember what it raised."""
    house.settle("late:none")

    assert [] == house.states


def test_without_people_alerts_stay_in_the_outbox(house, webhook):
    """Each is in the audit log once; when somebody is named, what is not over is told."""
    nobody = house.post("")
    house.raise_("late", "late:1")
    house.raise_("late", "late:2")
    house.settle("late:2")
    assert [0, 0] == [deliver(nobody), house.later(FORGOTTEN + MINUTE, nobody)]
    assert (["pending", "over"], ["raised", "raised"]) == (house.states, house.events)

    house.keep("alerts-duty", webhook.url())
    assert house.later(MINUTE, house.post(ONE)) == 1
    assert (["sent", "over"], 1) == (house.states, len(webhook.got))


def test_a_dead_address_is_tried_again_and_doubles_nobody_elses(house, webhook, mail_server):
    """After 10, 20, 40 s; the other has theirs once; in the end both have."""
    house.keep("alerts-zhang-wei", "json://127.0.0.1:1/dead")
    house.keep("alerts-li-na", webhook.url())
    post = house.post(AT_ONCE)
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
    post = house.post(IN_ORDER)
    house.raise_()

    sent = [house.later(timedelta(seconds=wait), post) for wait in (0, 10, 20, 1)]

    assert [0, 0, 0, 1] == sent
    assert ("waiting", 3) == house.told()["zhang.wei"]
    assert house.now - NIGHT < timedelta(seconds=60)


def test_a_webhook_that_answers_500_twice_gets_it_the_third_time(house, webhook):
    """The list says why meanwhile."""
    house.keep("alerts-duty", webhook.url())
    post = house.post(ONE)
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
    post = house.post(ONE)
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

    assert deliver(house.post(AT_ONCE)) == 0
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
    post = house.post(ONE)
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
    post = house.post(AT_ONCE)
    webhook.answers.append(500)
    house.raise_()
    deliver(post)
    house.later(timedelta(minutes=1), post)

    assert len(webhook.got) == 2
    files = [path.read_bytes() for path in house.home.rglob("*") if path.is_file()]
    printed = "".join(capfd.readouterr())
    assert "canary" not in caplog.text + printed + repr(post)
    assert [content for content in files if b"canary" in content] == []


def test_many_go_out_in_one_round_the_urgent_first(house, webhook):
    """Sixty alerts to one person."""
    house.keep("alerts-duty", webhook.url())
    for number in range(30):
        house.raise_("drifted", f"drifted:{number}")
        house.raise_("late", f"late:{number}")

    assert deliver(house.post(ONE)) == 60

    titles = webhook.titles()
    assert all("late" in title for title in titles[:30])
    assert all("screen changed" in title for title in titles[30:])


class Crash(BaseException):
    """The end of a process, as far as this can be played within one."""


def test_a_clock_that_is_set_back_holds_nothing_up(house, webhook):
    """What was taken by somebody five hours ahead, who died, is free at once."""
    house.keep("alerts-duty", webhook.url())
    post = house.post(ONE)
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
    post = house.post(ONE)
    for number in range(5):
        house.raise_("drifted", f"drifted:{number}", DRIFTED | {"system": f"system-{number}"})
    child = subprocess.Popen([sys.executable, "-c", DELIVERER, house.home, NIGHT.isoformat()])

    def kill_at_the_third() -> None:
        if len(webhook.got) == 3:
            os.kill(child.pid, signal.SIGKILL)

    webhook.on_message = kill_at_the_third
    assert child.wait(60) == -signal.SIGKILL

    sent = [house.later(timedelta(seconds=wait), post) for wait in (1, 180, 86_400)]

    assert [2, 1, 0] == sent  # the others at once, the one in flight when its time has run out
    expected = {f"[Clerkwork practice] screen changed: system-{n}": 1 for n in range(5)}
    in_flight = "[Clerkwork practice] screen changed: system-2"
    assert expected | {in_flight: 2} == Counter(webhook.titles())
    assert house.states == ["sent"] * 5
