"""Bots: their manifest, their process map and their three functions."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from clerkwork.errors import Failure, Misconfigured
from clerkwork.manifest import Manifest, checked, load_toml
from clerkwork.workspace.load import Workspace


class Retry(Manifest):
    """How often an item is tried again when the other side did not serve, and after how long."""

    times: int = 3
    wait_s: float = 30.0


class Limits(Manifest):
    """What the bot may not exceed in one run; more is a defect somewhere, so it stops."""

    items: int = 200


class Range(Manifest):
    """How many entries a source is expected to have."""

    min: int = 0
    max: int = 1_000_000


class ParameterWords(Manifest):
    """What a parameter is called in forms, and what there is to say about it."""

    en: str
    zh: str
    hint_en: str = ""
    hint_zh: str = ""


class ByHand(Manifest):
    """How long a person takes for what the bot does: what is saved is counted from it."""

    run: int = 0  # for all of a run but its items
    item: int = 0  # for each item that is keyed
    source_en: str
    source_zh: str


class BotManifest(Manifest):
    """`bot.toml`: who answers for the bot, what it reads and writes, and its limits."""

    title_en: str
    title_zh: str
    owner: str
    reads: tuple[str, ...]
    writes: tuple[str, ...] = ()
    screens: dict[str, tuple[str, ...]] = {}  # system -> screens it uses
    approval: str = "authority"  # resources/rules/<name>.toml
    limits: Limits = Limits()
    retry: Retry = Retry()
    expect: dict[str, Range] = {}  # source -> entries
    readiness: dict[str, str] = {}  # "done" or "exempt: why", by criterion
    parameters: dict[str, ParameterWords] = {}  # by field of Params
    minutes_by_hand: ByHand | None = None


class Step(Manifest):
    """One step of a process map."""

    name: str
    en: str
    zh: str
    executor: str
    system: str = ""


class ProcessMap(Manifest):
    """`process.toml`: what the bank does, as a map."""

    title_en: str
    title_zh: str
    goal_en: str
    goal_zh: str
    owner: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Bot:
    """A loaded bot: manifest, process map, and the functions of its bot.py."""

    name: str
    folder: Path
    manifest: BotManifest
    process: ProcessMap
    params: type[Any]
    read: Callable[..., Any]
    decide: Callable[..., Any]
    rekey: Callable[..., Any] | None


def load_manifest(workspace: Workspace, name: str) -> BotManifest:
    """
    What the bot `name` says of itself, without its code, read again when its file changed.

    Raises Misconfigured BOT_UNKNOWN, MANIFEST_*.
    """
    path = workspace.root / "bots" / name / "bot.toml"
    try:
        stat = path.stat() if is_plain(name) else None
    except (FileNotFoundError, NotADirectoryError):
        stat = None
    if stat is None:
        known = ", ".join(workspace.bots) or "-"
        raise Misconfigured("BOT_UNKNOWN", bot=name, bots=known)
    return _manifest(path, stat.st_mtime_ns, stat.st_size)


def is_plain(name: str) -> bool:
    """Whether `name` is that of a folder beside others, and no way out of there."""
    return bool(name) and name not in (".", "..") and not set(name) & set("/\\:\0")


@lru_cache(maxsize=500)
def _manifest(path: Path, _mtime_ns: int, _size: int) -> BotManifest:
    return checked(BotManifest, load_toml(path), path)


def desk_of(workspace: Workspace, bot: str) -> str:
    """
    Whose business the bot and its runs are: its owner.

    "" for a bot that is here no more, or whose manifest is wrong: for who works at every desk.
    """
    try:
        return load_manifest(workspace, bot).owner
    except Misconfigured:
        return ""


def system_title(workspace: Workspace, name: str) -> tuple[str, str]:
    """What a system is called, in English and Chinese; its name where its file does not say."""
    try:
        path = workspace.system_folder(name) / "system.toml"
        told = _told(path, path.stat().st_mtime_ns)
    except (Misconfigured, FileNotFoundError):
        return name, name
    return str(told.get("title_en", name)), str(told.get("title_zh", name))


@lru_cache(maxsize=100)
def _told(path: Path, _mtime_ns: int) -> Mapping[str, Any]:
    return load_toml(path)


def cases_of(workspace: Workspace, name: str) -> dict[str, str]:
    """
    The cases of a bot by name, each with what the first line of its input says of it.

    They are folders of tests/bots/<bot>/cases with an input and what is expected of it.
    """
    found = {}
    for folder in sorted((workspace.root / "tests" / "bots" / name / "cases").glob("*/")):
        inputs, expected = sorted(folder.glob("input.*")), sorted(folder.glob("expected.*"))
        if not inputs or not expected:
            continue
        with inputs[0].open(encoding="utf-8", errors="replace") as lines:
            first = next(lines, "").strip()
        found[folder.name] = first.removeprefix("#").strip() if first.startswith("#") else ""
    return found


def load_process(workspace: Workspace, name: str) -> ProcessMap:
    """The process map of the bot `name`. Raises Misconfigured BOT_UNKNOWN, MANIFEST_*."""
    load_manifest(workspace, name)
    path = workspace.root / "bots" / name / "process.toml"
    return checked(ProcessMap, load_toml(path), path)


def load_bot(workspace: Workspace, name: str) -> Bot:
    """The bot `name`. Raises Misconfigured BOT_UNKNOWN, BOT_BROKEN, MANIFEST_*."""
    manifest, process = load_manifest(workspace, name), load_process(workspace, name)
    folder = workspace.root / "bots" / name
    module = _module(workspace, folder, name)
    missing = [part for part in ("Params", "read", "decide") if not hasattr(module, part)]
    if manifest.writes and not hasattr(module, "rekey"):
        missing.append("rekey")
    if missing:
        raise Misconfigured("BOT_BROKEN", bot=name, detail=f"bot.py has no {', '.join(missing)}")
    strangers = manifest.parameters.keys() - {field.name for field in fields(module.Params)}
    if strangers:
        detail = f"bot.toml names parameters that Params does not have: {sorted(strangers)}"
        raise Misconfigured("BOT_BROKEN", bot=name, detail=detail)
    return Bot(
        name=name,
        folder=folder,
        manifest=manifest,
        process=process,
        params=module.Params,
        read=module.read,
        decide=module.decide,
        rekey=getattr(module, "rekey", None),
    )


def _module(workspace: Workspace, folder: Path, name: str) -> ModuleType:
    """bots/<name>/bot.py, imported with the workspace's root on the path (for `tasks`)."""
    root = str(workspace.root)
    if root not in sys.path:
        sys.path.insert(0, root)
    spec = importlib.util.spec_from_file_location(f"bots.{name}.bot", folder / "bot.py")
    if spec is None or spec.loader is None:
        raise Misconfigured("BOT_BROKEN", bot=name, detail="bot.py is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Failure:
        raise
    except Exception as defect:
        detail = f"bot.py: {type(defect).__name__}: {defect}"
        raise Misconfigured("BOT_BROKEN", bot=name, detail=detail) from defect
    return module
