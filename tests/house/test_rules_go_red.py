"""A rule that cannot go red is no rule: each violation is planted, and found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from . import codes, contents, directions, events, habits, manifests, packages
from .test_house import ROOT, Rule

ENGINE = "src/clerkwork"
PYPROJECT = '[project]\nname = "x"\ndependencies = ["duckdb>=2"]\n'
PACKAGES = '[duckdb]\nimports = ["duckdb"]\nrooms = ["reconcile"]\nwhy = "matching"\n'
USED = {
    "pyproject.toml": PYPROJECT,
    "tests/house/packages.toml": PACKAGES,
    f"{ENGINE}/reconcile/match.py": "import duckdb\n",
}
TEXT = '[DATE_WRONG]\nen = "{value} is no date"\nzh = "{value} 不是日期"\n'
RAISE = 'raise Refused("DATE_WRONG", value=1)\n'
BOT = {
    "bots/pay/bot.toml": 'title_en = "x"\n[screens]\ncore = ["menu"]\n',
    "bots/pay/process.toml": "x = 1\n",
    "bots/pay/bot.py": "from tasks.core import enter\n",
    "bots/pay/README.md": "# What a clerk did\n",
    "tasks/core.py": 'def enter(session):\n    session.expect("menu")\n',
    "resources/systems/core/screens/menu.toml": 'name = "menu"\n',
    **{
        f"tests/bots/pay/cases/{kind}/input.json": "{}"
        for kind in ("good", "refused", "drifted", "in_doubt")
    },
}
KINDS = 'KINDS: dict[str, EventKind] = {"item.keyed": EventKind(("number",), "{a}", "{a}是")}\n'
EVENTS = {
    f"{ENGINE}/facts/event.py": KINDS.replace("{a}", "{item} {number}"),
    f"{ENGINE}/run/keying.py": 'log.record(f"item.{to}", number=1)\nto = "keyed"\n',
}
MODEL = {
    f"{ENGINE}/a.py": "class Limit(Manifest):\n    most: int = 3\n",
    "docs/manifests.md": "<!-- clerkwork.a.Limit -->\n| `most` | `3` | most |\n",
}


def plant(root: Path, files: dict[str, str]) -> Path:
    """A tree with these files."""
    for place, text in files.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


VIOLATIONS: list[tuple[Rule, dict[str, str], str]] = [
    (
        directions.imports_go_down,
        {f"{ENGINE}/facts/money.py": "from clerkwork.store import tables\n"},
        "facts/money.py:1: imports clerkwork.store.tables: sideways on floor 2",
    ),
    (
        directions.imports_go_down,
        {f"{ENGINE}/rekey/journal.py": "def f():\n    import clerkwork.audit.log\n"},
        "rekey/journal.py:2: imports clerkwork.audit.log: sideways on floor 3",
    ),
    (
        directions.imports_go_down,
        {f"{ENGINE}/read/pdf.py": "from ..run import flow\n"},
        "read/pdf.py:1: imports clerkwork.run.flow: up, from floor 3 to floor 4",
    ),
    (
        directions.imports_go_down,
        {f"{ENGINE}/errors.py": 'import importlib\nimportlib.import_module("clerkwork.cli")'},
        "errors.py:2: imports clerkwork.cli: up, from floor 1 to floor 6",
    ),
    (
        directions.imports_go_down,
        {f"{ENGINE}/practice/core.py": "from clerkwork import errors\n"},
        "the practice bank imports nothing of the engine",
    ),
    (
        directions.imports_go_down,
        {f"{ENGINE}/run/flow.py": "import clerkwork.practice\n"},
        "only cli starts the practice bank",
    ),
    (
        directions.imports_go_down,
        {f"{ENGINE}/run/flow.py": "from bots.pay import bot\n"},
        "it never imports it by name",
    ),
    (
        directions.content_uses_public_faces,
        {"bots/pay/bot.py": "from clerkwork.store import open_store\n"},
        "bots/pay/bot.py:1: imports clerkwork.store.open_store: not a public face",
    ),
    (
        directions.content_uses_public_faces,
        {"tasks/core.py": "from clerkwork.read.pdf import words\n"},
        "tasks/core.py:1: imports clerkwork.read.pdf.words: not a public face",
    ),
    (
        directions.content_uses_public_faces,
        {"tasks/core.py": "from bots.pay.bot import Params\n"},
        "no bot is named here",
    ),
    (
        directions.no_import_circles,
        {
            f"{ENGINE}/run/flow.py": "from clerkwork.run import items\n",
            f"{ENGINE}/run/items.py": "from clerkwork.run import flow\n",
        },
        "import circle: clerkwork.run.",
    ),
    (
        directions.every_room_has_its_floor,
        {f"{ENGINE}/plumbing/pipe.py": ""},
        "src/clerkwork/plumbing: no floor",
    ),
    (
        packages.packages_are_declared,
        {**USED, f"{ENGINE}/reconcile/match.py": "import pandas\n"},
        "reconcile/match.py:1: imports pandas, which tests/house/packages.toml does not have",
    ),
    (
        packages.packages_are_declared,
        {**USED, f"{ENGINE}/report/xlsx.py": "from duckdb import connect\n"},
        "report/xlsx.py:1: report may not import duckdb",
    ),
    (
        packages.declared_packages_are_used,
        {**USED, f"{ENGINE}/reconcile/match.py": ""},
        "duckdb: not imported in reconcile",
    ),
    (
        packages.declared_packages_are_used,
        {**USED, "tests/house/packages.toml": PACKAGES + '[ruff]\nwhy = "lint"\n'},
        "ruff: no room imports it, and no `through` says who does",
    ),
    (
        packages.declared_packages_are_used,
        {**USED, "tests/house/packages.toml": PACKAGES.replace('"matching"', '""')},
        "duckdb: no reason why",
    ),
    (
        packages.packages_agree_with_the_project,
        {**USED, "pyproject.toml": PYPROJECT.replace('>=2"', '>=2", "Ruff[x]"')},
        "pyproject.toml: ruff is not in tests/house/packages.toml",
    ),
    (
        packages.packages_agree_with_the_project,
        {**USED, "pyproject.toml": PYPROJECT.replace("duckdb>=2", "")},
        "tests/house/packages.toml: duckdb is not in pyproject.toml",
    ),
    (packages.promised_packages_are_imported, USED, "no room imports playwright"),
    (habits.no_vague_modules, {f"{ENGINE}/run/utils.py": ""}, "run/utils.py: “utils” says nothing"),
    (
        habits.no_vague_modules,
        {"tasks/date_helpers.py": ""},
        "tasks/date_helpers.py: “date_helpers” says nothing",
    ),
    (
        habits.no_vague_modules,
        {f"{ENGINE}/read/manager/__init__.py": ""},
        "read/manager/__init__.py: “manager” says nothing",
    ),
    (
        habits.no_half_chinese_encoding,
        {f"{ENGINE}/read/text.py": 'b"".decode("GBK")\n'},
        "read/text.py:1: encoding “GBK”; use gb18030",
    ),
    (
        habits.text_files_name_their_encoding,
        {"bots/pay/bot.py": "path.read_text()\n"},
        "bots/pay/bot.py:1: read_text without encoding=",
    ),
    (
        habits.money_never_floats,
        {f"{ENGINE}/reconcile/match.py": "amount = float(text)\n"},
        "reconcile/match.py:1: a float where money is",
    ),
    (
        habits.money_never_floats,
        {"bots/pay/bot.py": "LIMIT = Decimal(0.1)\n"},
        "bots/pay/bot.py:1: a float where money is",
    ),
    (
        habits.money_never_floats,
        {f"{ENGINE}/read/values.py": "def f(amount: float = 1.5): ...\n"},
        "read/values.py:1: a float where money is",
    ),
    (
        codes.every_code_has_its_texts,
        {f"{ENGINE}/read/a.py": RAISE},
        "read/a.py:1: DATE_WRONG has no text",
    ),
    (
        codes.every_code_has_its_texts,
        {"tasks/core.py": 'Drifted("A" if late else "C", en="x", zh="是")\nInDoubt("E")\n'},
        "tasks/core.py:2: E has no text",
    ),
    (
        codes.every_code_has_its_texts,
        {f"{ENGINE}/read/a.py": 'self._fail(Drifted, "DATE_WRONG", value=1)\n'},
        "read/a.py:1: DATE_WRONG has no text",
    ),
    (
        codes.every_code_has_its_texts,
        {f"{ENGINE}/messages/read.toml": '[DATE_WRONG]\nen = "no date"\n'},
        "messages/read.toml: DATE_WRONG: en or zh is missing",
    ),
    (
        codes.every_code_has_its_texts,
        {f"{ENGINE}/messages/read.toml": '[DATE_WRONG]\nen = "no date"\nzh = "no date"\n'},
        "DATE_WRONG: zh is not Chinese",
    ),
    (
        codes.every_code_has_its_texts,
        {f"{ENGINE}/messages/read.toml": TEXT.replace("{value} 不", "{wert} 不")},
        "DATE_WRONG: en names ['value'], zh names ['wert']",
    ),
    (
        codes.every_code_has_its_texts,
        {f"{ENGINE}/messages/read.toml": TEXT.replace("{value}", "{value.en}")},
        "DATE_WRONG: zh has a fact in another language",
    ),
    (
        codes.every_code_stands_once,
        {f"{ENGINE}/messages/read.toml": TEXT, f"{ENGINE}/messages/run.toml": TEXT},
        "messages/run.toml: DATE_WRONG stands in read.toml too",
    ),
    (
        codes.every_text_is_raised,
        {f"{ENGINE}/messages/read.toml": TEXT},
        "messages/read.toml: DATE_WRONG is raised nowhere",
    ),
    (
        codes.facts_fill_the_texts,
        {f"{ENGINE}/messages/read.toml": TEXT, f"{ENGINE}/a.py": 'raise Refused("DATE_WRONG")\n'},
        "a.py:1: DATE_WRONG needs value",
    ),
    (
        events.recorded_events_are_registered,
        {**EVENTS, f"{ENGINE}/run/flow.py": 'record("item.lost")\n'},
        "run/flow.py:1: event item.lost is not registered",
    ),
    (
        events.recorded_events_are_registered,
        {**EVENTS, f"{ENGINE}/run/flow.py": 'x.record("item.keyed", run=1, took_ms=5)\n'},
        "run/flow.py:1: event item.keyed has no field took_ms",
    ),
    (
        events.registered_events_are_recorded,
        {**EVENTS, f"{ENGINE}/run/keying.py": ""},
        "item.keyed is recorded nowhere",
    ),
    (
        events.events_are_told_in_both_languages,
        {**EVENTS, f"{ENGINE}/facts/event.py": KINDS},
        "item.keyed: has no field a",
    ),
    (
        contents.every_bot_is_complete,
        {**BOT, "bots/pay/README.md": "\n"},
        "bots/pay: no README.md",
    ),
    (
        contents.every_bot_is_complete,
        {place: text for place, text in BOT.items() if "in_doubt" not in place},
        "tests/bots/pay/cases: no case “in_doubt”",
    ),
    (
        contents.every_screen_is_declared,
        {
            **BOT,
            "tasks/core.py": 'def enter(session):\n    session.press("go", "menu", "journal")\n',
        },
        "tasks/core.py:2: screen “journal” is not declared in bots/pay/bot.toml",
    ),
    (
        contents.every_screen_is_declared,
        {**BOT, "resources/systems/core/screens/menu.toml": 'name = "main"\n'},
        "bots/pay/bot.toml: screen core/menu is not in resources/systems",
    ),
    (
        manifests.manifest_keys_are_documented,
        {**MODEL, f"{ENGINE}/a.py": "class Limit(Manifest):\n    most: int = 5\n"},
        "clerkwork.a.Limit: key most, `5`, is told as `3`",
    ),
    (
        manifests.manifest_keys_are_documented,
        {**MODEL, f"{ENGINE}/a.py": "class Limit(Manifest):\n    least: str\n"},
        "clerkwork.a.Limit has no key most",
    ),
    (
        manifests.manifest_keys_are_documented,
        {**MODEL, f"{ENGINE}/b.py": "class Rate(Manifest):\n    percent: str\n"},
        "docs/manifests.md: no table for clerkwork.b.Rate",
    ),
]


@pytest.mark.parametrize(
    ("rule", "files", "expected"),
    VIOLATIONS,
    ids=[f"{rule.__name__}-{number}" for number, (rule, _, _) in enumerate(VIOLATIONS)],
)
def test_a_planted_violation_is_found(rule: Rule, files: dict[str, str], expected: str, tmp_path):
    """The rule names the place and what is wrong there."""
    found = rule(plant(tmp_path, files))

    assert [line for line in found if expected in line] != [], found


SOUND: list[tuple[Rule, dict[str, str]]] = [
    (
        directions.imports_go_down,
        {
            f"{ENGINE}/systems/maps.py": "from clerkwork.facts import Entry\n",
            f"{ENGINE}/rekey/journal.py": "from clerkwork.store import Store\n",
            f"{ENGINE}/practice/core.py": "from clerkwork.practice import world\n",
            f"{ENGINE}/cli/demo.py": "from clerkwork import practice\n",
        },
    ),
    (
        directions.content_uses_public_faces,
        {
            "bots/pay/bot.py": "from tasks.core import enter\nfrom clerkwork.facts import Entry\n",
            "tasks/core.py": "from clerkwork.systems.port import Session\n",
        },
    ),
    (
        directions.no_import_circles,
        {f"{ENGINE}/run/a.py": "def f():\n    import clerkwork.run.a\n"},
    ),
    (packages.packages_are_declared, USED),
    (packages.declared_packages_are_used, USED),
    (packages.packages_agree_with_the_project, USED),
    (
        habits.money_never_floats,
        {
            f"{ENGINE}/rekey/journal.py": "def f(wait_s: float = 0.5, *, b_s: float = 1.0): ...\n",
            f"{ENGINE}/read/pdf.py": "width: float = 0.5\n",
        },
    ),
    (codes.facts_fill_the_texts, {f"{ENGINE}/messages/r.toml": TEXT, f"{ENGINE}/a.py": RAISE}),
    (codes.every_text_is_raised, {f"{ENGINE}/messages/r.toml": TEXT, f"{ENGINE}/a.py": RAISE}),
    (events.recorded_events_are_registered, EVENTS),
    (events.registered_events_are_recorded, EVENTS),
    (events.events_are_told_in_both_languages, EVENTS),
    (contents.every_bot_is_complete, BOT),
    (contents.every_screen_is_declared, BOT),
    (manifests.manifest_keys_are_documented, MODEL),
]


@pytest.mark.parametrize(
    ("rule", "files"), SOUND, ids=[f"{rule.__name__}-{n}" for n, (rule, _) in enumerate(SOUND)]
)
def test_a_sound_tree_is_left_alone(rule: Rule, files: dict[str, str], tmp_path):
    """The rule finds nothing where nothing is wrong."""
    assert rule(plant(tmp_path, files)) == []


def test_a_violation_in_a_copy_of_this_house_is_found(tmp_path):
    """The rules read the real sources, not only small ones."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    before = directions.imports_go_down(tmp_path)
    money = tmp_path / ENGINE / "facts/money.py"
    money.write_text(
        money.read_text(encoding="utf-8") + "\nimport clerkwork.cli.doctor\n", encoding="utf-8"
    )

    new = [line for line in directions.imports_go_down(tmp_path) if line not in before]

    assert len(new) == 1 and "up, from floor 2 to floor 6" in new[0]
