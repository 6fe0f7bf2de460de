"""Electronic statements (MT940, MT942, CAMT.05x, OFX, BAI2) to facts, strictly, with proof."""

from __future__ import annotations

import re

from clerkwork.errors import Refused
from clerkwork.facts import Statement

__all__ = ["KINDS", "electronic_statements", "kind_of"]

KINDS = frozenset(("mt940", "mt942", "camt", "ofx", "bai2"))

_CAMT = re.compile(
    r"urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\."
    r"|<(?:\w+:)?BkToCstmr(?:Stmt|AcctRpt|DbtCdtNtfctn)[\s>]"
)
_OFX = re.compile(r"OFXHEADER\s*:|(?:<\?xml[^>]*\?>|<!--.*?-->|\s)*(?:<\?OFX\s|<OFX>)", re.S | re.I)
_BAI2 = re.compile(
    r"01,[^,\r\n]*,[^,\r\n]*,\d{6},\d{0,4},[^\r\n]*,2?\s*/?\s*[\r\n]+(?:88,[^\r\n]*\s+)*02,"
)
_SWIFT = re.compile(r"\{1:F\d\d.{0,80}?\{2:[IO]9(40|42|50)", re.S)
_FIELD = re.compile(r"^:(20|25P?|28C?|13D?|34F|60[FM]|61|62[FM]|64|86):", re.M)
_SUFFIXES = (".sta", ".mt940", ".940", ".mt942", ".942", ".mta", ".swi", ".fin")


def kind_of(head: bytes, suffix: str) -> str | None:
    """
    Which electronic format a file is, by its first 1024 bytes: "mt940" (MT950 too),
    "mt942", "camt", "ofx", "bai2", None for anything else.

    The name helps only where a file holds less than a whole MT940 message.
    """
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in head and not is_wide:
        return None
    text = head.decode("utf-16" if is_wide else "latin-1", errors="replace")
    text = text.lstrip("\ufeffï»¿ \t\r\n")
    if text.startswith("<") and _CAMT.search(text):
        return "camt"
    if _OFX.match(text):
        return "ofx"
    if _BAI2.match(text):
        return "bai2"
    return _swift_kind(text.replace("\r\n", "\n").replace("\r", "\n"), suffix)


def _swift_kind(text: str, suffix: str) -> str | None:
    block = _SWIFT.match(text)
    tags = _FIELD.findall(text)
    is_message = "20" in tags and any(tag[:2] in ("25", "28") for tag in tags)
    if not block and not is_message and not (tags and suffix.lower() in _SUFFIXES):
        return None
    is_942 = block[1] == "42" if block else "34F" in tags and not {"60F", "60M"} & set(tags)
    return "mt942" if is_942 else "mt940"


def electronic_statements(
    content: bytes, kind: str, *, digest: str, language: str
) -> list[Statement]:
    """
    The statements of one electronic file; problems are lines in `language`.

    Raises Refused with the place where the file is not in its format or is cut off.
    """
    # every document starts a child, and few of them need these
    from clerkwork.read.electronic import bai2, camt, mt940, ofx
    from clerkwork.read.electronic.message import at_place, line, statements_of
    from clerkwork.read.electronic.neighbours import followed
    from clerkwork.read.twice import doubles_named

    readers = {"camt": camt.messages, "ofx": ofx.messages, "bai2": bai2.messages}
    row = "entry" if kind == "camt" else "line"
    try:
        messages = followed(readers.get(kind, mt940.messages)(content, digest=digest))
        statements = statements_of(messages, language=language, row=row)
        return doubles_named(statements, line=lambda problem: line(problem, language, row))
    except Refused as refused:
        raise at_place(refused, language, row) from None
