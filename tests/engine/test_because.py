"""Why a break is one is said in both languages, whatever the engine found."""

from __future__ import annotations

import re
from pathlib import Path

from clerkwork.run.because import said_why
from clerkwork.run.breaks import break_of
from clerkwork.run.worklist import standing_breaks

from ..conftest import Branch

ROOT = Path(__file__).parents[2]
WRITTEN = re.compile(r'(?:return "\w+", "\w+", |because=|why = )f?"(.+?)"(?: if|$|\n|,)')
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_break_of_a_night_says_why_in_chinese(night: Branch):
    """Nothing of what the engine writes stays English; names and figures stay as they are."""
    told = {
        break_of(row).because: said_why(break_of(row).because, "zh", currency=row.currency)
        for row in standing_breaks(night.office, bots=None)
    }

    assert len(told) > 10
    assert {why: said for why, said in told.items() if not CHINESE.search(said)} == {}


def test_each_sentence_of_the_engine_has_its_chinese():
    """One that is added to explain.py, and not to because.py, is missed here."""
    source = Path("src/clerkwork/reconcile/explain.py").read_text(encoding="utf-8")
    written = re.findall(
        r'(?:return "\w+", "\w+", |because=|why = )f?"(.+?)"(?: if|$|\n|,)', source
    )

    assert len(written) >= 8
    for sentence in written:
        example = re.sub(r"\{ours.amount\}|\{theirs.amount\}", "1.00", sentence)
        example = re.sub(r"\{why\}", "no slip of the pen explains it", example)
        example = re.sub(r"\{[^}]+\}", "X", example)
        assert example.startswith(("our digits", "no slip")) or CHINESE.search(
            said_why(example, "zh", currency="CNY")
        ), example


def test_amounts_have_their_digits_grouped_in_both():
    """References of digits alone are no amounts."""
    why = "reference 2026061191027: -4863.97 and -4993.2, no slip of the pen explains it"

    assert said_why(why, "en", currency="CNY") == (
        "reference 2026061191027: -4,863.97 and -4,993.20, no slip of the pen explains it"
    )
    assert said_why("as the branch says", "zh", currency="CNY") == "as the branch says"
