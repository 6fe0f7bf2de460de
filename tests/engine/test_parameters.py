"""Parameters of a bot as a form shows and checks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from clerkwork.errors import Misconfigured
from clerkwork.workspace import Bot, parameters, parameters_of, problems
from clerkwork.workspace.bots import BotManifest, ProcessMap


@dataclass(frozen=True)
class Params:
    """One of each kind."""

    on: date
    times: int = 2
    most: Decimal | None = None
    side: Literal["debit", "credit"] = "credit"
    is_final: bool = False
    branch: str = field(default_factory=lambda: "0755")


@pytest.fixture
def bot() -> Bot:
    """A bot that has these parameters and words for one of them."""
    words = {"on": {"en": "Day", "zh": "日期", "hint_zh": "会计日期"}}
    manifest = BotManifest.model_validate(
        {"title_en": "x", "title_zh": "x", "owner": "x", "reads": [], "parameters": words}
    )
    process = ProcessMap.model_validate(
        {"title_en": "x", "title_zh": "x", "goal_en": "x", "goal_zh": "x", "owner": "x"}
        | {"inputs": [], "outputs": [], "steps": []}
    )
    return Bot("pay", Path(), manifest, process, Params, read=print, decide=print, rekey=None)


def test_each_has_its_kind_its_default_and_its_words(bot: Bot):
    """What is not named in bot.toml is called by its own name."""
    found = [(one.name, one.kind, one.default, one.is_needed) for one in parameters_of(bot)]

    assert found == [
        ("on", "date", "", True),
        ("times", "number", "2", False),
        ("most", "amount", "", False),
        ("side", "choice", "credit", False),
        ("is_final", "yes_no", "false", False),
        ("branch", "text", "0755", False),
    ]
    by_name = {one.name: one for one in parameters_of(bot)}
    assert by_name["side"].choices == ("debit", "credit")
    assert (by_name["on"].label, by_name["on"].hint) == (("Day", "日期"), ("", "会计日期"))
    assert by_name["times"].label == ("times", "times")


def test_texts_become_values_also_as_a_row_of_the_store_has_them(bot: Bot):
    """A run's row has what str() made of the values; that is read again."""
    typed = {"on": "2026-06-11", "times": "7", "most": "1.50", "side": "debit", "is_final": "true"}
    made = parameters(bot, typed)
    kept = {name: str(getattr(made, name)) for name in typed}

    assert made == Params(date(2026, 6, 11), 7, Decimal("1.50"), "debit", True)
    assert parameters(bot, kept) == made


def test_every_field_is_told_what_is_wrong_with_it(bot: Bot):
    """All at once, by name; nothing for those that are right."""
    wrong = {"times": "many", "most": "NaN", "side": "left", "is_final": "perhaps", "branch": "1"}

    assert {name: one.code for name, one in problems(bot, wrong).items()} == {
        "on": "PARAMETER_MISSING",
        "times": "PARAMETER_WRONG",
        "most": "PARAMETER_WRONG",
        "side": "PARAMETER_WRONG",
        "is_final": "PARAMETER_WRONG",
    }
    assert problems(bot, {"on": "2026-06-11"}) == {}


def test_a_choice_names_the_choices(bot: Bot):
    """So that whoever typed another one sees them."""
    with pytest.raises(Misconfigured, match="PARAMETER_WRONG") as raised:
        parameters(bot, {"on": "2026-06-11", "side": "left"})

    assert "debit, credit" in raised.value.message("zh")
