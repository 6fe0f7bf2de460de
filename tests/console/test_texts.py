"""Every text stands in the locale files, in both languages, and is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from clerkwork.console import texts
from clerkwork.console.routes import ROUTES

CONSOLE = Path(texts.__file__).parent
TEMPLATES = sorted((CONSOLE / "templates").rglob("*.html"))
SOURCES = sorted(CONSOLE.rglob("*.py"))
SPOKEN = {"alt", "title", "placeholder", "aria-label", "aria-description", "label", "value"}
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
CALL = re.compile(r"""\bt\(\s*(['"])([\w.]+)\1\s*(~)?""")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NOT_SAID = {"Clerkwork"}


class Literals(HTMLParser):
    """The texts that stand in a template itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        """What stands between tags."""
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What is spoken of a tag."""
        is_button = tag in ("button", "input", "option")
        self.found += [
            value or ""
            for name, value in attrs
            if name in SPOKEN and not (name == "value" and is_button)
        ]


def literals(template: str) -> list[str]:
    """Words of a template that come from no locale file."""
    parser = Literals()
    parser.feed(JINJA.sub("", template))
    words = (part.strip(" \n·–,.:;()→") for part in parser.found)
    return [word for word in words if re.search(r"[^\W\d_]", word) and word not in NOT_SAID]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_words_of_its_own(path: Path):
    """Neither between tags nor in what is spoken of them."""
    assert literals(path.read_text(encoding="utf-8")) == []


def test_words_in_a_template_would_be_found():
    """The check is not blind."""
    for template in ("<p>Sign in</p>", '<img alt="登录">', "{{ x }} of {% if y %}z{% endif %}"):
        assert literals(template) != []


def used() -> Iterator[tuple[str, bool]]:
    """Each key that is asked for, and whether something is added to it."""
    for path in TEMPLATES:
        for _, key, joined in CALL.findall(path.read_text(encoding="utf-8")):
            yield key, bool(joined)
    known = texts.catalogue().keys()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Constant(value=str() as value) if value in known:
                    yield value, False
                case ast.JoinedStr(values=[ast.Constant(value=str() as begun), _]) if (
                    begun.endswith(".") and any(key.startswith(begun) for key in known)
                ):
                    yield begun, True
    for route in ROUTES:
        if route.nav:
            yield route.nav, False


def test_every_text_that_is_asked_for_is_there_and_none_is_idle():
    """A key with something added stands for all that begin with it."""
    known = set(texts.catalogue())
    asked = set(used())
    whole = {key for key, joined in asked if not joined}
    begun = {key for key, joined in asked if joined}

    assert sorted(whole - known) == []
    assert [key for key in begun if not any(name.startswith(key) for name in known)] == []
    idle = {name for name in known - whole if not any(name.startswith(key) for key in begun)}
    assert sorted(idle) == []


def test_texts_that_pages_say_after_a_change_are_there():
    """`visit.go(path, "said...")` names one; a slip would say nothing."""
    said = {
        node.args[1].value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "go"
        and len(node.args) == 2
        and isinstance(node.args[1], ast.Constant)
    }

    assert said
    assert sorted(said - texts.catalogue().keys()) == []


def test_states_of_runs_items_and_roles_have_all_their_words():
    """What is added to a key is one of these; none lacks its text."""
    from clerkwork.people import ROLES
    from clerkwork.run.runs import STATES
    from clerkwork.run.tables import STATES as ITEM_STATES

    said = texts.catalogue()
    for state, (en, zh) in STATES.items():
        assert said[f"state.run.{state}"] == {"en": en, "zh": zh}
    for state, (en, zh) in ITEM_STATES.items():
        assert said[f"state.item.{state}"] == {"en": en, "zh": zh}
    assert {f"role.{role}" for role in ROLES} <= said.keys()


def test_both_languages_are_what_they_say_and_have_the_same_facts():
    """No Chinese in English, Chinese in Chinese, one line each, the same names in braces."""
    names = re.compile(r"\{(\w+)\}")
    same = {"nav.english", "nav.chinese"}  # each in its own language
    for key, pair in texts.catalogue().items():
        assert pair["en"], key
        assert "\n" not in pair["en"] + pair["zh"], key
        assert sorted(names.findall(pair["en"])) == sorted(names.findall(pair["zh"])), key
        plain = names.sub("", pair["zh"])
        if key not in same:
            assert not CHINESE.search(pair["en"]), key
            assert CHINESE.search(plain) or not re.search(r"[A-Za-z]", plain), key


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("de,fr;q=0.9", "en"),
        ("de,zh-TW;q=0.4,en;q=0.3", "zh"),
        ("", "en"),
        ("zh;q=x,en;q=0.1", "en"),
    ],
)
def test_a_browser_says_what_it_likes(header: str, language: str):
    """The best of ours; else the workspace's."""
    assert texts.preferred(header, "en") == language


@pytest.mark.parametrize(("name", "called"), [("practice", "练习"), ("uat-2", "uat-2")])
def test_an_environment_that_the_bank_named_keeps_its_name(name: str, called: str):
    """Only ours have texts."""
    assert texts.environment(name, "zh") == called
