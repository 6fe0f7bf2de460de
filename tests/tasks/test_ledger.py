"""Tasks on the ledger: real browser, real pages, its own books as witness and accomplice."""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from clerkwork.errors import Drifted, InDoubt, Refused
from clerkwork.facts import Receipt
from clerkwork.practice import ledger
from clerkwork.practice.ledger.books import Books, Draft
from clerkwork.systems.browser import BrowserSession, open_session
from clerkwork.systems.maps import SystemMap, load_system
from clerkwork.systems.port import SignOn

ROOT = Path(__file__).parents[2]
LEDGER = load_system(ROOT / "resources/systems/ledger")
CREDENTIALS = {
    "ledger-desk": {"operator": "RD01", "password": "looks-Qx7"},
    "ledger-keyboard": {"operator": "RB01", "password": "types-Wz3"},
    "ledger-authoriser": {"operator": "RA01", "password": "signs-Hk9"},
}
REFERENCE = "CW3NTASKTASK0001"
FIELDS = {
    "accounting_date": "2026-06-11",
    "debit_account": "6421000001",
    "credit_account": "1011840001",
    "currency": "USD",
    "amount": "1234.50",
    "colour": "blue",
    "original_voucher": "",
    "narrative": "手续费 SERVICE CHARGE",
    "reference": REFERENCE,
}
FIRST, SECOND = "0755-20260611-0001", "0755-20260611-0002"


class Desk:
    """One ledger for all tests of this file, and one keyboard session, signed on by the task."""

    def __init__(self, home: Path, task: ModuleType):
        self._path = ledger.database(home)
        self.host = ledger.serve(home, CREDENTIALS, date(2026, 6, 12))
        self.books = Books(self._path)  # the ledger's own, for what others key
        self.session = self.open("ledger-keyboard")
        task.sign_on(self.session)

    def open(self, who: str, *, system: SystemMap = LEDGER) -> BrowserSession:
        """A session, not signed on."""
        return open_session(
            system,
            self.host.url,
            SignOn(**CREDENTIALS[who]),
            keep=str,
            may_commit=who == "ledger-keyboard",
        )

    def begin(self) -> None:
        """No voucher, good manners."""
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("DELETE FROM vouchers")
        self.host.behave()

    def key_by_hand(self, **changed: Any) -> None:
        """Somebody else keys a voucher."""
        fields: dict[str, Any] = FIELDS | changed
        minor = int(Decimal(fields.pop("amount")).scaleb(2))
        self.books.book(Draft(amount_minor=minor, **fields), keyed_by="RB02")

    def close(self) -> None:
        """Leave the session, stop the ledger."""
        self.session.close()
        self.host.close()


@pytest.fixture(scope="module")
def task() -> Iterator[ModuleType]:
    """tasks/ledger.py, imported as bots import it: with the workspace on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        yield importlib.import_module("tasks.ledger")


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, task: ModuleType) -> Iterator[Desk]:
    """What all tests share."""
    with closing(Desk(tmp_path_factory.mktemp("home"), task)) as desk:
        yield desk


@pytest.fixture
def desk(lasting: Desk) -> Desk:
    """The ledger as it is on the first morning."""
    lasting.begin()
    return lasting


def yes() -> None:
    """A guard that lets us."""


def receipt(*, state: str = "posted", number: str = FIRST, **changed: str) -> Receipt:
    """What the ledger has to say of the voucher of `FIELDS`."""
    shown = FIELDS | changed
    return Receipt(shown["reference"], number, state, shown)


def test_no_voucher_is_something_the_ledger_says(task: ModuleType, desk: Desk):
    """None comes from LG0003 about this very reference, with its table empty."""
    desk.key_by_hand(reference="CW3NTASKTASK0002")

    assert None is task.look_up(desk.session, REFERENCE)
    screen = desk.session.now()
    assert ("found", "LG0003", REFERENCE, "0") == (
        screen.name, screen.message_code, screen.fields["asked"], screen.fields["count"],
    )  # fmt: skip


def test_a_voucher_that_somebody_keyed_is_found(task: ModuleType, desk: Desk):
    """Looked up from whatever screen stands, its values are as an instruction writes them."""
    desk.key_by_hand(amount="7654321.05")
    task.fill(desk.session, FIELDS)

    found = task.look_up(desk.session, REFERENCE)

    assert receipt(state="held", amount="7654321.05") == found
    assert found == task.look_up(desk.session, REFERENCE)  # from the result itself


def test_one_reference_on_two_vouchers_is_refused(task: ModuleType, desk: Desk):
    """The ledger lets two stand; nobody but a person may say which of them is wrong."""
    desk.key_by_hand()
    desk.key_by_hand(amount="9.99")

    with pytest.raises(Refused) as refused:
        task.look_up(desk.session, REFERENCE)

    assert "REFERENCE_TWICE" == refused.value.code
    for language in ("en", "zh"):
        assert f"{FIRST}, {SECOND}" in refused.value.message(language)


def test_a_table_without_the_voucher_that_the_message_promises_is_drift(
    task: ModuleType, desk: Desk
):
    """A row that the map does not see must never become “there is none”: then it is keyed twice."""
    desk.key_by_hand()
    found = LEDGER.screens["found"]
    blind = found.tables["vouchers"].model_copy(update={"selector": "#vouchers tr.line"})
    screens = {"found": found.model_copy(update={"tables": {"vouchers": blind}})}
    system = LEDGER.model_copy(update={"screens": LEDGER.screens | screens})

    with desk.open("ledger-desk", system=system) as session:
        task.sign_on(session)
        with pytest.raises(Drifted) as drifted:
            task.look_up(session, REFERENCE)

    assert "ANSWER_UNCLEAR" == drifted.value.code


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({name: FIELDS[name] for name in FIELDS if name != "colour"}, "colour"),
        (FIELDS | {"branch": "0755"}, "branch"),
        ({}, ", ".join(sorted(FIELDS))),
    ],
)
def test_fields_that_are_not_the_forms_are_refused(
    task: ModuleType, desk: Desk, fields: dict[str, str], named: str
):
    """One too few (the page would fill in blue), one too many, none: nothing is touched."""
    task.look_up(desk.session, REFERENCE)

    with pytest.raises(Refused) as refused:
        task.fill(desk.session, fields)

    assert "FIELDS_DIFFER" == refused.value.code
    assert f"differ in: {named};" in refused.value.message("en")
    assert "found" == desk.session.now().name


def test_what_is_filled_in_is_posted_and_read_back(task: ModuleType, desk: Desk):
    """The receipt is the ledger's answer, the same as a look-up gives; the books have it once."""
    task.fill(desk.session, FIELDS)

    posted = task.post(desk.session, yes)

    assert receipt() == posted
    assert posted == task.look_up(desk.session, REFERENCE)
    (voucher,) = desk.books.find(REFERENCE)
    assert (FIRST, 123450, "posted", "RB01") == (
        voucher.number, voucher.amount_minor, voucher.state, voucher.keyed_by,
    )  # fmt: skip


def test_a_red_voucher_comes_back_with_its_sign_and_its_original(task: ModuleType, desk: Desk):
    """红字: the amount stays negative through form, answer and receipt."""
    desk.key_by_hand(reference="CW3NTASKTASK0002")
    red = {"colour": "red", "amount": "-1234.50", "original_voucher": FIRST}
    task.fill(desk.session, FIELDS | red)

    assert receipt(number=SECOND, **red) == task.post(desk.session, yes)


def test_a_large_voucher_is_held_until_the_ledger_releases_it(task: ModuleType, desk: Desk):
    """From 1,000,000.00 the receipt says held; once the authoriser has released it, posted."""
    task.fill(desk.session, FIELDS | {"amount": "1000000.00"})

    held = task.post(desk.session, yes)
    desk.books.release(FIRST, released_by="RA01")
    released = task.look_up(desk.session, REFERENCE)

    assert receipt(state="held", amount="1000000.00") == held
    assert receipt(state="posted", amount="1000000.00") == released


def test_a_form_is_always_a_fresh_one(task: ModuleType, desk: Desk):
    """What an abandoned item had typed is not in the next voucher."""
    task.fill(desk.session, FIELDS | {"original_voucher": FIRST, "narrative": "ABANDONED"})
    task.fill(desk.session, FIELDS)

    assert receipt() == task.post(desk.session, yes)


def test_a_guard_that_says_no_posts_nothing(task: ModuleType, desk: Desk):
    """Its own failure comes through; the books stay empty."""
    task.fill(desk.session, FIELDS)

    def no() -> None:
        raise Refused("LIMIT_REACHED", en="no", zh="不可")

    with pytest.raises(Refused, match="LIMIT_REACHED"):
        task.post(desk.session, no)

    assert [] == desk.books.find(REFERENCE)


def test_an_answer_that_cannot_be_read_is_in_doubt(task: ModuleType, desk: Desk):
    """The key is pressed and the voucher stands, but the answer's state is of no known word."""
    posted = LEDGER.screens["posted"]
    cells = list(posted.tables["vouchers"].cells)
    cells[cells.index("state")], cells[cells.index("narrative")] = "narrative", "state"
    table = posted.tables["vouchers"].model_copy(update={"cells": tuple(cells)})
    screens = {"posted": posted.model_copy(update={"tables": {"vouchers": table}})}
    system = LEDGER.model_copy(update={"screens": LEDGER.screens | screens})

    with desk.open("ledger-keyboard", system=system) as session:
        task.sign_on(session)
        task.fill(session, FIELDS)
        with pytest.raises(InDoubt) as doubt:
            task.post(session, yes)
        assert "ANSWER_UNREAD" == doubt.value.code
        assert receipt() == task.look_up(session, REFERENCE)


def test_a_wrong_password_is_refused(task: ModuleType, desk: Desk):
    """LG1001, by messages.toml: it is not tried again."""
    wrong = SignOn("RD01", "looks-WRONG")
    with (
        open_session(LEDGER, desk.host.url, wrong, keep=str) as session,
        pytest.raises(Refused, match="LG1001"),
    ):
        task.sign_on(session)
