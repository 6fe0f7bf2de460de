"""Text, counterparty and reference of an MT940 entry from its :86:, as banks structure it."""

from __future__ import annotations

import re
from dataclasses import replace

from clerkwork.facts import Entry

# "166?00GUTSCHRIFT?20EREF+1?32NAME" (Germany), "000>100…>20…" (Triodos)
_GERMAN = re.compile(r"[0-9]{3}([?>])(?=[0-9]{2})")
_NAME = {"32", "33"}
_TEXT = {"00", *(str(n) for n in range(20, 30)), *(str(n) for n in range(60, 64))}
_SLASHED = re.compile(r"/(EREF|REMI|NAME)/+(?:USTD//)?([^/]+)")
_EREF = re.compile(r"EREF\+(\S.*?)(?=(?:KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|PURP)\+|$)", re.S)


def narrative_of(entry: Entry, more: str, details: list[str]) -> Entry:
    """
    `entry` with its text and counterparty: those of a structured :86:, else all of it.

    `more` is what :61: itself says behind the reference.
    """
    words = "\n".join(details)
    name = reference = ""
    found = _GERMAN.match(words)
    if found:
        parts = re.split(rf"{re.escape(found[1])}([0-9]{{2}})", words.replace("\n", ""))
        coded = list(zip(parts[1::2], parts[2::2], strict=True))
        name = " ".join("".join(text for code, text in coded if code in _NAME).split())
        purpose = "".join(text for code, text in coded if code in _TEXT and code != "00")
        title = next((text for code, text in coded if code == "00"), "")
        end_to_end = _EREF.search(purpose)
        reference = end_to_end[1].strip() if end_to_end and len(end_to_end[1]) <= 35 else ""
        words = f"{title} {purpose}"
    else:
        slashed = dict(_SLASHED.findall(words.replace("\n", "")))
        name, reference = slashed.get("NAME", "").strip(), slashed.get("EREF", "").strip()
    text = " ".join(f"{words} {more}".split())
    return replace(entry, text=text, counterparty=name, reference=entry.reference or reference)
