"""Error codes: each one raised has its texts, each text is raised, and the facts fit."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from .source import Module, called, constants, content, engine

KINDS = ("Refused", "Unavailable", "Drifted", "InDoubt", "Misconfigured")
CODE = re.compile(r"^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
OWN_FACTS = {"code", "where", "en", "zh"}


@dataclass(frozen=True)
class Raised:
    """One place that raises a code. `facts` are the names given, None when they may be any."""

    place: str
    kind: str
    code: str
    facts: frozenset[str] | None
    brings_texts: bool


def raised(root: Path) -> list[Raised]:
    """Every place in the engine and the content that makes a failure of a known code."""
    modules = (*engine(root), *content(root))
    makers = {name: kind for module in modules for name, kind in _makers(module)}
    return [item for module in modules for item in _raised_in(module, makers)]


def catalogue(root: Path) -> dict[str, dict[str, str]]:
    """Every code with its texts, and "room": the file it stands in."""
    return {
        code: {**texts, "room": path.stem}
        for path in sorted((root / "src/clerkwork/messages").glob("*.toml"))
        for code, texts in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


def every_code_has_its_texts(root: Path) -> list[str]:
    """A code is in the catalogue, unless content brings the texts with the failure."""
    known = catalogue(root)
    wrong = [
        f"{item.place}: {item.code} has no text in src/clerkwork/messages"
        for item in raised(root)
        if not item.brings_texts and item.code not in known
    ]
    for code, texts in known.items():
        wrong += [f"messages/{texts['room']}.toml: {code}: {what}" for what in _flaws(code, texts)]
    return wrong


def every_code_stands_once(root: Path) -> list[str]:
    """No two rooms have the same code."""
    seen: dict[str, str] = {}
    wrong = []
    for path in sorted((root / "src/clerkwork/messages").glob("*.toml")):
        for code in tomllib.loads(path.read_text(encoding="utf-8")):
            if code in seen:
                wrong.append(f"messages/{path.name}: {code} stands in {seen[code]} too")
            seen[code] = path.name
    return wrong


def every_text_is_raised(root: Path) -> list[str]:
    """A text that nobody can meet is a promise nobody keeps."""
    named = {text for module in (*engine(root), *content(root)) for text, _ in constants(module)}
    return [
        f"messages/{texts['room']}.toml: {code} is raised nowhere"
        for code, texts in catalogue(root).items()
        if code not in named
    ]


def facts_fill_the_texts(root: Path) -> list[str]:
    """Whoever raises a code gives every fact that its text names."""
    known = catalogue(root)
    return [
        f"{item.place}: {item.code} needs {', '.join(sorted(missing))}"
        for item in raised(root)
        if item.facts is not None
        and item.code in known
        and (missing := _names(known[item.code]["en"]) - item.facts)
    ]


def _flaws(code: str, texts: dict[str, str]) -> Iterator[str]:
    if not CODE.match(code):
        yield "not a code: stable capitals, joined by _"
    en, zh = texts.get("en", ""), texts.get("zh", "")
    if not en or not zh:
        yield "en or zh is missing"
        return
    if "\n" in en + zh:
        yield "more than one line"
    if not CHINESE.search(zh) and any(literal.isalpha() for literal in _literals(zh)):
        yield "zh is not Chinese"
    if CHINESE.search(en):
        yield "en is not English"
    for language, text in (("en", en), ("zh", zh)):
        if any("." in name and not name.endswith(f".{language}") for name in _placed(text)):
            yield f"{language} has a fact in another language"
    if _names(en) != _names(zh):
        yield f"en names {sorted(_names(en))}, zh names {sorted(_names(zh))}"


def _literals(text: str) -> str:
    """What stands in a text besides its {names}."""
    return "".join(literal for literal, _, _, _ in Formatter().parse(text))


def _names(text: str) -> set[str]:
    """The facts that a text names; one that is told in both languages is {fact.en}, {fact.zh}."""
    return {name.partition(".")[0] for name in _placed(text)} - OWN_FACTS


def _placed(text: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def _makers(module: Module) -> Iterator[tuple[str, str]]:
    """The functions that give a failure of one kind, whose code is their first argument."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            first = [each.arg for each in node.args.args if each.arg != "self"][:1]
            for given in ast.walk(node):
                match given:
                    case ast.Return(
                        value=ast.Call(func=ast.Name(id=kind), args=[ast.Name(id=code)])
                    ):
                        if kind in KINDS and [code] == first:
                            yield node.name, kind


def _raised_in(module: Module, makers: Mapping[str, str]) -> Iterator[Raised]:
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        match node.args:  # a helper that is given kind and code adds facts of its own
            case [ast.Name(id=kind), ast.Constant(value=str() as code), *_] if kind in KINDS:
                yield Raised(f"{module.place}:{node.lineno}", kind, code, None, False)
            case [ast.Constant(value=str() as code), *_] if called(node) in makers:
                place = f"{module.place}:{node.lineno}"
                yield Raised(place, makers[called(node)], code, None, False)
        if called(node) not in KINDS or not node.args:
            continue
        keywords = {keyword.arg for keyword in node.keywords}
        facts = None if None in keywords else frozenset(filter(None, keywords))
        for code in _codes(node.args[0]):
            place = f"{module.place}:{node.lineno}"
            yield Raised(place, called(node), code, facts, {"en", "zh"} <= keywords)


def _codes(node: ast.expr) -> Iterator[str]:
    """The code, or both codes of a choice; a variable is a code that somebody else names."""
    match node:
        case ast.Constant(value=str() as code):
            yield code
        case ast.IfExp(body=body, orelse=orelse):
            yield from _codes(body)
            yield from _codes(orelse)
