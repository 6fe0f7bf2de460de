"""Alerts on their way: a real mail server, a real webhook, an outbox and a clock that is moved."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from clerkwork.alert import (
    Alert,
    Post,
    acknowledge,
    deliver,
    list_alerts,
    load_alerting,
    raise_alert,
)
from clerkwork.alert.deliver import FORGOTTEN
from clerkwork.audit import open_log
from clerkwork.errors import Refused

NIGHT = datetime(2026, 6, 11, 21, 0, tzinfo=UTC)  # 05:00 in Shanghai
MINUTE = timedelta(minutes=1)
LATE = {
    "schedule": "close_of_day",
    "due": "2026-06-11T17:30:00+00:00",
    "cut_off": "2026-06-11T21:00:00+00:00",
}


def test_mail_in_chinese_and_a_webhook_in_english(house, mail_server, webhook):
    """Each in their language and by their own way; urgent, so quiet hours do not hold it."""
    house.keep("alerts-zhang-wei", mail_server.url("zhang.wei@bank.example"))
    house.keep("alerts-li-na", webhook.url())
    post = house.post("at once")
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
    deliver(house.post("at once"))

    sent = str(webhook.got) + "".join(mail.as_string() for mail in mail_server.messages)
    assert (2, 2) == (len(webhook.got), len(mail_server.messages))
    assert [n for n in ("zhang", "li.na", "alerts-", "operations") if n in sent.lower()] == []


def test_a_key_is_one_alert(house, webhook):
    """Raised again it is known, also after it was told, and after it was over."""
    house.keep("alerts-duty", webhook.url())
    post = house.post("one")

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

    assert (0, [], []) == (deliver(house.post("one")), house.states, house.events)
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
    path.write_text('[people.duty]\naddress = "alerts-duty"\n', encoding="utf-8")
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
    post = house.post("in order")
    house.raise_("drifted", "drifted:1")
    house.raise_("late", "late:1")

    assert deliver(post) == 1
    assert ["[Clerkwork 模拟] close_of_day 超过截止时间"] == webhook.titles()
    assert house.later(timedelta(minutes=119), post) == 1  # the urgent one is escalated
    assert house.later(MINUTE, post) == 1
    assert "[Clerkwork 模拟] 与登记不符：core" == webhook.titles()[-1]
    assert len(webhook.titles("li")) == 1
    # the wait for an answer began at 07:00
    assert house.later(timedelta(minutes=9), post) == 0
    assert house.later(MINUTE, post) == 1
    assert "[Clerkwork practice] changed: core" == webhook.titles("li")[-1]


def test_what_nobody_acknowledges_goes_to_the_next(house, webhook):
    """After ten minutes, once, and nobody is told twice."""
    house.keep("alerts-zhang-wei", webhook.url("zhang"))
    house.keep("alerts-li-na", webhook.url("li"))
    post = house.post("in order")
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
    post = house.post("in order")
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
    one = {"by": "li.na", "why": "seen", "at": NIGHT, "record": house.post("nobody").record}
    acknowledge(house.store, 1, **one)

    for number, code in ((1, "ALERT_ACKNOWLEDGED"), (2, "ALERT_UNKNOWN")):
        with pytest.raises(Refused) as refused:
            acknowledge(house.store, number, **one)
        assert code == refused.value.code


def test_what_is_over_goes_no_further(house, webhook):
    """Who was told was told; the next is not."""
    house.keep("alerts-zhang-wei", webhook.url("zhang"))
    house.keep("alerts-li-na", webhook.url("li"))
    post = house.post("in order")
    house.raise_()
    deliver(post)
    house.settle()

    assert (0, ["over"]) == (house.later(timedelta(days=1), post), house.states)


def test_what_was_over_before_anybody_was_told_is_still_told(house, webhook):
    """Once, to the first alone, and it says so."""
    house.keep("alerts-zhang-wei", webhook.url("zhang"))
    house.keep("alerts-li-na", webhook.url("li"))
    post = house.post("in order")
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
    nobody = house.post("nobody")
    house.raise_("late", "late:1")
    house.raise_("late", "late:2")
    house.settle("late:2")
    assert [0, 0] == [deliver(nobody), house.later(FORGOTTEN + MINUTE, nobody)]
    assert (["pending", "over"], ["raised", "raised"]) == (house.states, house.events)

    house.keep("alerts-duty", webhook.url())
    assert house.later(MINUTE, house.post("one")) == 1
    assert (["sent", "over"], 1) == (house.states, len(webhook.got))


def test_many_go_out_in_one_round_the_urgent_first(house, webhook):
    """Sixty alerts to one person."""
    house.keep("alerts-duty", webhook.url())
    for number in range(30):
        house.raise_("drifted", f"drifted:{number}")
        house.raise_("late", f"late:{number}")

    assert deliver(house.post("one")) == 60

    titles = webhook.titles()
    assert all("late" in title for title in titles[:30])
    assert all("changed: " in title for title in titles[30:])
