"""The browser driver on Tryton's web client: moves keyed in its pages, read by its JSON-RPC."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import stand

from clerkwork.errors import Refused
from clerkwork.systems.browser import BrowserSession, open_session
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import Picture, SignOn
from tasks import tryton

HERE = Path(__file__).parent
TRYTON = load_system(HERE / "map")


@pytest.fixture
def clerk(address: str) -> Iterator[BrowserSession]:
    """The clerk, signed on before the list of moves."""
    pictures: list[Picture] = []
    place = f"{address}#bank/model/account.move"
    who = SignOn(*stand.CLERK)
    with open_session(TRYTON, place, who, keep=pictures.append, may_commit=True) as session:
        tryton.sign_on(session)
        yield session
    assert who.password not in "".join(picture.text for picture in pictures)


def order(reference: str, narrative: str, amount: str) -> dict[str, str]:
    """The fields of an order."""
    return {
        "date": "2026-03-15",
        "journal": "Cash",
        "debit_account": "1.1.1",
        "credit_account": "6.3.8",
        "amount": amount,
        "narrative": narrative,
        "reference": reference,
    }


@pytest.mark.parametrize(
    ("reference", "narrative", "amount"),
    [("CW01", "手续费", "1234.50"), ("CW02", "TOLL “x” <b> ${1}", "0.07")],
)
def test_a_move_is_posted_as_keyed(
    clerk: BrowserSession, address: str, reference: str, narrative: str, amount: str
) -> None:
    """Completed accounts, amounts, date and Chinese arrive; the move stands once."""
    fields = order(reference, narrative, amount)
    assert tryton.look_up(clerk, reference) is None
    tryton.fill(clerk, fields)
    tryton.post(clerk, lambda: None)
    receipt = tryton.look_up(clerk, reference)
    (move,) = stand.Caller(address).moves([["description", "like", f"{reference}%"]])

    assert receipt is not None
    assert (receipt.state, receipt.fields) == ("posted", fields)
    assert move == {
        "number": receipt.number,
        "state": "posted",
        "date": "2026-03-15",
        "journal": "Cash",
        "description": f"{reference} {narrative}",
        "lines": {("1.1.1", Decimal(amount), 0), ("6.3.8", 0, Decimal(amount))},
        "count": 2,
    }


@pytest.mark.parametrize("typed", ["9.9.9", "1.1"])
def test_an_account_that_is_none_or_several_is_refused(
    clerk: BrowserSession, address: str, typed: str
) -> None:
    """The page has nothing to complete it with, or several: nothing is sent."""
    clerk.press("new")
    clerk.press("line")
    with pytest.raises(Refused, match="FIELD_NOT_RESOLVED|Search Account"):
        clerk.set("account", typed)

    assert stand.Caller(address).moves([["state", "=", "draft"]]) == []


def test_the_search_that_a_field_opens_is_a_refusal(clerk: BrowserSession) -> None:
    """Tryton's own dialog, in front of the form, says that the account is not known."""
    clerk.press("new")
    clerk.press("line")
    clerk.set("account", "")
    with pytest.raises(Refused, match="no account, or several"):
        clerk.set("debit", "1.00")


def test_a_draft_is_found_and_posted(clerk: BrowserSession, address: str) -> None:
    """What was saved and not booked is read back as a draft; posting it makes no second move."""
    fields = order("CW03", "草稿", "20.00")
    witness = stand.Caller(address)
    witness.draft(fields)
    found = tryton.look_up(clerk, "CW03")
    tryton.post(clerk, lambda: None)
    receipt = tryton.look_up(clerk, "CW03")

    assert found and receipt
    assert (found.state, found.fields) == ("draft", fields)
    assert (receipt.state, receipt.fields) == ("posted", fields)
    assert [m["state"] for m in witness.moves([["description", "like", "CW03%"]])] == ["posted"]


def test_two_moves_with_one_reference_are_for_a_person(clerk: BrowserSession, address: str) -> None:
    """Neither is posted, and nothing is keyed."""
    witness = stand.Caller(address)
    for _ in range(2):
        witness.draft(order("CW04", "twice", "20.00"))
    with pytest.raises(Refused, match="REFERENCE_TWICE"):
        tryton.look_up(clerk, "CW04")
    witness.delete([["description", "like", "CW04%"]])
