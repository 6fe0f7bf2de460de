"""ISO 20022 CAMT.052, .053 and .054, of any version: one message per statement and currency."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError, iterparse

from clerkwork.errors import Refused
from clerkwork.facts import Entry, Origin
from clerkwork.read.electronic.iso20022 import (
    amount_of,
    day_at,
    side_of,
    text_at,
    way_of,
    words_of,
)
from clerkwork.read.electronic.message import Message, day_of, decimal_of

_STATEMENTS = ("Stmt", "Rpt", "Ntfctn")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)")
_YES = ("true", "1")


def messages(content: bytes, *, digest: str) -> Iterator[Message]:
    """
    The messages of a file, entry by entry: memory holds one entry's XML at a time.

    Raises Refused DOCUMENT_TRUNCATED, DOCUMENT_BROKEN, and XML_DECLARES_TYPE before
    anything that a document type could unpack is unpacked.
    """
    if b"<!DOCTYPE" in content.replace(b"\0", b""):
        raise Refused("XML_DECLARES_TYPE")
    number = 0
    statement: _Statement | None = None
    header: Element | None = None
    for event, element in _events(content):
        if event == "start":
            element.tag = element.tag.rpartition("}")[2]
            if statement is None and element.tag in _STATEMENTS:
                number += 1
                statement = _Statement(number, digest, element, header)
        elif element.tag == "GrpHdr":
            header = element
        elif statement and element.tag == "Ntry":
            statement.take(element)
        elif statement and element is statement.element:
            yield from statement.finished()
            statement = None
            element.clear()


def _events(content: bytes) -> Iterator[tuple[str, Element]]:
    """Where each element begins and ends. Raises Refused DOCUMENT_TRUNCATED, DOCUMENT_BROKEN."""
    try:
        events = iterparse(_source(content), events=("start", "end"))
    except (LookupError, ValueError) as unknown:
        raise Refused("DOCUMENT_BROKEN", detail=str(unknown)) from None
    while True:
        try:
            event = next(events, None)
        except ParseError as broken:
            is_cut = any(word in str(broken) for word in ("no element found", "unclosed token"))
            code = "DOCUMENT_TRUNCATED" if is_cut else "DOCUMENT_BROKEN"
            where = f"line {broken.position[0]}"
            raise Refused(code, where=where, detail=str(broken)) from None
        except (LookupError, ValueError) as unknown:  # an encoding that is unknown or not so
            raise Refused("DOCUMENT_BROKEN", detail=str(unknown)) from None
        if event is None:
            return
        yield event


def _source(content: bytes) -> io.BytesIO | io.StringIO:
    """The file for the parser, which knows no Chinese encoding."""
    declared = _ENCODING.match(content)
    if declared and declared[1].lower().startswith(b"gb"):
        return io.StringIO(content.decode("gb18030"))
    return io.BytesIO(content)


@dataclass
class _Statement:
    """One Stmt, Rpt or Ntfctn while its entries are taken."""

    number: int
    digest: str
    element: Element
    header: Element | None  # GrpHdr of the file
    count: int = 0  # entries so far, those left out too
    parts: dict[str, Message] = field(default_factory=dict)
    flaws: list[Refused] = field(default_factory=list)
    notes: list[Refused] = field(default_factory=list)
    pending: list[tuple[str, str]] = field(default_factory=list)  # where, and CdtDbtInd

    @property
    def place(self) -> str:
        return f"statement {self.number}"

    def part(self, currency: str) -> Message:
        """The message of one currency."""
        return self.parts.setdefault(currency, Message(self.number, currency=currency))

    def take(self, element: Element) -> None:
        """
        Take one Ntry: one entry, also where it is a batch of several payments, for that is
        what the balance shows. One that is not booked (PDNG, INFO, FUTR) is left out and
        counted in a note: it comes again when it is booked.
        """
        self.count += 1
        where = f"{self.place} entry {self.count}"
        is_own = element in list(self.element)
        try:
            if not is_own:
                raise Refused("FIELD_UNREADABLE", where=where, text="Ntry")
            status = text_at(element, "Sts/Cd") or text_at(element, "Sts")
            if status in ("PDNG", "INFO", "FUTR"):
                self.pending.append((where, text_at(element, "CdtDbtInd")))
            elif status == "BOOK":
                self._book(element, where)
            else:
                raise Refused("FIELD_UNREADABLE", where=f"{where} Sts", text=status)
        except Refused as flaw:
            self.flaws.append(flaw)
        if is_own:
            self.element.remove(element)

    def _book(self, element: Element, where: str) -> None:
        amount, currency = amount_of(element, where)
        sign = side_of(element, where)
        reversal = text_at(element, "RvslInd")
        if reversal not in (*_YES, "", "false", "0"):
            raise Refused("FIELD_UNREADABLE", where=f"{where} RvslInd", text=reversal)
        value = day_at(element, "ValDt", where)
        booked = day_at(element, "BookgDt", where) or value
        if booked is None:
            raise Refused("VALUE_MISSING", where=where, field="BookgDt")
        is_red = reversal in _YES
        self._compare_details(element, sign * amount, currency, where)
        reference, text, counterparty = words_of(element, is_credit=(sign > 0) != is_red)
        self.part(currency).entries.append(
            Entry(
                account="", accounting_date=booked, currency=currency,
                amount=sign * amount if amount else amount, reference=reference, text=text,
                counterparty=counterparty, value_date=value, red=is_red,
                origin=Origin(self.digest, self.number, self.count),
            )
        )  # fmt: skip

    def _compare_details(
        self, element: Element, amount: Decimal, currency: str, where: str
    ) -> None:
        """Say where the payments of an entry do not come to it: a charge, or one is missing."""
        details = element.findall("NtryDtls/TxDtls")
        sums = []
        for each in details:
            holder = each if each.find("Amt") is not None else each.find("AmtDtls/TxAmt")
            if holder is None:
                return
            part, own = amount_of(holder, f"{where} TxDtls")
            if own != currency:
                return
            has_sign = each.find("CdtDbtInd") is not None
            sums.append(part * (side_of(each, f"{where} TxDtls") if has_sign else way_of(amount)))
        if details and sum(sums) != amount:
            self.notes.append(
                Refused("DETAILS_DIFFER", where=where, found=sum(sums), expected=amount)
            )

    def finished(self) -> Iterator[Message]:
        """The messages of all currencies; a flaw without a currency takes every proof."""
        balances = self._balances()
        account = self.element.find("Acct")
        ids = [text_at(account, f"{path}") for path in ("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id")]
        number = next((each for each in ids if each), "")
        if not number:
            self.flaws.append(Refused("VALUE_MISSING", where=self.place, field="Acct/Id"))
        own = text_at(account, "Ccy")
        if not self.parts and self.flaws:
            self.part(own)
        if own and self.parts and own not in self.parts:
            others = ", ".join(sorted(self.parts))
            where = f"{self.place} Acct/Ccy"
            self.flaws.append(Refused("CURRENCY_DIFFERS", where=where, found=own, expected=others))
        if len(self.parts) == 1:
            self._summary(next(iter(self.parts.values())))
        period, (page, is_first, is_last) = self._period(), self._pagination()
        for currency, message in self.parts.items():
            _place_balances(
                message, balances.get(currency, []), is_report=self.element.tag != "Stmt"
            )
            message.page = 0, page
            message.is_first = message.is_first if is_first is None else is_first
            message.is_last = message.is_last if is_last is None else is_last
            message.account, message.period = number.replace(" ", ""), period
            message.flaws += self.flaws
            message.notes += self.notes
            if self.pending:
                left_out = Refused(
                    "PENDING_LEFT_OUT", where=self.pending[0][0], count=len(self.pending)
                )
                message.notes.append(left_out)
            yield message

    def _pagination(self) -> tuple[int, bool | None, bool | None]:
        """
        Its page, and whether it is the first and the last: of its own pages, else of those of
        the message; 0 and None where none is given. The only page of a message is 0 too: it
        says nothing of its statements among each other.
        """
        own = self.element.find(f"{self.element.tag}Pgntn")
        pages = self.header.find("MsgPgntn") if own is None and self.header is not None else own
        found = {tag: text_at(pages, tag) for tag in ("PgNb", "LastPgInd")}
        for tag, pattern in (("PgNb", "[0-9]{0,5}"), ("LastPgInd", "true|1|false|0|")):
            if not re.fullmatch(pattern, found[tag]):
                where = f"{self.place} {tag}"
                self.flaws.append(Refused("FIELD_UNREADABLE", where=where, text=found[tag]))
                return 0, None, None
        page = int(found["PgNb"] or 0)
        is_first = page == 1 if page else None
        is_last = found["LastPgInd"] in _YES if found["LastPgInd"] else None
        is_only = own is None and is_first and is_last
        return 0 if is_only else page, is_first, is_last

    def _period(self) -> tuple[date, date] | None:
        days = [
            text_at(self.element, f"FrToDt/{end}DtTm") or text_at(self.element, f"FrToDt/{end}Dt")
            for end in ("Fr", "To")
        ]
        try:
            first, last = (day_of(day[:10], where=f"{self.place} FrToDt") for day in days if day)
        except Refused as flaw:
            self.flaws.append(flaw)
            return None
        except ValueError:
            return None  # not both are given
        return (first, last) if first <= last else None

    def _balances(self) -> dict[str, list[tuple[str, date | None, Decimal]]]:
        """(code, day, signed amount) of each balance, by currency."""
        found: dict[str, list[tuple[str, date | None, Decimal]]] = {}
        for element in self.element.findall("Bal"):
            code = text_at(element, "Tp/CdOrPrtry/Cd")
            where = f"{self.place} Bal {code}"
            if code not in ("OPBD", "PRCD", "CLBD", "ITBD"):
                continue  # available, expected or the bank's own: no entry adds up to it
            try:
                amount, currency = amount_of(element, where)
                signed = side_of(element, where) * amount
                self.part(currency)
                balance = (code, day_at(element, "Dt", where), signed if signed else amount)
                found.setdefault(currency, []).append(balance)
            except Refused as flaw:
                self.flaws.append(flaw)
        return found

    def _summary(self, message: Message) -> None:
        """
        TxsSummry, checked where the statement has one currency: sums over several are none.

        From the sum of all entries and their net follow those of credits and debits.
        """
        summary = self.element.find("TxsSummry")
        if summary is None:
            return
        for tag, kind in (("TtlCdtNtries", "credits"), ("TtlDbtNtries", "debits")):
            each = summary.find(tag)
            if each is not None and text_at(each, "Sum"):
                count = self._count(each, tag, message)
                amount = self._decimal(each, "Sum", message.currency)
                if amount is not None:
                    message.mark(kind, amount, count=count)
        total = summary.find("TtlNtries")
        if total is None:
            return
        count = self._count(total, "TtlNtries", message)
        if count is not None:
            message.mark("count", Decimal(0), count=count)
        gross = self._decimal(total, "Sum", message.currency)
        expected = sum((abs(entry.amount) for entry in message.entries), Decimal(0))
        if gross is not None and gross != expected:
            where = f"{self.place} TtlNtries/Sum"
            self.flaws.append(
                Refused("TOTAL_DIFFERS", where=where, printed=gross, expected=expected)
            )
        self._net(total, message, gross)

    def _net(self, total: Element, message: Message, gross: Decimal | None) -> None:
        """The net of all entries: TtlNetNtry, before version 4 TtlNetNtryAmt beside CdtDbtInd."""
        newer = total.find("TtlNetNtry")
        holder, tag = (total, "TtlNetNtryAmt") if newer is None else (newer, "Amt")
        net = self._decimal(holder, tag, message.currency)
        if net is None or gross is None or (net and not text_at(holder, "CdtDbtInd")):
            return
        try:
            signed = net * side_of(holder, f"{self.place} TtlNtries") if net else net
        except Refused as flaw:
            self.flaws.append(flaw)
            return
        if not (message.end("credits") or message.end("debits")):
            message.mark("credits", (gross + signed) / 2)
            message.mark("debits", (gross - signed) / 2)

    def _count(self, element: Element, tag: str, message: Message) -> int | None:
        """How many entries are booked: the bank may count those not yet booked with them."""
        text = text_at(element, "NbOfNtries")
        if text and not re.fullmatch("[0-9]{1,15}", text):
            where = f"{self.place} {tag}/NbOfNtries"
            self.flaws.append(Refused("FIELD_UNREADABLE", where=where, text=text))
            return None
        if not text:
            return None
        side = {"TtlCdtNtries": "CRDT", "TtlDbtNtries": "DBIT"}.get(tag, "")
        sign = {"CRDT": 1, "DBIT": -1}.get(side, 0)
        booked = sum(not sign or entry.amount * sign > 0 for entry in message.entries)
        left_out = sum(side in ("", each) for _, each in self.pending)
        return booked if int(text) == booked + left_out else int(text)

    def _decimal(self, element: Element, tag: str, currency: str) -> Decimal | None:
        text = text_at(element, tag)
        where = f"{self.place} {element.tag}/{tag}"
        try:
            return decimal_of(text, currency=currency, where=where, point=".") if text else None
        except Refused as flaw:
            self.flaws.append(flaw)
            return None


def _place_balances(
    message: Message, found: list[tuple[str, date | None, Decimal]], *, is_report: bool
) -> None:
    """
    Keep the balances as opening and closing ones.

    PRCD, the closing balance of the statement before, must be the opening one. A page of
    several opens or closes with ITBD: of two the older is the opening one. A report lies
    between any two moments, and those are no pages.
    """
    by_code: dict[str, list[Decimal]] = {}
    for code, _, amount in sorted(found, key=lambda each: each[1] or date.min):
        by_code.setdefault(code, []).append(amount)
    opening = by_code.get("OPBD", []) + by_code.get("PRCD", [])
    closing = by_code.get("CLBD", [])[-1:]
    between = by_code.get("ITBD", [])
    if between and not opening and (closing or len(between) > 1):
        opening = [between.pop(0)]
        message.is_first = True if is_report else None
    if between and not closing:
        closing = between[-1:]
        message.goes_on = True
        message.is_last = True if is_report else None
    for amount in opening:
        message.mark("opening", amount)
    for amount in closing:
        message.mark("closing", amount)
