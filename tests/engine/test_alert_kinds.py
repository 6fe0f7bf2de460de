"""Kinds of alert: what each says in both languages, and what none may carry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from clerkwork.alert import Alert
from clerkwork.alert.kinds import FACTS, KINDS, sentence, title

SHANGHAI = ZoneInfo("Asia/Shanghai")
CARD = "4111111111111111"  # by its check digit
NEW_YORK = ZoneInfo("America/New_York")
ABOUT = {
    "schedule": "close_of_day",
    "bot": "reconcile_teller",
    "system": "core",
    "worker": "worker-1",
    "rule": "catch_up",
    "condition": "end_of_day_done",
    "source": "mail",
    "run": "reconcile_teller.3f0a91.12",
    "code": "TARGET_NOT_REACHED",
    "at_risk": "3",
    "count": "2",
    "minutes": "90",
    "due": "2026-06-11T17:30:00+00:00",
    "began": "2026-06-11T17:30:05+00:00",
    "ends": "2026-06-11T20:40:00+00:00",
    "cut_off": "2026-06-11T21:00:00+00:00",
    "deadline": "2026-06-11T19:00:00+00:00",
    "since": "2026-06-11T17:28:00+00:00",
}


def about(kind: str) -> dict[str, str]:
    """Facts for an alert of `kind`."""
    return {name: ABOUT[name] for name in KINDS[kind].facts}


def test_every_kind_says_all_its_facts_in_both_languages():
    """Nothing that it carries is untold, and nothing is told that it does not carry."""
    for name, kind in KINDS.items():
        for title_, sentence_ in ((kind.en_title, kind.en), (kind.zh_title, kind.zh)):
            said = [field for _, field, _, _ in Formatter().parse(sentence_) if field]
            assert sorted(kind.facts) == sorted(said), name
            in_title = {field for _, field, _, _ in Formatter().parse(title_) if field}
            assert in_title <= set(kind.facts), name


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_raised_and_read(kind):
    """A title and a sentence in each language, with every fact filled in."""
    alert = Alert(kind, f"{kind}:1", about(kind))

    for language, has_chinese in (("en", False), ("zh", True)):
        for tell in (title, sentence):
            said = tell(alert.kind, alert.about, language=language, zone=SHANGHAI)
            assert has_chinese == bool(re.search("[\u4e00-\u9fff]", said))
            assert "{" not in said and "T17" not in said and "+00" not in said


def test_what_the_forecast_says_to_the_word():
    """Times are those of who reads it."""
    facts = about("likely_late")

    assert [
        sentence("likely_late", facts, language="en", zone=SHANGHAI),
        sentence("likely_late", facts, language="zh", zone=SHANGHAI),
        sentence("likely_late", facts, language="en", zone=NEW_YORK),
    ] == [
        "close_of_day, due 2026-06-12 01:30, is likely to end 2026-06-12 04:40, after its cut-off"
        " 2026-06-12 05:00; items at risk: 3.",
        "调度计划 close_of_day（应于 2026-06-12 01:30 启动）预计 2026-06-12 04:40 完成，"
        "晚于截止时间 2026-06-12 05:00；可能延误的业务件：3 笔。",
        "close_of_day, due 2026-06-11 13:30, is likely to end 2026-06-11 16:40, after its cut-off"
        " 2026-06-11 17:00; items at risk: 3.",
    ]


def test_a_word_of_the_house_is_told_in_the_readers_language():
    """A rule and a source are words; any other name stays as it is."""
    facts = about("missed")

    assert sentence("missed", facts, language="zh", zone=SHANGHAI).endswith("依据规则：补跑规则。")
    assert sentence("missed", facts, language="en", zone=SHANGHAI).endswith("rule: catch-up.")
    own = facts | {"rule": "own_rule"}
    assert sentence("missed", own, language="zh", zone=SHANGHAI).endswith("依据规则：own_rule。")


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("nonsense", {}),
        ("late", {"note": "close_of_day"}),
        ("late", {"person": "zhang.wei"}),
        ("late", {"schedule": "张伟"}),
        ("late", {"schedule": "Zhang Wei"}),
        ("late", {"schedule": "zhang.wei@bank.example"}),
        ("late", {"schedule": "acct_6222021234567890128"}),
        ("late", {"schedule": "c1011840001"}),
        ("late", {"schedule": ""}),
        ("late", {"due": "2026-06-11T17:30:00"}),
        ("late", {"due": "tonight"}),
        ("run_failed", {"code": "the ledger of Li Na is closed"}),
        ("run_failed", {"code": "6222021234567890128"}),
        ("run_failed", {"run": "zhang.wei"}),
        ("run_failed", {"run": 3}),
        ("schedule_broken", {"count": "1,234.50 CNY"}),
        ("schedule_broken", {"count": "13800138000"}),
        ("schedule_broken", {"count": "1\n2"}),
    ],
)
def test_what_is_no_name_time_count_or_code_is_refused(kind, changed):
    """No person, account, amount or free text gets in; the error does not repeat it."""
    facts = (about(kind) if kind in KINDS else {}) | changed

    with pytest.raises(ValueError, match="^alert '") as refused:
        Alert(kind, "k", facts)

    told = [value for value in changed.values() if value and str(value) in str(refused.value)]
    assert told == []


def test_a_fact_that_is_missing_is_refused():
    """A sentence with a hole in it is a defect."""
    with pytest.raises(ValueError, match="needs cut_off, due"):
        Alert("late", "k", {"schedule": "close_of_day"})


@pytest.mark.parametrize("key", ["", "张伟", "a b", f"late:{CARD}", "x" * 201])
def test_a_key_is_plain(key):
    """It stands in the audit log."""
    with pytest.raises(ValueError, match="key of an alert"):
        Alert("test", key, {})


def test_no_fact_takes_free_text():
    """Not one of the shapes lets a sentence, a Chinese name or an account through."""
    hostile = ["Li Na said so", "李娜", "1011840001", "12.50", "a\nb", "+86 138", "<b>", "{key}"]

    assert [(name, text) for name, fits in FACTS.items() for text in hostile if fits(text)] == []
    assert all(fits(ABOUT[name]) for name, fits in FACTS.items())
    assert datetime.fromisoformat(ABOUT["due"]) == datetime(2026, 6, 11, 17, 30, tzinfo=UTC)
