"""Elements of ISO 20022, their names without a namespace, as values."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from clerkwork.errors import Refused
from clerkwork.read.electronic.message import day_of, decimal_of

_NO_REFERENCE = ("", "NOTPROVIDED", "NONREF")


def text_at(element: Element | None, path: str) -> str:
    """The text at `path` below an element, "" where there is none."""
    for tag in path.split("/"):
        element = None if element is None else element.find(tag)
    return (element.text or "").strip() if element is not None else ""


def day_at(element: Element, path: str, where: str) -> date | None:
    """A date, or the day of a date and time; None where there is none."""
    text = text_at(element, f"{path}/Dt") or text_at(element, f"{path}/DtTm")[:10]
    return day_of(text, where=f"{where} {path}") if text else None


def amount_of(element: Element, where: str) -> tuple[Decimal, str]:
    """Amt, above zero, with its currency."""
    found = element.find("Amt")
    currency = found.get("Ccy", "") if found is not None else ""
    if found is None or not re.fullmatch("[A-Z]{3}", currency):
        raise Refused("VALUE_MISSING", where=where, field="Amt Ccy")
    place = f"{where} Amt"
    text = (found.text or "").strip()
    return decimal_of(text, currency=currency, where=place, point="."), currency


def way_of(amount: Decimal) -> int:
    """-1 for what goes out, 1 for what comes in."""
    return -1 if amount < 0 else 1


def side_of(element: Element, where: str) -> int:
    """CdtDbtInd: the direction of the entry itself, of a reversal too (ISO 20022 RvslInd)."""
    text = text_at(element, "CdtDbtInd")
    if text not in ("CRDT", "DBIT"):
        raise Refused("FIELD_UNREADABLE", where=f"{where} CdtDbtInd", text=text)
    return 1 if text == "CRDT" else -1


def words_of(element: Element, *, is_credit: bool) -> tuple[str, str, str]:
    """
    Reference, text and counterparty of an entry: from its details when they are those of
    one payment, else of the entry itself. A reversal keeps the parties of what it reverses.
    """
    details = element.findall("NtryDtls/TxDtls")
    own = [text_at(element, "AcctSvcrRef"), text_at(element, "NtryRef")]
    said = text_at(element, "AddtlNtryInf")
    if len(details) != 1:
        batch = [text_at(element, f"NtryDtls/Btch/{tag}") for tag in ("PmtInfId", "MsgId")]
        return _first([*own, *batch]), said, ""
    (one,) = details
    keys = ("EndToEndId", "TxId", "InstrId", "AcctSvcrRef")
    references = [text_at(one, f"Refs/{key}") for key in keys]
    words = [each.text or "" for each in one.findall("RmtInf/Ustrd")]
    words += [each.text or "" for each in one.findall("RmtInf/Strd/CdtrRefInf/Ref")]
    words.append(text_at(one, "AddtlTxInf"))
    side = "Dbtr" if is_credit else "Cdtr"
    names = [text_at(one, f"RltdPties/{side}/{path}") for path in ("Nm", "Pty/Nm")]
    text = " ".join(" ".join(words).split()) or said
    return _first([*references[:1], *own, *references[1:]]), text, _first(names)


def _first(texts: list[str]) -> str:
    return next((text for text in texts if text not in _NO_REFERENCE), "")
