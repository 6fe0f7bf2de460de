"""Tryton's account moves: look up by reference, fill, compare, post."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NoReturn

from clerkwork.errors import Drifted, Refused
from clerkwork.facts import Receipt
from clerkwork.rekey import DRAFT
from clerkwork.systems.port import Session

FIELDS = (
    "date",
    "journal",
    "debit_account",
    "credit_account",
    "amount",
    "narrative",
    "reference",
)
_STATES = {"Posted": "posted", "Draft": DRAFT}
_DATE = "%m/%d/%Y"  # as the clerk's language has it
_AMOUNT = re.compile(r"¥([0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2})")


def sign_on(session: Session) -> None:
    """Sign on with the session's credential; the list of moves is what the address names."""
    session.expect("login")
    session.set("user", session.credential.operator)
    session.press("login")
    session.set("password", session.credential.password)
    session.press("ok")


def look_up(session: Session, reference: str) -> Receipt | None:
    """
    The move whose description has this reference; None when Tryton lists none.

    A draft is left open, ready to be posted. Raises Refused REFERENCE_TWICE, Drifted
    ANSWER_UNCLEAR when the list is not the answer to the question.
    """
    _to_list(session)
    # Without the blank that Tryton writes behind the colon: when it stands there, the page
    # has taken the question, even where the list reads as before.
    session.set("search", f"Description:{reference}")
    screen = session.press("find")
    rows = session.rows("moves")
    asked, count = screen.fields["search"], screen.fields["count"]
    is_answer = asked == f"Description: {reference}" and count.endswith(f"/{len(rows)}")
    if not is_answer or any(reference not in row["description"] for row in rows):
        _unclear(f"{asked} {count}")
    if not rows:
        return None
    if len(rows) > 1:
        raise Refused(
            "REFERENCE_TWICE",
            where=f"tryton {reference}",
            en="{count} moves have this reference in their description; a person decides",
            zh="有 {count} 笔凭证的摘要含该参考号；请人工处理",
            count=len(rows),
        )
    chosen = session.press("choose").fields["count"]
    if chosen != "1/1":
        _unclear(chosen)
    session.press("open")
    return _receipt(rows[0], _lines(session), reference)


def fill(session: Session, fields: Mapping[str, str]) -> None:
    """
    Fill a new move with two lines, and compare what the form shows in the end.

    Raises Refused FIELDS_DIFFER, FORM_DIFFERS: nothing has been sent then.
    """
    if set(fields) != set(FIELDS):
        names = ", ".join(sorted(set(fields) ^ set(FIELDS)))
        raise _differs("FIELDS_DIFFER", names, "tryton move")
    _to_list(session)
    session.press("new")
    head = {
        "date": f"{date.fromisoformat(fields['date']):{_DATE}}",
        "description": f"{fields['reference']} {fields['narrative']}",
    }
    session.set("date", head["date"])
    session.set("journal", fields["journal"])
    session.set("description", head["description"])
    for side in ("debit", "credit"):
        session.press("line")
        session.set("account", fields[f"{side}_account"])
        session.set(side, fields["amount"])
        session.press("as_form")
    screen = session.expect("filled")
    shown = {**screen.fields, **_keyed(_lines(session))}
    wanted = {**fields, **head}
    wrong = [name for name in shown if shown[name] != wanted[name]]
    if wrong:
        raise _differs("FORM_DIFFERS", ", ".join(wrong), f"tryton {fields['reference']}")


def post(session: Session, guard: Callable[[], None]) -> object:
    """Post the move that stands in the form: Tryton saves it, then books it."""
    return session.commit("post", guard)


def _to_list(session: Session) -> None:
    """Go to the list of moves; what stands in a form is not kept."""
    screen = session.now()
    if screen.name != "moves":
        screen = session.press("list")
    if screen.name == "unsaved":
        session.press("discard")


def _lines(session: Session) -> Sequence[Mapping[str, str]]:
    """The lines of the open move; a move without any has no table."""
    return () if session.now().name == "move" else session.rows("lines")


def _receipt(row: Mapping[str, str], lines: Sequence[Mapping[str, str]], reference: str) -> Receipt:
    """A move as the list and its form show it, its values as an instruction writes them."""
    if row["state"] not in _STATES:
        _unclear(row["state"])
    found, _, narrative = row["description"].partition(" ")
    month, day, year = (int(part) for part in row["date"].split("/"))
    fields = {
        "date": date(year, month, day).isoformat(),
        "journal": row["journal"],
        "narrative": narrative,
        "reference": found,
        **_keyed(lines),
    }
    return Receipt(reference, row["number"], _STATES[row["state"]], fields)


def _keyed(lines: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Accounts and amount of a move; of one with other lines than two, what differs shows."""
    keyed: dict[str, list[str]] = {"debit_account": [], "credit_account": [], "amount": []}
    for line in lines:
        for side in ("debit", "credit"):
            amount = _amount(line[side])
            if amount != "0.00":
                keyed[f"{side}_account"].append(line["account"].split(" - ")[0])
                keyed["amount"].append(amount)
    if len(keyed["amount"]) == 2:
        keyed["amount"] = sorted(set(keyed["amount"]))
    return {name: " + ".join(values) for name, values in keyed.items()}


def _amount(shown: str) -> str:
    found = _AMOUNT.fullmatch(shown)
    if not found:
        _unclear(shown)
    return found[1].replace(",", "")


def _differs(code: str, names: str, where: str) -> Refused:
    en = "the instruction and Tryton's form differ in: {names}; nothing was sent"
    zh = "录入指令与 Tryton 录入界面不一致：{names}；未提交"
    return Refused(code, where=where, en=en, zh=zh, names=names)


def _unclear(shown: str) -> NoReturn:
    raise Drifted(
        "ANSWER_UNCLEAR",
        where="tryton moves",
        en="Tryton shows “{shown}”, which is no answer; compare with the evidence",
        zh="Tryton 显示“{shown}”，无法判断；请核对留痕资料",
        shown=shown,
    )
