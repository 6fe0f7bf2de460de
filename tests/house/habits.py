"""Small habits of the sources: names, encodings, exact money."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .source import Module, called, constants, content, engine

VAGUE = re.compile(r"^_?(utils?|helpers?|managers?|misc|common|\w+_(utils?|helpers?|manager))$")
HALF_CHINESE = re.compile(r"^(gbk|cp936|ms936|936|gb2312|euc[-_]?cn)$", re.IGNORECASE)
# Where money is added, compared or keyed. Pages and pictures have geometry, which may float.
MONEY = ("facts", "reconcile", "rekey", "approve", "bots", "tasks")
MONEY_FILES = ("src/clerkwork/read/values.py", "src/clerkwork/report/cells.py")


def no_vague_modules(root: Path) -> list[str]:
    """No utils, helpers, manager: a module is named for what it gives."""
    return [
        f"{module.place}: “{name}” says nothing; name it for what it gives"
        for module in _sources(root)
        for name in {module.path.stem, module.path.parent.name}
        if VAGUE.match(name)
    ]


def no_half_chinese_encoding(root: Path) -> list[str]:
    """Encodings are GB18030 or UTF-8: GBK and GB2312 cannot hold every name."""
    return [
        f"{module.place}:{line}: encoding “{text}”; use gb18030"
        for module in _sources(root)
        for text, line in constants(module)
        if HALF_CHINESE.match(text)
    ]


def text_files_name_their_encoding(root: Path) -> list[str]:
    """A text file is read and written in a named encoding, never the machine's own."""
    wrong = []
    for module in _sources(root):
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            names = {keyword.arg for keyword in node.keywords}
            if called(node) in ("read_text", "write_text") and "encoding" not in names:
                wrong.append(f"{module.place}:{node.lineno}: {called(node)} without encoding=")
    return wrong


def money_never_floats(root: Path) -> list[str]:
    """In the rooms of money a float may only be a time in seconds, named so (`wait_s`)."""
    wrong = []
    for module in _sources(root):
        if module.room in MONEY or module.place in MONEY_FILES:
            seconds = set(_seconds(module))
            wrong += [
                f"{module.place}:{node.lineno}: a float where money is"
                for node in ast.walk(module.tree)
                if _is_float(node) and id(node) not in seconds
            ]
    return wrong


def _sources(root: Path) -> list[Module]:
    return [*engine(root), *content(root)]


def _is_float(node: ast.AST) -> bool:
    match node:
        case ast.Name(id="float") | ast.Constant(value=float()):
            return True
    return False


def _seconds(module: Module) -> Iterator[int]:
    """Ids of the nodes that belong to something named in seconds."""
    for node in ast.walk(module.tree):
        parts: list[ast.AST | None] = []
        match node:
            case ast.arg(arg=name, annotation=annotation):
                parts = [annotation]
            case ast.AnnAssign(target=ast.Name(id=name) | ast.Attribute(attr=name)):
                parts = [node.annotation, node.value]
            case ast.Assign(targets=[ast.Name(id=name)]):
                parts = [node.value]
            case ast.keyword(arg=str() as name):
                parts = [node.value]
            case ast.arguments():
                yield from _second_defaults(node)
                continue
            case _:
                continue
        if name.lower().endswith("_s"):
            yield from (id(inner) for part in parts if part for inner in ast.walk(part))


def _second_defaults(arguments: ast.arguments) -> Iterator[int]:
    """Ids of the default values of arguments named in seconds."""
    plain = [*arguments.posonlyargs, *arguments.args]
    given = plain[len(plain) - len(arguments.defaults) :]
    pairs = [*zip(given, arguments.defaults, strict=True)]
    pairs += [
        (name, default)
        for name, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default
    ]
    for name, default in pairs:
        if name.arg.endswith("_s"):
            yield from (id(inner) for inner in ast.walk(default))
