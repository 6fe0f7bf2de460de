"""The documents of a window as HTML, fit to be kept: secrets and personal numbers covered."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from playwright.sync_api import ElementHandle, Error, Page

from clerkwork.systems.browser.watch import first_line
from clerkwork.systems.masking import covered, covered_parts, covered_row

SCRIPT = (Path(__file__).parent / "dom.js").read_text(encoding="utf-8")
_SEEN = {"block": "\n", "inline": "", "comment": ""}  # what a person sees of it between texts


def dom_of(
    window: Page, hidden: Mapping[object, Sequence[ElementHandle]], secrets: Collection[str]
) -> str:
    """
    Every frame of `window`, the page first, each below a comment with its name and address.

    `hidden` are the elements of each frame whose contents are secret. A frame that cannot
    be read says why.
    """
    spelled = _spelled(secrets)
    frames = []
    for frame in window.frames:
        address = covered(frame.url, spelled)
        frames.append(f"<!-- frame {frame.name or 'page'}: {escape(address)} -->")
        try:
            parts = frame.evaluate(SCRIPT, list(hidden.get(frame, ())))
        except Error as failed:
            frames.append(f"<!-- not read: {covered(first_line(failed), spelled)} -->")
        else:
            frames.append(_html(parts, spelled))
    return covered("\n".join(frames), secrets)


def _html(parts: Sequence[Any], secrets: Collection[str]) -> str:
    """The parts that dom.js gives as HTML; a number may be split over tags or boxes."""
    seen = covered_parts([_SEEN.get(kind, text) for kind, text, _ in parts], secrets)
    seen = covered_row(
        [
            shown if kind == "text" else dict(attributes).get("value", "")
            for (kind, _, attributes), shown in zip(parts, seen, strict=True)
        ]
    )
    return "".join(
        _written(kind, text, attributes, shown, secrets)
        for (kind, text, attributes), shown in zip(parts, seen, strict=True)
    )


def _written(
    kind: str,
    text: str,
    attributes: Sequence[tuple[str, str]],
    shown: str,
    secrets: Collection[str],
) -> str:
    if kind == "text":
        return escape(shown, quote=False)
    if kind == "comment":
        return f"<!--{covered(text, secrets)}-->"
    values = ((name, shown if name == "value" else value) for name, value in attributes)
    told = (f' {name}="{escape(covered(value, secrets))}"' for name, value in values)
    return f"<{text}{''.join(told)}>"


def _spelled(secrets: Collection[str]) -> set[str]:
    """Each secret in the ways in which an address, a script or markup may spell it."""
    return {
        spelled
        for secret in secrets
        for spelled in (
            secret,
            escape(secret),
            escape(secret, quote=False),
            quote(secret),
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
        )
    }
