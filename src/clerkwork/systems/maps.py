"""
Screen maps: what is on a screen, as data (`resources/systems/<system>/`).

`system.toml` says how to reach the system, `screens/*.toml` one screen each,
`messages.toml` what its message codes mean. Keys: docs/manifests.md.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from clerkwork.errors import Misconfigured
from clerkwork.manifest import Manifest, WrongValue, checked, load_toml
from clerkwork.systems.keys import KNOWN, is_key, wrong_key

# ids that a framework counts up or draws anew on every load: another page has other ones
_ID = re.compile(r"#((?:[\w-]|\\.|[^\x00-\x7f])+)|\[id[~^$*|]?=[\"']?([^\"'\]]+)")
_GENERATED = re.compile(
    r"[0-9]{4}|(?=[a-f-]*[0-9])[0-9a-f-]{8}|:r?[0-9a-z]*:|^[0-9]"
    r"|(ext-(gen|comp)|ember|yui|gwt-uid|j_idt|ui-id|isc_|cdk-|mat-|radix-|uid|auto|gen)[-_]?[0-9]"
    r"|([a-z]+[0-9]+){3}",
    re.IGNORECASE,
)


def _lasting(selector: str) -> str:
    for found in _ID.finditer(selector):
        name = (found[1] or found[2]).replace("\\", "")
        if _GENERATED.search(name):
            raise WrongValue(
                f"id “{name}” looks generated: name the element by its label",
                f"id “{name}”似为自动生成：请改用其标签",
            )
    return selector


def _with_a_group(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error as broken:
        raise WrongValue(f"no regular expression: {broken}", f"不是正则表达式：{broken}") from None
    if pattern and not groups:
        raise WrongValue(
            "no group: put the code into parentheses", "缺少分组：请用括号括住代码部分"
        )
    return pattern


def _filled(text: str) -> str:
    try:
        text.format(message="")
    except (LookupError, ValueError, AttributeError):
        raise WrongValue("only {message} can stand in braces", "花括号中只能写 {message}") from None
    return text


Selector = Annotated[str, AfterValidator(_lasting)]
Count = Annotated[int, Field(ge=1)]
CodePattern = Annotated[str, AfterValidator(_with_a_group)]
ClerkText = Annotated[str, AfterValidator(_filled)]


class Mark(Manifest):
    """One sign by which a screen is recognised: a text at a place, or an element."""

    text: str = ""
    row: int = 0  # terminals: from 1; 0 = anywhere
    column: int = 0
    frame: str = ""  # web: name of the frame, "" = the page itself
    selector: Selector = ""  # web, desktop: must be visible, and contain `text` when given
    window: str = ""  # desktop: the title of the window in front


class FieldMap(Manifest):
    """One field: where it is and what it may hold."""

    type: Literal["text", "digits", "amount", "date", "choice", "file"] = "text"
    length: Count
    without: str = ""  # characters that the bank does not have in this field
    secret: bool = False
    row: int = 0
    column: int = 0
    label: str = ""  # web, desktop: the label as a person reads it
    selectors: tuple[Selector, ...] = ()  # web, desktop: ranked, tried after the label
    frame: str = ""
    readonly: bool = False
    resolves: str = ""  # web: the field that the page fills while this one is typed


class TableMap(Manifest):
    """A table: terminals by rows and column ranges (with both ends), else by selector and cells."""

    first_row: int = 0
    last_row: int = 0
    columns: dict[str, tuple[int, int]] = {}
    forward: str = ""  # the key that shows the next page
    last: str = ""  # the message code that says there are no more
    frame: str = ""
    selector: Selector = ""  # web: the rows; desktop: the table
    cells: tuple[str, ...] = ()  # web, desktop: column names in order


class KeyMap(Manifest):
    """A key or button, what may follow it, and whether it changes the books."""

    send: str = ""  # terminals: "Enter"; 3270: "PF8"; vt: "F8", "Tab", "Ctrl-U", ...
    label: str = ""  # web: what the button or link says
    selector: Selector = ""  # web: tried after the label; desktop: the button or menu item
    frame: str = ""
    next: tuple[str, ...] = ()
    in_page: bool = False  # web: the answer comes into the page that stands, not as a new one
    commits: bool = False
    submits: bool = False  # sends what was typed: not pressed where screens are only compared
    enters: dict[str, str] = {}  # terminals: what is typed before it, such as a menu's number
    confirms: str = ""  # web, desktop: the text the confirm dialog must contain; accepted then
    accept: str = ""  # desktop: the button of that dialog
    alerts: str = ""  # web: the text that an alert may contain
    answers: dict[str, str] = {}  # web: what is answered, by text that a prompt contains


class ScreenMap(Manifest):
    """One screen."""

    name: str
    title_en: str
    title_zh: str
    window: str = ""  # web: name or part of the title of the pop-up in which it stands
    recognise: tuple[Mark, ...]
    message: Mark | None = None  # where the system's message stands
    # vt: where the cursor stands when all is painted; by default in a field
    cursor: tuple[int, int] | None = None
    fields: dict[str, FieldMap] = {}
    tables: dict[str, TableMap] = {}
    keys: dict[str, KeyMap] = {}


class MessageMap(Manifest):
    """What one message code of the system means."""

    kind: Literal["Info", "Refused", "Unavailable", "Drifted", "InDoubt"]
    en: ClerkText
    zh: ClerkText


class EnvironmentMap(Manifest):
    """Where the system is in one environment, and the names of its credentials."""

    address: str  # "host:port", URL, or "practice:<service>" (port found at run time)
    desk: str = ""  # credential names: who looks
    keyboard: str = ""  # who types
    tls: bool = True
    host_key: tuple[str, ...] = ()  # vt over ssh: fingerprints, "SHA256:..."
    user: str = ""  # vt over ssh: who the shell is of; "" = the operator
    # vt over ssh: file of the key that lets the user in, instead of the password
    private_key: str = ""


class ReadingMap(Manifest):
    """What a screen of the system says, by functions of tasks/ ("module.function")."""

    sign_on: str
    task: str  # given the signed-on session; gives a text, a date, or yes and no
    every_day: bool = False  # it says something new each calendar day, weekends included


class SystemMap(Manifest):
    """One system with its screens and messages."""

    name: str
    title_en: str
    title_zh: str
    driver: Literal["tn3270", "browser", "vt", "desktop", "files", "sftp", "imap"]
    code_page: str = "utf-8"  # what a field can hold; 3270: by default cp037
    model: Literal[2, 3, 4, 5] = 2  # 3270
    term: str = "xterm"  # vt: TERM
    rows: Count = 24  # vt
    columns: Count = 80
    next_field: str = "Tab"  # vt: the key from field to field
    clear_field: str = ""  # vt: the key that empties a field; "" = Backspace for each cell
    chinese_cells: bool | None = None  # vt: host counts cells as zh_CN.GB18030; by default by page
    deadline_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 20.0
    message_code: CodePattern = ""  # regular expression, group 1 is the code
    reference_length: int = 16
    environments: dict[str, EnvironmentMap]
    readings: dict[str, ReadingMap] = {}
    screens: dict[str, ScreenMap] = {}
    messages: dict[str, MessageMap] = {}

    @model_validator(mode="before")
    @classmethod
    def _with_the_code_page_of_its_driver(cls, told: dict[str, Any]) -> dict[str, Any]:
        """3270 hosts speak EBCDIC; nothing else that has screens does."""
        return {"code_page": "cp037"} | told if told.get("driver") == "tn3270" else told


def load_reach(folder: Path) -> SystemMap:
    """
    What `system.toml` alone says of the system in `folder`: it has no screens, no messages.

    Raises Misconfigured MANIFEST_*.
    """
    path = folder / "system.toml"
    return checked(SystemMap, load_toml(path), path)


def load_system(folder: Path) -> SystemMap:
    """
    The map of the system in `folder`.

    Raises Misconfigured, naming file, table and key: also SCREEN_TWICE, MAP_NAME_UNKNOWN for
    a name that the map uses and does not have, MAP_KEY_UNKNOWN, CODE_PAGE_UNKNOWN.
    """
    return _load_system(folder, _as_it_stands(folder))


def _as_it_stands(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Its files by name, time and size: while they are the same, the map is."""
    found = [*folder.glob("*.toml"), *(folder / "screens").glob("*.toml")]
    stats = [(path.name, path.stat()) for path in sorted(found)]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


@lru_cache(maxsize=50)  # reading a map anew takes 10 ms, and a page shows several
def _load_system(folder: Path, _files: tuple[tuple[str, int, int], ...]) -> SystemMap:
    screens, files = _load_screens(folder)
    read: dict[str, Any] = {"screens": screens, "messages": {}}
    path = folder / "messages.toml"
    for code, message in load_toml(path).items() if path.exists() else ():
        read["messages"][code] = checked(MessageMap, message, path, table=code)
    path = folder / "system.toml"
    system = checked(SystemMap, load_toml(path) | read, path)
    for place, key, name in _unknown_keys(system):
        facts = {"file": str(files.get(place, path)), "key": key, "name": name}
        known = KNOWN[system.driver]
        raise Misconfigured("MAP_KEY_UNKNOWN", driver=system.driver, known=known, **facts)
    if system.driver in ("vt", "browser") and not _is_code_page(system.code_page):
        raise Misconfigured("CODE_PAGE_UNKNOWN", system=system.name, code_page=system.code_page)
    return system


def _load_screens(folder: Path) -> tuple[dict[str, ScreenMap], dict[str, Path]]:
    """The screens by name, and the file of each."""
    files: dict[str, Path] = {}
    screens: dict[str, ScreenMap] = {}
    for path in sorted((folder / "screens").glob("*.toml")):
        screen = checked(ScreenMap, load_toml(path), path)
        if screen.name in screens:
            other = files[screen.name].name
            raise Misconfigured("SCREEN_TWICE", file=str(path), name=screen.name, other=other)
        files[screen.name], screens[screen.name] = path, screen
    for name, screen in screens.items():
        for key, unknown in _unknown_names(screen, screens):
            facts = {"file": str(files[name]), "key": key, "name": unknown}
            raise Misconfigured("MAP_NAME_UNKNOWN", **facts)
    return screens, files


def _unknown_names(screen: ScreenMap, screens: dict[str, ScreenMap]) -> Iterator[tuple[str, str]]:
    """The keys of a screen's file that name a screen, field or key that there is not."""
    for name, key in screen.keys.items():
        for each in key.next:
            if each not in screens:
                yield f"keys.{name}.next", each
        for each in key.enters:
            if each not in screen.fields:
                yield f"keys.{name}.enters", each
    for name, field in screen.fields.items():
        if field.resolves and field.resolves not in screen.fields:
            yield f"fields.{name}.resolves", field.resolves
    for name, table in screen.tables.items():
        if table.forward and table.forward not in screen.keys:
            yield f"tables.{name}.forward", table.forward


def _unknown_keys(system: SystemMap) -> Iterator[tuple[str, str, str]]:
    """Screen ("" for the system itself), key and name, where a map names no key of its driver."""
    if system.driver == "vt":
        named = {"next_field": system.next_field, "clear_field": system.clear_field}
        for key, name in named.items():
            if name and not is_key(name, "vt", term=system.term):
                yield "", key, name
    for screen in system.screens.values():
        for name, mapped in screen.keys.items():
            told = {"send": mapped.send, "label": mapped.label, "selector": mapped.selector}
            if wrong := wrong_key(system.driver, term=system.term, **told):
                yield screen.name, f"keys.{name}.{wrong[0]}", wrong[1]


def _is_code_page(name: str) -> bool:
    try:
        return isinstance("".encode(name), bytes) and bool(codecs.lookup(name).incrementaldecoder)
    except LookupError:
        return False
