"""
What a person may not see is covered in every answer: one place, whatever page it is.

Who may not see documents (a developer, an administrator) sees no card number and no resident
id either, wherever somebody typed it: in narratives, fields, parameters, comments, addresses.
"""

from __future__ import annotations

import re
from typing import Any

from clerkwork.systems.masking import covered

_TAG = re.compile(r"(<[^>]*>)")
_GEOMETRY = re.compile(r"\s(?:d|points|viewBox|transform)=")  # of drawings: no text
# a digest may have digits in it that look like a card number; cut, its address would lead nowhere
_DIGEST = re.compile(
    r"((?<![0-9A-Za-z])(?=[0-9]*[a-f])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9A-Za-z]))"
)
# thirteen digits, little between them: where there are none, nothing is looked for
_MAYBE = re.compile(r"\d(?:[\s\u2010-\u2015\u2212\uff0d-]{0,3}\d){12}")


def covered_page(html: str) -> str:
    """
    The page with card numbers and resident ids covered, in texts and in attributes.

    >>> covered_page('<a href="/x?y=6222021234567890128">6222021234567890128</a>')
    '<a href="/x?y=622202*********0128">622202*********0128</a>'
    """
    return "".join(
        part if part.startswith("<") and _GEOMETRY.search(part) else covered_text(part)
        for part in _TAG.split(html)
    )


def covered_facts(said: Any) -> Any:
    """What is answered to programs, with every text in it covered."""
    if isinstance(said, str):
        return covered_text(said)
    if isinstance(said, dict):
        return {covered_text(str(name)): covered_facts(value) for name, value in said.items()}
    if isinstance(said, list):
        return [covered_facts(one) for one in said]
    return said


def covered_text(text: str) -> str:
    """
    The text covered, but for digests.

    >>> covered_text("of 11010519491231002X")
    'of 110105********002X'
    """
    if not _MAYBE.search(text):
        return text
    parts = _DIGEST.split(text)
    return "".join(part if at % 2 else covered(part) for at, part in enumerate(parts))
