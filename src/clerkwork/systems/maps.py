"""
Screen maps: what is on a screen, as data (`resources/systems/<system>/`).

`system.toml` says how to reach the system, `screens/*.toml` one screen each,
`messages.toml` what its message codes mean. Keys: docs/manifests.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from clerkwork.manifest import Manifest, checked, load_toml

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
            raise ValueError(f"id “{name}” looks generated: name the element by its label")
    return selector


Selector = Annotated[str, AfterValidator(_lasting)]


class Mark(Manifest):
    """One sign by which a screen is recognised: a text at a place, or an element."""

    text: str = ""
    row: int = 0  # 3270: from 1; 0 = anywhere
    column: int = 0
    frame: str = ""  # web: name of the frame, "" = the page itself
    selector: Selector = ""  # web: must be visible, and contain `text` when given
    window: str = ""  # desktop: the title of the window in front


class FieldMap(Manifest):
    """One field: where it is and what it may hold."""

    type: Literal["text", "digits", "amount", "date", "choice", "file"] = "text"
    length: int
    without: str = ""  # characters that the bank does not have in this field
    secret: bool = False
    row: int = 0
    column: int = 0
    label: str = ""  # web: the label as a person reads it
    selectors: tuple[Selector, ...] = ()  # web: ranked, tried after the label
    frame: str = ""
    readonly: bool = False
    resolves: str = ""  # web: the field that the page fills while this one is typed


class TableMap(Manifest):
    """A table: 3270 by rows and column ranges (both ends included), web by selector and cells."""

    first_row: int = 0
    last_row: int = 0
    columns: dict[str, tuple[int, int]] = {}
    forward: str = ""  # the key that shows the next page
    last: str = ""  # the message code that says there are no more
    frame: str = ""
    selector: Selector = ""  # web: the rows
    cells: tuple[str, ...] = ()  # web: column names in order


class KeyMap(Manifest):
    """A key or button, what may follow it, and whether it changes the books."""

    send: str = ""  # 3270: "Enter", "PF8", ...
    label: str = ""  # web: what the button or link says
    selector: Selector = ""  # web: the button or link, tried after the label
    frame: str = ""
    next: tuple[str, ...] = ()
    in_page: bool = False  # web: the answer comes into the page that stands, not as a new one
    commits: bool = False
    submits: bool = False  # sends what was typed: not pressed where screens are only compared
    enters: dict[str, str] = {}  # terminals: what is typed before it, such as a menu's number
    confirms: str = ""  # web: the text the confirm dialog must contain; accepted then
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
    en: str
    zh: str


class EnvironmentMap(Manifest):
    """Where the system is in one environment, and the names of its credentials."""

    address: str  # "host:port", URL, or "practice:<service>" (port found at run time)
    desk: str = ""  # credential names: who looks
    keyboard: str = ""  # who types
    tls: bool = True
    host_key: tuple[str, ...] = ()  # vt over ssh: fingerprints, "SHA256:..."
    user: str = ""  # vt over ssh: who the shell is of; "" = the operator
    private_key: str = (
        ""  # vt over ssh: file of the key that lets the user in, instead of the password
    )


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
    code_page: str = "cp037"
    model: int = 2
    term: str = "xterm"  # vt: TERM
    rows: int = 24  # vt
    columns: int = 80
    next_field: str = "Tab"  # vt: the key from field to field
    clear_field: str = ""  # vt: the key that empties a field; "" = Backspace for each cell
    chinese_cells: bool | None = None  # vt: host counts cells as zh_CN.GB18030; by default by page
    deadline_s: float = 20.0
    message_code: str = ""  # regular expression, group 1 is the code
    reference_length: int = 16
    environments: dict[str, EnvironmentMap]
    readings: dict[str, ReadingMap] = {}
    screens: dict[str, ScreenMap] = {}
    messages: dict[str, MessageMap] = {}


def load_system(folder: Path) -> SystemMap:
    """The map of the system in `folder`. Raises Misconfigured, naming file, table and key."""
    read: dict[str, Any] = {"screens": {}, "messages": {}}
    for path in sorted((folder / "screens").glob("*.toml")):
        screen = checked(ScreenMap, load_toml(path), path)
        read["screens"][screen.name] = screen
    messages = folder / "messages.toml"
    if messages.exists():
        read["messages"] = load_toml(messages)
    path = folder / "system.toml"
    return checked(SystemMap, load_toml(path) | read, path)
