"""What a page shows, all frames at one moment, and which mapped screen that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clerkwork.errors import Drifted, Misconfigured
from clerkwork.systems.maps import FieldMap, KeyMap, Mark, ScreenMap, SystemMap, TableMap
from clerkwork.systems.masking import covered_row, masked
from clerkwork.systems.meaning import code_in
from clerkwork.systems.port import Screen

if TYPE_CHECKING:
    from playwright.sync_api import Page

_HERE = Path(__file__).parent
SCRIPT = (_HERE / "frame.js").read_text(encoding="utf-8")
WINDOW_SCRIPT = (_HERE / "window.js").read_text(encoding="utf-8").replace("READ;", f"{SCRIPT};")
PASSWORDS = "input[type=password]"
_NEVER_HEALED = ("amount", "digits")  # a neighbour of theirs would look as good


@dataclass(frozen=True)
class View:
    """
    What one window showed at one moment: for each frame by name ("" is the page itself)
    what frame.js reads. `is_complete` once every frame has loaded; `is_first` for the
    window that the session began with.
    """

    window: Page
    frames: Mapping[str, Mapping[str, Any]]
    is_first: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether every frame that the map knows and the page has is loaded."""
        return all(frame["isComplete"] for frame in self.frames.values())

    @property
    def documents(self) -> dict[str, float]:
        """Which document stands in each frame; a page loaded anew is another document."""
        return {name: frame["origin"] for name, frame in self.frames.items()}

    def is_window_of(self, screen: ScreenMap) -> bool:
        """Whether `screen` can stand in this window."""
        if self.is_first or not screen.window:
            return self.is_first and not screen.window
        page = self.frames[""]
        return bool(screen.window == page["window"] or screen.window in page["title"])

    def field(self, screen: ScreenMap, name: str) -> Mapping[str, Any] | None:
        """Field `name` of `screen` as it stands, None where it is not."""
        frame = self.frames.get(screen.fields[name].frame, {"fields": {}})
        found: Mapping[str, Any] | None = frame["fields"].get(f"{screen.name}.{name}")
        return found

    def table(self, mapped: TableMap) -> list[list[str]]:
        """The cells of every row of a table."""
        rows: list[list[str]] = self.frames[mapped.frame]["tables"][mapped.selector]
        return rows

    def has(self, mark: Mark) -> bool:
        """Whether the mark's element stands there, with its text."""
        return self.text_at(mark) is not None

    def text_at(self, mark: Mark) -> str | None:
        """The text of the first visible element of `mark` that contains the mark's text."""
        frame = self.frames.get(mark.frame)
        texts: Iterable[str] = frame["marks"][_selector(mark)] if frame else ()
        return next((text for text in texts if mark.text in text), None)

    def text(self, secrets: Iterable[str]) -> str:
        """The whole page as text, frame by frame, what was typed into it, and no secret."""
        lines = []
        for name, frame in self.frames.items():
            lines += [f"[{name or 'page'}]", frame["text"]]
            lines += [f"= {value}" for value in covered_row(frame["typed"]) if value]
        return masked("\n".join(lines), secrets)

    def exposes(self, secrets: Iterable[str]) -> bool:
        """Whether a secret can be seen where no mask will cover it."""
        if any(frame["isExposed"] for frame in self.frames.values()):
            return True
        seen = "\n".join(
            text for frame in self.frames.values() for text in (frame["text"], *frame["typed"])
        )
        return any(secret in seen for secret in secrets if secret)


def tasks_of(system: SystemMap) -> dict[str, dict[str, Any]]:
    """What frame.js is to look for, for each frame that the system's maps name."""
    tasks: dict[str, dict[str, Any]] = {"": _empty()}
    for screen in system.screens.values():
        marks = [*screen.recognise, *([screen.message] if screen.message else [])]
        for mark in marks:
            tasks.setdefault(mark.frame, _empty())["marks"].append(_selector(mark))
        for name, field in screen.fields.items():
            what = target_of(field) | {"secret": field.secret}
            tasks.setdefault(field.frame, _empty())["fields"][f"{screen.name}.{name}"] = what
        for table in screen.tables.values():
            tasks.setdefault(table.frame, _empty())["tables"].append(table.selector)
        for key in screen.keys.values():
            tasks.setdefault(key.frame, _empty())
    return tasks


def target_of(mapped: FieldMap | KeyMap) -> dict[str, Any]:
    """How frame.js finds the element of a field or key."""
    if isinstance(mapped, KeyMap):
        ranked = [mapped.selector] if mapped.selector else []
        return {"label": mapped.label, "selectors": ranked, "isKey": True, "heals": True}
    heals = mapped.type not in _NEVER_HEALED and not mapped.secret
    return {"label": mapped.label, "selectors": mapped.selectors, "isKey": False, "heals": heals}


def masks_of(system: SystemMap) -> dict[str, str]:
    """For each frame, the selector of everything that a picture must not show."""
    masks = dict.fromkeys(tasks_of(system), PASSWORDS)
    for screen in system.screens.values():
        for field in screen.fields.values():
            if field.secret and field.selectors:
                masks[field.frame] += ", " + ", ".join(field.selectors)
    return masks


def recognised(view: View, system: SystemMap) -> ScreenMap | None:
    """The screen all of whose marks stand; raises Misconfigured SCREEN_AMBIGUOUS for two."""
    found = [
        screen
        for screen in system.screens.values()
        if view.is_window_of(screen) and all(view.has(mark) for mark in screen.recognise)
    ]
    if len(found) > 1:
        names = ", ".join(screen.name for screen in found)
        raise Misconfigured("SCREEN_AMBIGUOUS", system=system.name, screens=names)
    return found[0] if found else None


def screen_of(view: View, screen: ScreenMap, system: SystemMap, secrets: Iterable[str]) -> Screen:
    """
    `view`, recognised as `screen`, as the port hands it over.

    Raises Drifted FIELD_MISSING when a mapped field does not stand there.
    """
    fields = {}
    for name, mapped in screen.fields.items():
        found = view.field(screen, name)
        if found is None:
            where = f"{system.name} {screen.name}"
            raise Drifted("FIELD_MISSING", where=where, field=name, screen=screen.name)
        fields[name] = "" if mapped.secret else found["value"].strip()
    message = (view.text_at(screen.message) if screen.message else None) or ""
    return Screen(screen.name, fields, view.text(secrets), message, code_in(message, system))


def marked_frames(screen: ScreenMap) -> set[str]:
    """The frames in which the marks of `screen` stand."""
    return {mark.frame for mark in screen.recognise}


def _selector(mark: Mark) -> str:
    return mark.selector or "body"


def _empty() -> dict[str, Any]:
    return {"marks": [], "fields": {}, "tables": []}
