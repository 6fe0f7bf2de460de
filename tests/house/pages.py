"""
The pages of docs/ that are made from the sources: errors, events, commands, kinds of alert.

`make docs` writes them; a test says when one is stale.
"""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .codes import KINDS, catalogue, raised
from .events import registry
from .source import called, content

ROOT = Path(__file__).parents[2]
MADE = "<!-- Made from the sources by `make docs`: change those, not this page. -->\n"


def errors_page(root: Path) -> str:
    """docs/errors.md: every code, its kind and its line in both languages."""
    kinds = defaultdict(set)
    for item in raised(root):
        kinds[item.code].add(item.kind)
    rooms = defaultdict(list)
    for code, texts in sorted(catalogue(root).items()):
        kind = ", ".join(sorted(kinds[code])) or "-"
        rooms[texts["room"]].append((f"`{code}`", kind, texts["en"], texts["zh"]))
    lines = [
        "# Error codes\n",
        MADE,
        "A command that fails prints one line: the code and what to do; `{names}` are filled in.\n",
        _table(
            ("kind", "what happens next", "后续处理"),
            (
                ("Refused", "a person decides; never retried", "由人处理，不自动重试"),
                (
                    "Unavailable",
                    "nothing was changed; retried with a fresh sign-on",
                    "未作任何更改，重新登录后重试",
                ),
                ("Drifted", "the bot stops before it types", "机器人在录入前停止"),
                ("InDoubt", "looked up; never sent again unread", "先查询核实，不重复提交"),
                ("Misconfigured", "correct it before any run", "运行前更正"),
            ),
        ),
    ]
    heads = ("code", "kind", "English", "中文")
    for room in sorted(rooms):
        lines += [f"## {room}\n", _table(heads, rooms[room])]
    lines += ["## tasks and bots\n", _table(heads, sorted(_content_codes(root)))]
    for path in sorted(root.glob("resources/systems/*/messages.toml")):
        messages = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = [(f"`{code}`", m["kind"], m["en"], m["zh"]) for code, m in messages.items()]
        lines += [f"## messages of the system `{path.parent.name}`\n", _table(heads, rows)]
    return "\n".join(lines)


def commands_page(_root: Path) -> str:
    """docs/commands.md: every command with its arguments and options."""
    from clerkwork.cli import COMMANDS, LazyGroup

    group = LazyGroup(name="clerkwork")
    lines = [
        "# Commands\n",
        MADE,
        "`clerkwork COMMAND --help` says the same. Failures are one line with the remedy.\n",
        _table(
            ("exit code", "means", "含义"),
            (
                ("0", "done", "完成"),
                ("1", "failed or refused", "失败或被拒绝"),
                ("2", "wrong call, or something is misconfigured", "用法或配置有误"),
                (
                    "3",
                    "done, but something is excepted, in doubt, unproven or unequal",
                    "完成，但有异常、待核实、未校验或不符",
                ),
                ("4", "an audit proof does not hold", "审计校验不通过"),
            ),
        ),
    ]
    for name, texts in COMMANDS.items():
        command = group.get_command(None, name)
        lines += [f"## {name}\n", f"{texts[0]} / {texts[1]}\n"]
        if hasattr(command, "commands"):
            for inner in command.commands.values():
                lines += [f"### {name} {inner.name}\n", *_command(f"{name} {inner.name}", inner)]
        else:
            lines += _command(name, command)
    return "\n".join(lines)


def events_page(root: Path) -> str:
    """docs/events.md: every kind of line of the audit log, and its fields."""
    rows = [
        (f"`{name}`", ", ".join(f"`{field}`" for field in sorted(kind.fields)), kind.en, kind.zh)
        for name, kind in registry(root).items()
    ]
    return "\n".join(
        [
            "# Events\n",
            MADE,
            "The lines of the audit log. Any of them may name its `run` and `item` besides;"
            " `by` and `person` are kept as pseudonyms.\n",
            _table(("event", "fields", "English", "中文"), rows),
        ]
    )


def alert_kinds_page(_root: Path) -> str:
    """docs/alert-kinds.md: every kind of alert, and what it says."""
    from clerkwork.alert.kinds import KINDS

    rows = [
        (
            f"`{name}`",
            kind.severity,
            f"{kind.en_title}. {kind.en}",
            f"{kind.zh_title}。{kind.zh}",
        )
        for name, kind in KINDS.items()
    ]
    return "\n".join(
        [
            "# Kinds of alert\n",
            MADE,
            "Title and sentence of each; `urgent` ones go through quiet hours."
            " How they reach people: [alerts](alerts.md).\n",
            _table(("kind", "severity", "English", "中文"), rows),
        ]
    )


PAGES: dict[str, Callable[[Path], str]] = {
    "docs/errors.md": errors_page,
    "docs/events.md": events_page,
    "docs/commands.md": commands_page,
    "docs/alert-kinds.md": alert_kinds_page,
}


def _command(name: str, command: Any) -> list[str]:
    """The usage of one command, what it does, and a table of what it takes."""
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [each for each in shown if each.param_type_name == "argument"]
    options = [each for each in shown if each.param_type_name == "option" and each.name != "help"]
    usage = " ".join(
        ["clerkwork", name, *(_metavar(each) for each in arguments)]
        + (["[OPTIONS]"] if options else [])
    )
    rows = [(f"`{_metavar(each)}`", _one_line(each.help)) for each in arguments]
    rows += [
        (f"`{', '.join([*each.opts, *each.secondary_opts])}`", _one_line(each.help))
        for each in options
    ]
    return [
        f"`{usage}`\n",
        f"{_one_line(command.help)}\n",
        *([_table(("takes", "meaning"), rows)] if rows else []),
    ]


def _metavar(argument: Any) -> str:
    """How an argument stands in a usage line."""
    name = argument.metavar or argument.name.upper()
    name += "..." if argument.nargs == -1 else ""
    return name if argument.required else f"[{name}]"


def _content_codes(root: Path) -> Iterable[tuple[str, str, str, str]]:
    """Codes whose texts tasks and bots bring themselves."""
    for module in content(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and called(node) in KINDS and node.args:
                texts = {keyword.arg: keyword.value for keyword in node.keywords}
                if {"en", "zh"} <= texts.keys():
                    code, en, zh = (
                        value.value if isinstance(value, ast.Constant) else ast.unparse(value)
                        for value in (node.args[0], texts["en"], texts["zh"])
                    )
                    yield f"`{code}`", called(node), str(en), str(zh)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def main() -> None:
    """Write every page."""
    for place, page in PAGES.items():
        path = ROOT / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(ROOT), encoding="utf-8")


if __name__ == "__main__":
    main()
