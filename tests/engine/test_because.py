"""Why lines belong together or do not: every sentence of the engine, in Chinese."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from clerkwork.facts.because import SENTENCES, because
from clerkwork.run.closing import load_plan
from clerkwork.run.runs import load_run
from tests.conftest import Branch

_WORD = re.compile(r"[a-z]{2,}")  # a word of English: references and codes are in capitals


@pytest.mark.parametrize(("english", "chinese"), SENTENCES)
def test_every_sentence_keeps_its_facts_in_chinese(english: str, chinese: str):
    """It is found among all others, and says the same facts in the other language."""
    names = [name for _, name, _, _ in string.Formatter().parse(english) if name]
    facts = {name: f"<{number}>" for number, name in enumerate(names)}

    assert because(english.format(**facts), "zh") == chinese.format(**facts)
    assert because(english.format(**facts), "en") == english.format(**facts)
    assert not _WORD.search(chinese.format(**facts))


def test_what_a_person_wrote_stays_as_it_is():
    """Also when it looks like a sentence of the engine in part."""
    assert because("the same day, says Li Na", "zh") == "the same day, says Li Na"


def test_a_nights_reasons_are_all_said_in_chinese(night: Branch):
    """Of matches, of breaks and of what items went through; the report has no English reason."""
    run = load_run(night.office, "last")
    plan = load_plan(night.office, run)
    said = [because(one, "zh") for match in plan.matches for one in match.because]
    said += [because(item.because, "zh") for item in plan.breaks]
    assert said
    # a break's reason is named by its key, which is a word of the rule file
    told = [re.sub(r"不符项：\w+", "", one) for one in said]
    assert not [one for one in told if _WORD.search(one)]
    page = Path(run.report["zh.html"]).read_text(encoding="utf-8")
    for english in ("same day", "after our date roll", "not in our journal", "counted "):
        assert english not in page


def test_a_report_in_english_keeps_its_reasons(night: Branch):
    """As they were decided."""
    page = Path(load_run(night.office, "last").report["en.html"]).read_text(encoding="utf-8")
    assert "same day" in page
