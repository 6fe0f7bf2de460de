"""The rules of the house hold in this repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from . import codes, contents, directions, events, habits, manifests, packages

ROOT = Path(__file__).parents[2]
Rule = Callable[[Path], list[str]]

RULES: list[Rule] = [
    directions.imports_go_down,
    directions.content_uses_public_faces,
    directions.no_import_circles,
    directions.every_room_has_its_floor,
    packages.packages_are_declared,
    packages.declared_packages_are_used,
    packages.packages_agree_with_the_project,
    packages.promised_packages_are_imported,
    habits.no_vague_modules,
    habits.no_half_chinese_encoding,
    habits.text_files_name_their_encoding,
    habits.money_never_floats,
    codes.every_code_has_its_texts,
    codes.every_code_stands_once,
    codes.every_text_is_raised,
    codes.facts_fill_the_texts,
    events.recorded_events_are_registered,
    events.registered_events_are_recorded,
    events.events_are_told_in_both_languages,
    contents.every_bot_is_complete,
    contents.every_screen_is_declared,
    manifests.manifest_keys_are_documented,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Rule):
    """Each rule finds nothing wrong here."""
    wrong = rule(ROOT)

    assert wrong == [], "\n".join(wrong)
