"""SWIFT MT940, MT942 and MT950 (SWIFT User Handbook, category 9): fields of lines to messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Origin
from clerkwork.read.electronic.message import Message, day_of, decimal_of, lines_of, text_of
from clerkwork.read.electronic.narrative import narrative_of
from clerkwork.read.values import parse_date

_BLOCK = re.compile(r"\{\d:")
_FIELD = re.compile(r":(?P<tag>[0-9]{2,3}[A-Z]?|NS):(?P<first>.*)", re.S)
_LINE = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4})?(?P<sign>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])??"
    r"\s?(?P<amount>[0-9][0-9,.]*)(?P<type>[NFS][A-Z0-9]{3})(?P<rest>.*)",
    re.S,
)
_BALANCE = re.compile(r"(?P<sign>[CD])(?P<day>[0-9]{6})(?P<currency>[A-Z]{3})(?P<amount>[0-9,.]+)")
_NUMBER = re.compile(r"\s*([0-9]{1,5})(?:/([0-9]{1,5}))?")  # of the statement, and its page
_SUM = re.compile(r"(?P<count>[0-9]{0,5})(?P<currency>[A-Z]{3})(?P<amount>[0-9,.]+)")
_FLOOR = re.compile(r"(?P<currency>[A-Z]{3})(?P<sign>[CD ]?)(?P<amount>[0-9,.]+)")
# References, dates of making, available balances, message type, texts outside the standard.
_PASSED = frozenset(("13", "13D", "21", "64", "65", "NS", "940", "942", "950"))
_NO_REFERENCE = re.compile(r"NONREF|NOTPROVIDED|[EKM]REF\+?|", re.I)
_WIDTH = 16  # of a customer reference; some banks write details behind it on the same line


@dataclass
class _Field:
    """One field: its tag ("" when it is none that exists), its lines, and where it begins."""

    tag: str
    lines: list[str]
    at: int

    @property
    def where(self) -> str:
        return f"line {self.at} :{self.tag}:" if self.tag else f"line {self.at}"


def messages(content: bytes, *, digest: str) -> Iterator[Message]:
    """
    The messages of a file, in its order: with or without envelope, one or several.

    Raises nothing: what cannot be read is a flaw of its message.
    """
    reading = _Reading(Message(1), digest)
    for each in _fields(text_of(content)):
        if each.tag == "20" and reading.has_begun:
            yield reading.finished()
            reading = _Reading(Message(reading.message.number + 1), digest)
        reading.take(each)
    yield reading.finished()


def _fields(text: str) -> Iterator[_Field]:
    """
    The fields of all messages. A line "-" ends a message; lines between messages are the
    envelope, or a header some banks write; only a line that begins as a field and is none is one.
    """
    current: _Field | None = None
    for at, raw in enumerate(lines_of(text), start=1):
        line = raw.strip("\x00\x01\x03\x1a\ufeff").rstrip()
        if _BLOCK.match(line):
            line = line.partition("{4:")[2]
        found = _FIELD.match(line)
        is_end = line == "-" or line.startswith("-}")
        if found or is_end or line.startswith(":"):
            if current:
                yield current
            current = None
        if found:
            current = _Field(found["tag"], [found["first"]], at)
        elif line.startswith(":"):
            yield _Field("", [line], at)
        elif current and line and not is_end:
            current.lines.append(line)
    if current:
        yield current


@dataclass
class _Line:
    """A :61: with the :86: that follow it."""

    entry: Entry
    more: str
    details: list[str] = field(default_factory=list)


class _Reading:
    """One message while its fields are taken."""

    def __init__(self, message: Message, digest: str) -> None:
        self.message = message
        self.digest = digest
        self.lines: list[_Line] = []
        self.seen: set[str] = set()
        self.expected: list[str] = []  # where entries stand that are only expected
        self.latest: _Line | None = None  # whose details a :86: would be
        self.opened: date | None = None  # the day of the opening balance

    @property
    def has_begun(self) -> bool:
        return bool(self.seen)

    def take(self, each: _Field) -> None:
        """Take one field; what cannot be read is a flaw with its line."""
        try:
            self._take(each)
        except Refused as flaw:
            self.message.flaws.append(flaw)
        self.seen.add(each.tag)

    def _take(self, each: _Field) -> None:
        match each.tag:
            case "20" | "25" | "25P":
                self._identify(each)
            case "28" | "28C":
                found = _NUMBER.match(each.lines[0])
                if found:
                    self.message.page = (int(found[1]), int(found[2] or 0))
            case "60F" | "60M" | "62F" | "62M":
                self._balance(each)
            case "34F" | "90C" | "90D":
                self._sum(each)
            case "61":
                self.latest = None
                self.latest = self._line(each)
            case "86":
                if self.latest:
                    self.latest.details.append(_joined(each.lines))
            case tag if tag not in _PASSED:
                text = f":{tag}:{each.lines[0]}" if tag else each.lines[0]
                raise Refused("LINE_NOT_UNDERSTOOD", where=each.where, text=text[:80])
        if each.tag not in ("61", "86"):
            self.latest = None
            self._refuse_more(each)

    def _refuse_more(self, each: _Field) -> None:
        """Only details run over several lines; :25P: has the bank on its second."""
        most = 2 if each.tag == "25P" else 1
        if len(each.lines) > most and each.tag not in _PASSED:
            text = each.lines[-1][:80]
            raise Refused("LINE_NOT_UNDERSTOOD", where=each.where, text=text)

    def _identify(self, each: _Field) -> None:
        if each.tag in self.seen or (each.tag[:2] == "25" and self.message.account):
            raise Refused("FIELD_TWICE", where=each.where, field=f":{each.tag}:")
        if each.tag != "20":
            self.message.account = each.lines[0].strip()

    def _balance(self, each: _Field) -> None:
        """:60: and :62:, C when the account has money; several :60: must be the same."""
        found = _match(_BALANCE, each)
        amount = self._amount(found, each)
        signed = -amount if found["sign"] == "D" and amount else amount
        kind = "opening" if each.tag.startswith("60") else "closing"
        if kind == "opening":
            self.message.is_first = each.tag == "60F"
        else:
            self.message.is_last = each.tag == "62F"
            self.message.goes_on = each.tag == "62M"
        self.message.mark(kind, signed, row=each.at)
        day = day_of(found["day"], where=each.where)
        if kind == "opening":
            self.opened = self.opened or day
        elif self.opened and self.opened <= day:
            self.message.period = (self.opened, day)

    def _sum(self, each: _Field) -> None:
        """:90D: and :90C:, number and sum; :34F: is a floor, which no entry need reach."""
        found = _match(_FLOOR if each.tag == "34F" else _SUM, each)
        amount = self._amount(found, each)
        if each.tag != "34F":
            count = int(found["count"]) if found["count"] else None
            kind = "debits" if each.tag == "90D" else "credits"
            self.message.mark(kind, amount, row=each.at, count=count)

    def _amount(self, found: re.Match[str], each: _Field) -> Decimal:
        """The amount of a field that names its currency, which all fields share."""
        currency = found["currency"]
        if self.message.currency not in ("", currency):
            raise Refused(
                "CURRENCY_DIFFERS", where=each.where, found=currency, expected=self.message.currency
            )
        self.message.currency = currency
        return decimal_of(found["amount"], currency=currency, where=each.where, point=",")

    def _line(self, each: _Field) -> _Line | None:
        """
        One :61:. RC is the reversal of a credit and goes out, RD comes in; EC and ED are
        expected, not booked, and are left out.
        """
        found = _match(_LINE, each)
        where = each.where
        amount = decimal_of(found["amount"], currency=self.message.currency, where=where, point=",")
        value = day_of(found["value"], where=where)
        booked = value
        if entry := found["entry"]:
            month_day = f"{entry[:2]}/{entry[2:]}"
            booked = parse_date(month_day, where=where, order="mdy", near=value)
        if found["sign"].startswith("E"):
            self.expected.append(where)
            return None
        customer, _, bank = found["rest"].partition("//")
        reference, rest = customer[:_WIDTH].strip(), customer[_WIDTH:].strip()
        bank = bank.strip()
        line = _Line(
            Entry(
                account="",
                accounting_date=booked,
                currency="",
                amount=-amount if found["sign"] in ("D", "RC") and amount else amount,
                reference=bank if _NO_REFERENCE.fullmatch(reference) else reference,
                value_date=value,
                red=found["sign"].startswith("R"),
                origin=Origin(self.digest, self.message.number, each.at),
            ),
            more=" ".join(part for part in (rest, *map(str.strip, each.lines[1:])) if part),
        )
        self.lines.append(line)
        return line

    def finished(self) -> Message:
        """The message with its entries, and what it lacks."""
        message = self.message
        message.is_first = message.is_first and message.page[1] < 2
        message.entries = [narrative_of(each.entry, each.more, each.details) for each in self.lines]
        if message.currency and message.account.endswith(message.currency):
            message.account = message.account.removesuffix(message.currency).rstrip()
        if message.entries or message.marks or message.flaws:
            for is_there, tag in ((message.account, ":25:"), (message.currency, ":60F:")):
                if not is_there:
                    flaw = Refused("VALUE_MISSING", where=f"statement {message.number}", field=tag)
                    message.flaws.append(flaw)
        if self.expected:
            message.notes.append(
                Refused("PENDING_LEFT_OUT", where=self.expected[0], count=len(self.expected))
            )
        return message


def _match(pattern: re.Pattern[str], each: _Field) -> re.Match[str]:
    """The parts of a field's first line. Raises Refused FIELD_UNREADABLE."""
    found = pattern.fullmatch(each.lines[0].rstrip())
    if found is None:
        raise Refused("FIELD_UNREADABLE", where=each.where, text=each.lines[0][:80])
    return found


def _joined(lines: list[str]) -> str:
    """The text of a :86:; a line of the full 65 characters goes on without a space."""
    text = ""
    for line in lines:
        text += line if len(line) >= 65 else line + "\n"
    return text.strip()
