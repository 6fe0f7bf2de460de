"""Tasks on the core: real host, real s3270, the whole journal of a day."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from clerkwork.errors import Drifted, Refused, Unavailable
from clerkwork.practice import core, world
from clerkwork.practice.core import screens
from clerkwork.practice.core.server import Server, Terminal
from clerkwork.practice.world import EPOCH, JournalLine
from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import Picture, SignOn
from clerkwork.systems.tn3270 import open_session

ROOT = Path(__file__).parents[2]
CORE = load_system(ROOT / "resources/systems/core")
DESK = SignOn("DESK0001", "PQ7XK2ZD")
CREDENTIALS = {"core-desk": {"operator": "DESK0001", "password": "PQ7XK2ZD"}}
NEXT = date(2026, 6, 12)

Shown = Callable[[Sequence[JournalLine], int], tuple[Sequence[JournalLine], int]]


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tasks/core.py, imported as bots import it: with the workspace on the path."""
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("tasks.core")


@pytest.fixture
def pictures() -> list[Picture]:
    """Everything that was kept."""
    return []


@pytest.fixture
def session(tmp_path: Path, pictures: list[Picture]) -> Iterator[GridSession]:
    """A session with the core on the world's books, not signed on."""
    host = core.serve(tmp_path, world.day, NEXT, CREDENTIALS, tmp_path / "none.db")
    address = f"127.0.0.1:{host.port}"
    with open_session(CORE, address, DESK, keep=pictures.append, tls=False) as opened:
        yield opened
    host.close()


def test_the_accounting_day_is_read_from_the_menu(task: ModuleType, session: GridSession):
    """From whatever inquiry the session stands on."""
    task.sign_on(session)
    task.read_balance(session, "1011840001", EPOCH)

    assert task.AccountingDay(NEXT, EPOCH, end_of_day_done=True) == task.accounting_day(session)


def test_the_whole_journal_is_read_page_by_page(
    task: ModuleType, session: GridSession, pictures: list[Picture]
):
    """Every line of the day as it is in the books, in order, each page kept as evidence."""
    task.sign_on(session)

    entries = task.read_journal(session, business_date=EPOCH, branch="0755")

    books = world.day(EPOCH).journal
    assert len(books) >= 640
    assert [
        (line.account, line.currency, line.reference, line.narrative, line.at) for line in books
    ] == [(e.account, e.currency, e.reference, e.text, e.time) for e in entries]
    assert [  # the only accounts of the journal that are not the core's are liabilities
        -line.signed if line.account.startswith("2") else line.signed for line in books
    ] == [e.amount for e in entries]
    assert [line.amount < 0 for line in books] == [e.red for e in entries]
    assert any(e.red for e in entries)
    assert {EPOCH} == {e.accounting_date for e in entries}
    assert len(entries) == len({e.id for e in entries})
    assert [(1, 1), (1, 2), (2, 17)] == [
        (e.origin.page, e.origin.row) for e in (entries[0], entries[1], entries[16])
    ]
    pages = [picture for picture in pictures if picture.screen == "journal"]
    assert -(-len(books) // 16) + 1 == len(pages)  # and the last once more, with its message


def test_reading_twice_gives_the_same_ids(task: ModuleType, session: GridSession):
    """An id is what the line says, not when it was read."""
    task.sign_on(session)

    first, second = (
        [entry.id for entry in task.read_journal(session, business_date=EPOCH, branch="0755")]
        for _ in range(2)
    )

    assert first == second


def test_balances_are_read_and_agree_with_the_journal(task: ModuleType, session: GridSession):
    """Opening, plus what the journal puts in, is closing: for every account of the books."""
    task.sign_on(session)
    entries = task.read_journal(session, business_date=EPOCH, branch="0755")

    for account, balance in world.day(EPOCH).balances.items():
        opening, closing = task.read_balance(session, account, EPOCH)
        assert (balance.opening, balance.closing) == (opening, closing)
        moved = sum((e.amount for e in entries if e.account == account), Decimal(0))
        assert opening + moved == closing


def test_an_account_the_core_does_not_have_is_refused(task: ModuleType, session: GridSession):
    """CB3001, by messages.toml."""
    task.sign_on(session)

    with pytest.raises(Refused) as refused:
        task.read_balance(session, "9999999999", EPOCH)

    assert "CB3001" == refused.value.code


def test_a_day_that_is_not_closed_is_tried_again_later(task: ModuleType, session: GridSession):
    """CB2003 is Unavailable: a night run waits for the end of day."""
    task.sign_on(session)

    with pytest.raises(Unavailable) as not_yet:
        task.read_journal(session, business_date=NEXT, branch="0755")

    assert "CB2003" == not_yet.value.code


def test_a_day_whose_end_is_still_running_is_not_read(task: ModuleType, tmp_path: Path):
    """The menu says that it runs, and its journal is CB2003 although the day is over."""
    host = core.serve(
        tmp_path, world.day, NEXT, CREDENTIALS, tmp_path / "none.db", is_day_done=False
    )
    with (
        closing(host),
        open_session(CORE, f"127.0.0.1:{host.port}", DESK, keep=str, tls=False) as session,
    ):
        task.sign_on(session)

        assert task.AccountingDay(NEXT, EPOCH, end_of_day_done=False) == task.accounting_day(
            session
        )
        with pytest.raises(Unavailable, match="CB2003"):
            task.read_journal(session, business_date=EPOCH, branch="0755")


@pytest.mark.parametrize(
    ("business_date", "branch", "code"),
    [(EPOCH - timedelta(days=1), "0755", "CB2004"), (EPOCH, "0799", "CB2002")],
)
def test_a_day_or_branch_without_books_is_refused(
    task: ModuleType, session: GridSession, business_date: date, branch: str, code: str
):
    """The day before the first, and a branch that the core does not have."""
    task.sign_on(session)

    with pytest.raises(Refused) as refused:
        task.read_journal(session, business_date=business_date, branch=branch)

    assert code == refused.value.code


def test_the_balance_side_follows_the_class_of_the_account(task: ModuleType):
    """借 is in for assets, out for liabilities; of the others nobody may guess."""
    assert [True, False] == [task.debit_is_in("1011840001"), task.debit_is_in("2431000001")]
    with pytest.raises(Refused) as unknown:
        task.debit_is_in("6421000001")
    assert "ACCOUNT_SIDE_UNKNOWN" == unknown.value.code
    assert "6421000001" in unknown.value.message("zh")


@pytest.fixture
def odd_journal() -> Iterator[Callable[[Shown], GridSession]]:
    """A host whose journal pages are not what they should be; the session is on its menu."""
    opened: list[GridSession] = []
    servers: list[Server] = []

    def make(shown: Shown) -> GridSession:
        lines = [
            JournalLine(n, time(9), "1011840001", "D", Decimal(n), "USD", f"R{n}", "T", "K01")
            for n in range(1, 41)
        ]
        lines = [replace(line, amount=line.amount + Decimal("0.50")) for line in lines]

        def talk(terminal: Terminal) -> None:
            today = {"today": NEXT, "before": EPOCH, "is_day_done": True, "operator": "X"}
            terminal.show(screens.menu("T0001", "", **today))  # type: ignore[arg-type]
            terminal.hear()
            terminal.show(screens.journal_inquiry("T0001", "", {}))
            terminal.hear()
            for page in (1, 2, 3, 4):
                message = "CB2005 NO MORE PAGES" if page == 4 else ""
                of_page, number = shown(lines, min(page, 3))
                terminal.show(
                    screens.journal_page("T0001", message, EPOCH, "0755", of_page, number)
                )
                if terminal.hear() is None:
                    return

        servers.append(Server(talk))
        address = f"127.0.0.1:{servers[-1].port}"
        opened.append(open_session(CORE, address, DESK, keep=str, tls=False))
        opened[-1].expect("menu")
        return opened[-1]

    yield make
    for session in opened:
        session.close()
    for server in servers:
        server.close()


def as_it_is(lines: Sequence[JournalLine], page: int) -> tuple[Sequence[JournalLine], int]:
    """The page in order."""
    return lines, page


def with_a_gap(lines: Sequence[JournalLine], page: int) -> tuple[Sequence[JournalLine], int]:
    """One line is missing on the second page."""
    return [line for line in lines if line.serial != 20], page


def with_a_repeat(lines: Sequence[JournalLine], page: int) -> tuple[Sequence[JournalLine], int]:
    """One line stands there twice."""
    return [*lines[:20], *lines[19:]], page


def with_a_page_again(lines: Sequence[JournalLine], page: int) -> tuple[Sequence[JournalLine], int]:
    """The first page comes a second time."""
    return lines, max(page - 1, 1)


def cut_short(lines: Sequence[JournalLine], page: int) -> tuple[Sequence[JournalLine], int]:
    """The last page says that there are more lines than were shown."""
    blank = replace(lines[0], serial=41)
    return ([*lines, *[blank] * 16] if page == 3 else lines), page


def of_another_side(lines: Sequence[JournalLine], page: int) -> tuple[Sequence[JournalLine], int]:
    """A side that is neither debit nor credit."""
    return [replace(line, side="X") for line in lines], page


def with_odd_amounts(lines: Sequence[JournalLine], page: int) -> tuple[Sequence[JournalLine], int]:
    """An amount with one decimal."""
    return [replace(line, amount=Decimal("1.5")) for line in lines], page


def test_the_odd_host_in_good_order_is_read(
    task: ModuleType, odd_journal: Callable[[Shown], GridSession]
):
    """40 lines on three pages."""
    entries = task.read_journal(odd_journal(as_it_is), business_date=EPOCH, branch="0755")

    assert [f"{n}.50" for n in range(1, 41)] == [str(entry.amount) for entry in entries]


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (with_a_gap, "JOURNAL_NOT_CONTINUOUS"),
        (with_a_repeat, "JOURNAL_NOT_CONTINUOUS"),
        (with_a_page_again, "JOURNAL_OF_ANOTHER_DAY"),
        (cut_short, "JOURNAL_NOT_CONTINUOUS"),
        (of_another_side, "SCREEN_UNREADABLE"),
        (with_odd_amounts, "SCREEN_UNREADABLE"),
    ],
)
def test_a_journal_that_is_not_whole_is_drift(
    task: ModuleType, odd_journal: Callable[[Shown], GridSession], shown: Shown, code: str
):
    """A gap, a repeat, a page again, an end before the end, a strange side or amount."""
    with pytest.raises(Drifted) as drifted:
        task.read_journal(odd_journal(shown), business_date=EPOCH, branch="0755")

    assert code == drifted.value.code


def test_another_branch_than_asked_is_drift(
    task: ModuleType, odd_journal: Callable[[Shown], GridSession]
):
    """The odd host always answers with branch 0755."""
    with pytest.raises(Drifted) as drifted:
        task.read_journal(odd_journal(as_it_is), business_date=EPOCH, branch="0799")

    assert "JOURNAL_OF_ANOTHER_DAY" == drifted.value.code
    assert "0799" in drifted.value.message("en")
