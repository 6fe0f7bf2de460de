"""The general ledger's vouchers: look up by reference, fill the form, post."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clerkwork.errors import Refused
from clerkwork.facts import Receipt
from clerkwork.systems.port import Screen, Session
from tasks import form

FIELDS = (
    "accounting_date",
    "debit_account",
    "credit_account",
    "currency",
    "amount",
    "colour",
    "original_voucher",
    "narrative",
    "reference",
)
_COLOURS = {"Blue 蓝字": "blue", "Red 红字": "red"}
_STATES = {"Posted 已记账": "posted", "Held 待授权": "held"}
_SEARCHABLE = ("search", "found", "posted")  # the screens that have the search form
_NONE, _SOME = "LG0003", "LG0004"


def sign_on(session: Session) -> None:
    """Sign on with the session's credential. Raises Refused LG1001."""
    form.sign_on(session, "sign_on")


def look_up(session: Session, reference: str) -> Receipt | None:
    """
    The voucher with exactly this reference; None when the ledger says that there is none.

    Raises Refused REFERENCE_TWICE, Drifted ANSWER_UNCLEAR when it cannot tell.
    """
    if session.now().name not in _SEARCHABLE:
        session.press("search")
    session.set("reference", reference)
    screen = session.press("find")
    rows = session.rows("vouchers")
    if screen.fields["asked"] != reference or screen.fields["count"] != str(len(rows)):
        form.unclear(screen, "ledger")
    if screen.message_code == _NONE and not rows:
        return None
    if screen.message_code != _SOME or not rows:
        form.unclear(screen, "ledger")
    if len(rows) > 1:
        numbers = ", ".join(row["number"] for row in rows)
        raise Refused(
            "REFERENCE_TWICE",
            where=f"ledger {reference}",
            en="the ledger has more than one voucher with this reference ({numbers});"
            " have the wrong one reversed by a person",
            zh="总账系统有多笔凭证使用该编号（{numbers}）；请人工冲正错误的凭证",
            numbers=numbers,
        )
    return _receipt(screen, rows[0])


def fill(session: Session, fields: Mapping[str, str]) -> None:
    """
    Fill a fresh voucher form, each field read back. Raises Refused FIELDS_DIFFER
    when `fields` are not exactly the form's: a default of the page is nobody's decision.
    """
    form.check_names(fields, FIELDS, where="ledger voucher")
    session.press("voucher")
    for name, value in fields.items():
        session.set(name, value)


def post(session: Session, guard: Callable[[], None]) -> Receipt:
    """
    Post the filled form: the one committing key. The receipt is the ledger's own answer.

    Raises what `Session.commit` raises; InDoubt when the answer cannot be read.
    """
    screen = session.commit("post", guard)
    with form.reading_answer(f"ledger {screen.name}"):
        rows = session.rows("vouchers")
        if len(rows) != 1:
            form.unclear(screen, "ledger")
        return _receipt(screen, rows[0])


def _receipt(screen: Screen, row: Mapping[str, str]) -> Receipt:
    """One voucher as the ledger shows it, its values as an instruction writes them."""
    if row["colour"] not in _COLOURS or row["state"] not in _STATES:
        form.unclear(screen, "ledger")
    shown = {name: row[name] for name in FIELDS}
    shown["amount"] = row["amount"].replace(",", "")
    shown["colour"] = _COLOURS[row["colour"]]
    return Receipt(row["reference"], row["number"], _STATES[row["state"]], shown)
