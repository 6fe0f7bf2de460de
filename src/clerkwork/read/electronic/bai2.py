"""BAI2 (Cash Management Balance Reporting, version 2): records of a file, its groups, accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Origin, from_minor
from clerkwork.read.electronic.message import Message, day_of, lines_of, text_of

_RECORD = re.compile(r"(01|02|03|16|49|88|98|99)(?:,|/|$)")
_LEDGER = {"010": "opening", "015": "closing"}
_AVAILABLE = {"040": "opening", "045": "closing"}
_TOTALS = {"100": "credits", "400": "debits"}
_BREAK = "\x1f"  # where a continued record goes on


@dataclass
class _Record:
    """A record with its continuations: `fields` after the code, `lines` of the file it takes."""

    code: str
    text: str
    at: int
    lines: int = 1

    @property
    def where(self) -> str:
        return f"line {self.at} {self.code}"

    @property
    def fields(self) -> list[str]:
        return self.text.split(",")[1:]


def messages(content: bytes, *, digest: str) -> Iterator[Message]:
    """
    The messages of a file, one per account record.

    Raises Refused DOCUMENT_TRUNCATED where a trailer is missing, LINE_NOT_UNDERSTOOD
    where records do not follow as they must.
    """
    reading = _Reading(digest)
    for record in _records(text_of(content)):
        reading.take(record)
    if reading.level != "":
        raise Refused("DOCUMENT_TRUNCATED")
    yield from reading.messages


def _records(text: str) -> Iterator[_Record]:
    """The logical records: 88 continues the one before it."""
    current: _Record | None = None
    for at, raw in enumerate(lines_of(text), start=1):
        line = raw.strip("\x00\x1a \t").replace(_BREAK, "")
        if not line:
            continue
        found = _RECORD.match(line)
        if found is None or (found[1] == "88" and current is None):
            raise Refused("LINE_NOT_UNDERSTOOD", where=f"line {at}", text=line[:80])
        body = line.removesuffix("/")
        if found[1] == "88" and current:
            current.text += "," + _BREAK + body[3:]
            current.lines += 1
            continue
        if current:
            yield current
        current = _Record(found[1], body, at)
    if current:
        yield current


@dataclass
class _Level:
    """What the trailer of a file, a group or an account must say."""

    total: int = 0
    count: int = 0  # groups of a file, accounts of a group
    records: int = 0
    messages: list[Message] = field(default_factory=list)


class _Reading:
    """A file while its records are taken; `level` is "", or the record that is open."""

    _FOLLOWS = {
        "01": ("",), "02": ("01",), "03": ("02",), "16": ("03",), "49": ("03",), "98": ("02",),
        "99": ("01",),
    }  # fmt: skip

    def __init__(self, digest: str) -> None:
        self.digest = digest
        self.level = ""
        self.messages: list[Message] = []
        self.open: dict[str, _Level] = {}
        self.day = date.min
        self.group_currency = ""
        self.is_correction = False

    def take(self, record: _Record) -> None:
        """Take one record, where it may stand."""
        if self.level not in self._FOLLOWS[record.code]:
            raise Refused("LINE_NOT_UNDERSTOOD", where=record.where, text=record.text[:80])
        if record.code in ("01", "02", "03"):
            self.level = record.code
            self.open[record.code] = _Level()
        for level in self.open.values():
            level.records += record.lines
        match record.code:
            case "02":
                self._group(record)
            case "03":
                self._account(record)
            case "16":
                self._detail(record)
            case "49":
                self._close(record, "03", "02")
            case "98":
                self._close(record, "02", "01")
            case "99":
                self._close(record, "01", "")

    def _group(self, record: _Record) -> None:
        """Date and currency of a group; one that deletes or tests is not read as a statement."""
        fields = [*record.fields, "", "", "", "", "", ""]
        if fields[2] not in ("1", "3"):  # update, correction
            raise Refused("FIELD_UNREADABLE", where=record.where, text=fields[2])
        self.is_correction = fields[2] == "3"
        self.day = day_of(fields[3], where=record.where)
        self.group_currency = _currency(fields[5], record) or "USD"  # the standard's own default

    def _account(self, record: _Record) -> None:
        """Account, currency, and its balances and totals in groups of four fields."""
        account, *rest = [each.replace(_BREAK, "").strip() for each in [*record.fields, ""]]
        currency = _currency(rest[0] if rest else "", record) or self.group_currency
        message = Message(len(self.messages) + 1, account, currency, (self.day, self.day))
        if self.is_correction:
            self._correct(message, record)
        self.messages.append(message)
        for level in self.open.values():
            level.messages.append(message)
        if not account:
            message.flaws.append(Refused("VALUE_MISSING", where=record.where, field="03"))
        try:
            found = self._summaries(rest[1:], record)
        except Refused as flaw:
            message.flaws.append(flaw)
            return
        codes = {code for code, _, _ in found}
        kinds = (_LEDGER if codes & set(_LEDGER) else _AVAILABLE) | _TOTALS
        for code, minor, count in found:
            if code in kinds:
                amount = from_minor(minor, currency)
                is_total = code in _TOTALS
                message.mark(kinds[code], amount, row=record.at, count=count if is_total else None)

    def _correct(self, message: Message, record: _Record) -> None:
        """
        A group of status 3 corrects one that was sent before: what that said of the same
        account and day stands no more, in this file or in one that is booked.
        """
        message.notes.append(Refused("GROUP_CORRECTS", where=record.where))
        for each in self.messages:
            same = (message.account, message.currency, message.period)
            if (each.account, each.currency, each.period) == same:
                where = f"statement {each.number}"
                each.flaws.append(Refused("STATEMENT_CORRECTED", where=where, line=record.at))

    def _summaries(self, fields: list[str], record: _Record) -> list[tuple[str, int, int | None]]:
        """(type, minor units, items) of each amount; every amount counts in the control total."""
        found: list[tuple[str, int, int | None]] = []
        while any(fields):
            code = fields.pop(0)
            if not code:
                continue  # a continued record may leave its last field open
            if not re.fullmatch("[0-9]{3}", code):
                raise Refused("FIELD_UNREADABLE", where=record.where, text=code[:40])
            amount, items = [fields.pop(0) if fields else "" for _ in range(2)]
            _skip_funds(fields, record)
            if not re.fullmatch("[0-9]*", items):
                raise Refused("FIELD_UNREADABLE", where=record.where, text=items[:40])
            if amount:
                minor = _minor(amount, record, signs="+-")
                self.open["03"].total += minor
                found.append((code, minor, int(items) if items else None))
        return found

    def _detail(self, record: _Record) -> None:
        message = self.messages[-1]
        try:
            entry = self._entry(record, message)
        except Refused as flaw:
            message.flaws.append(flaw)
            return
        if entry:
            message.entries.append(entry)

    def _entry(self, record: _Record, message: Message) -> Entry | None:
        """
        One 16: 100 to 399 and loan or own credits in, 400 to 699 and their debits out.

        Types of a status (below 100, 700 to 719, 900 to 919) and 890 move no money: None.
        """
        fields = record.fields
        code, amount = [fields.pop(0).replace(_BREAK, "") if fields else "" for _ in range(2)]
        minor = _minor(amount, record, signs="") if amount else 0
        self.open["03"].total += minor
        direction = _direction(code, minor, record, message.currency)
        value = _skip_funds(fields, record)
        words = [fields.pop(0).replace(_BREAK, "").strip() if fields else "" for _ in range(2)]
        text = ",".join(fields).replace(f",{_BREAK}", " ").replace(_BREAK, "")
        if not direction:
            return None
        if not amount:
            raise Refused("AMOUNT_UNREADABLE", where=record.where, text=amount)
        return Entry(
            account="",
            accounting_date=self.day,
            currency="",
            amount=from_minor(direction * minor, message.currency),
            reference=words[1] or words[0],
            text=" ".join(text.split()),
            value_date=value,
            origin=Origin(self.digest, message.number, record.at),
        )

    def _close(self, record: _Record, level: str, outer: str) -> None:
        """Compare a trailer with what it closes; a difference takes the proof of all in it."""
        closed = self.open.pop(level)
        self.level = outer
        fields = [*record.fields, "", "", ""]
        total = _minor(fields[0], record, signs="+-")
        numbers = [_number(each, record) for each in fields[1 : 2 if level == "03" else 3]]
        told = [
            ("CONTROL_DIFFERS", total, closed.total),
            ("RECORDS_DIFFER", numbers[-1], closed.records),
        ]
        if level != "03":
            told.append(("PARTS_DIFFER", numbers[0], closed.count))
        flaws = [
            Refused(code, where=record.where, printed=printed, expected=expected)
            for code, printed, expected in told
            if printed != expected
        ]
        for message in closed.messages:
            message.flaws += flaws
        if outer:
            self.open[outer].total += total
            self.open[outer].count += 1


def _direction(code: str, minor: int, record: _Record, currency: str) -> int:
    """1 in, -1 out, 0 for what moves no money (BAI2, appendix A). Raises Refused SIGN_UNKNOWN."""
    if not re.fullmatch("[0-9]{3}", code):
        raise Refused("FIELD_UNREADABLE", where=record.where, text=code[:40])
    number = int(code)
    if 100 <= number <= 399 or 720 <= number <= 759 or 920 <= number <= 959:
        return 1
    if 400 <= number <= 699 or 760 <= number <= 799 or 960 <= number <= 999:
        return -1
    if number < 100 or number == 890 or 900 <= number <= 919:
        return 0
    raise Refused("SIGN_UNKNOWN", where=record.where, amount=from_minor(minor, currency))


def _skip_funds(fields: list[str], record: _Record) -> date | None:
    """Take the funds type and what belongs to it off `fields`; gives the value date of a V."""
    kind = fields.pop(0).replace(_BREAK, "").strip() if fields else ""
    taken = {"V": 2, "S": 3}.get(kind, 0)
    if kind == "D":
        taken = 2 * _number(fields.pop(0) if fields else "", record)
    if kind not in ("", "0", "1", "2", "S", "V", "D", "Z") or taken > len(fields):
        raise Refused("FIELD_UNREADABLE", where=record.where, text=kind[:40])
    extra = [each.replace(_BREAK, "") for each in fields[:taken]]
    del fields[:taken]
    return day_of(extra[0], where=record.where) if kind == "V" and extra[0] else None


def _minor(text: str, record: _Record, *, signs: str) -> int:
    """An amount in whole minor units, as the format writes it: no point. Raises Refused."""
    plain = text.replace(_BREAK, "").strip()
    if not re.fullmatch(rf"[{signs}]?[0-9]{{1,18}}" if signs else "[0-9]{1,18}", plain):
        raise Refused("AMOUNT_UNREADABLE", where=record.where, text=plain[:40])
    return int(Decimal(plain))


def _number(text: str, record: _Record) -> int:
    plain = text.replace(_BREAK, "").strip()
    if not re.fullmatch("[0-9]{1,9}", plain):
        raise Refused("FIELD_UNREADABLE", where=record.where, text=plain[:40])
    return int(plain)


def _currency(text: str, record: _Record) -> str:
    """A currency, "" where none is given. Raises Refused FIELD_UNREADABLE."""
    plain = text.replace(_BREAK, "").strip()
    if plain and not re.fullmatch("[A-Z]{3}", plain):
        raise Refused("FIELD_UNREADABLE", where=record.where, text=plain[:40])
    return plain
