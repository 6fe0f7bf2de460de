"""OFX 1 (SGML) and OFX 2 and QFX (XML): one reader of tags for both, none of entities."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Origin
from clerkwork.read.electronic.message import Message, day_of, decimal_of, text_of
from clerkwork.read.values import parse_time

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][\w.]*)(?:\s[^<>]*)?(?P<empty>/?)>(?P<text>[^<]*)"
    r"|<!--.*?-->\s*|<\?.*?\?>\s*",
    re.S,
)
_DEEPEST = 100  # elements in one another; a statement has about ten
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
_STATEMENTS = ("STMTRS", "CCSTMTRS")
_INVESTMENTS = "INVSTMTRS"
# OFX 2.3, 3.2.8.2: YYYYMMDDHHMMSS.XXX[gmt offset:tz name], shorter from the right
_MOMENT = re.compile(
    r"(?P<day>[0-9]{8})(?P<time>[0-9]{4}(?:[0-9]{2}(?:\.[0-9]{1,6})?)?)?"
    r"\s*(?:\[[+-]?[0-9.]{1,5}(?::\w*)?\])?"
)


@dataclass
class _Node:
    """An element; `text` of a value, children of an aggregate."""

    name: str
    text: str
    at: int  # line
    children: list[_Node] = field(default_factory=list)

    def all(self, *names: str) -> Iterator[_Node]:
        """Every element of these names below this one, in order."""
        for child in self.children:
            if child.name in names:
                yield child
            yield from child.all(*names)

    def one(self, path: str) -> _Node | None:
        """The element at `path` below this one."""
        node: _Node | None = self
        for name in path.split("/"):
            node = node and next((each for each in node.children if each.name == name), None)
        return node

    def value(self, path: str) -> str:
        """The text at `path`, "" where there is none."""
        node = self.one(path)
        return node.text if node else ""


def messages(content: bytes, *, digest: str) -> Iterator[Message]:
    """
    The messages of a file, one per statement and currency.

    OFX prints no opening balance and no totals, so nothing proves its entries.
    Raises Refused DOCUMENT_TRUNCATED, DOCUMENT_BROKEN, XML_DECLARES_TYPE, PART_NOT_READ.
    """
    text = text_of(content)
    if "<!DOCTYPE" in text.upper():
        raise Refused("XML_DECLARES_TYPE")
    root = _tree_of(_CDATA.sub(lambda found: html.escape(found[1]), text))
    for other in root.all(_INVESTMENTS):
        raise Refused("PART_NOT_READ", where=f"line {other.at}", part=_INVESTMENTS)
    for number, node in enumerate(root.all(*_STATEMENTS), start=1):
        yield from _messages_of(node, number, digest)


def _tree_of(text: str) -> _Node:
    """
    The elements of a file. In SGML a value has no end tag; an element that has neither
    text nor an end is an empty value, and what seems to lie in it lies beside it.
    """
    start = re.search(r"<OFX[\s>]", text, re.I)
    if start is None:
        raise Refused("DOCUMENT_TRUNCATED")
    position, line = start.start(), 1 + text.count("\n", 0, start.start())
    open_ones = [_Node("", "", 0)]
    leaf = ""  # the value whose end tag may come next
    while position < len(text):
        found = _TAG.match(text, position)
        if found is None:
            is_cut = ">" not in text[position:]
            code = "DOCUMENT_TRUNCATED" if is_cut else "DOCUMENT_BROKEN"
            raise Refused(code, where=f"line {line}", detail=text[position : position + 40])
        if found["name"]:
            leaf = _take(found, open_ones, leaf, line)
        line += text.count("\n", position, found.end())
        position = found.end()
    if len(open_ones) > 1:
        raise Refused("DOCUMENT_TRUNCATED", where=f"line {line}")
    return open_ones[0]


def _take(found: re.Match[str], open_ones: list[_Node], leaf: str, line: int) -> str:
    """Take one tag with the text after it; gives the name of the value it begins."""
    name, text = found["name"].upper(), html.unescape(found["text"]).strip()
    broken = Refused("DOCUMENT_BROKEN", where=f"line {line}", detail=found[0].strip()[:40])
    if len(open_ones) > _DEEPEST:
        raise broken
    if not found["end"]:
        node = _Node(name, text, line)
        open_ones[-1].children.append(node)
        if text or found["empty"]:
            return name
        open_ones.append(node)
        return ""
    if text:
        raise broken
    if name == leaf:
        return ""
    if name not in (node.name for node in open_ones[1:]):
        raise broken
    while (node := open_ones.pop()).name != name:
        open_ones[-1].children += node.children
        node.children = []
    return ""


def _messages_of(node: _Node, number: int, digest: str) -> Iterator[Message]:
    """The statement's messages by currency; LEDGERBAL is of its own currency."""
    own = node.value("CURDEF")
    parts = {own: Message(number, currency=own)}
    main = parts[own]
    account = node.value("BANKACCTFROM/ACCTID") or node.value("CCACCTFROM/ACCTID")
    for text, tag in ((own, "CURDEF"), (account, "ACCTID")):
        if not text or (tag == "CURDEF" and not re.fullmatch("[A-Z]{3}", text)):
            main.flaws.append(Refused("VALUE_MISSING", where=f"line {node.at}", field=tag))
    held: list[int] = [each.at for each in node.all("STMTTRNP")]
    for each in node.all("STMTTRN"):
        if each.value("TRNTYPE") == "HOLD":
            held.append(each.at)
            continue
        currency = each.value("CURRENCY/CURSYM") or own
        part = parts.setdefault(currency, Message(number, currency=currency))
        try:
            part.entries.append(_entry(each, currency, number, digest))
        except Refused as flaw:
            part.flaws.append(flaw)
    if held:
        note = Refused("PENDING_LEFT_OUT", where=f"line {min(held)}", count=len(held))
        main.notes.append(note)
    _close(node, main)
    for message in parts.values():
        message.account = account
        yield message


def _close(node: _Node, message: Message) -> None:
    """The ledger balance and the period. AVAILBAL and BALLIST are of no entry."""
    try:
        balance = node.one("LEDGERBAL")
        if balance:
            where = f"line {balance.at} BALAMT"
            text = balance.value("BALAMT")
            amount = decimal_of(
                text, currency=message.currency, where=where, point=".,", signs="+-"
            )
            message.mark("closing", amount, row=balance.at)
        days = [
            _moment(end.text, f"line {end.at} {end.name}")[0]
            for end in node.all("DTSTART", "DTEND")
        ]
        if len(days) > 1 and min(days) <= max(days):
            message.period = min(days), max(days)
    except Refused as flaw:
        message.flaws.append(flaw)


def _entry(node: _Node, currency: str, number: int, digest: str) -> Entry:
    """One STMTTRN: TRNAMT is signed as the holder sees it (OFX 2.3, 11.4.4.1)."""
    where = f"line {node.at} STMTTRN"
    amount = decimal_of(
        node.value("TRNAMT"), currency=currency, where=f"{where} TRNAMT", point=".,", signs="+-"
    )
    booked, clock = _moment(node.value("DTPOSTED"), f"{where} DTPOSTED")
    available = node.value("DTAVAIL")
    name = node.value("NAME") or node.value("PAYEE/NAME")
    references = (node.value(tag) for tag in ("CHECKNUM", "REFNUM", "FITID"))
    return Entry(
        account="",
        accounting_date=booked,
        currency=currency,
        amount=amount,
        reference=next((each for each in references if each), ""),
        text=" ".join(f"{name} {node.value('MEMO')}".split()),
        counterparty=name,
        value_date=_moment(available, f"{where} DTAVAIL")[0] if available else None,
        time=clock,
        origin=Origin(digest, number, node.at),
    )


def _moment(text: str, where: str) -> tuple[date, time | None]:
    """The day and time of day as printed, in the zone that is printed with them."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise Refused("DATE_UNREADABLE", text=text[:40], where=where)
    clock = None
    if digits := (found["time"] or "")[:6].ljust(6, "0") if found["time"] else "":
        clock = parse_time(digits, where=where)
    return day_of(found["day"], where=where), clock
