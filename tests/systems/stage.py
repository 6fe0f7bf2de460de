"""What every screen driver is tested on: a practice system that keys slips, and its sessions."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clerkwork.practice import manners
from clerkwork.practice.slips import Slip, SlipBook
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import Picture, Session, SignOn
from tasks import slips

SLIP = {
    "account": "6222000011",
    "payee": "张三商行",
    "amount": "1234.50",
    "purpose": "货款 06",
    "reference": "CW00000000000001",
}
PLAIN = SLIP | {"payee": "ACME TRADING", "purpose": "INVOICE 5017"}
# What a slow system is held to by `make test`; to all of it by `make test-real`.
SHORT = {
    "test_a_card_number_is_black_in_a_picture_but_for_its_ends",
    "test_a_slip_is_keyed_once_and_read_back_as_instructed",
    "test_a_table_is_read_over_all_its_pages",
    "test_a_guard_that_says_no_keeps_the_key_from_being_pressed",
    "test_a_session_for_looking_commits_nothing",
    "test_a_card_number_is_covered_in_evidence",
    "test_silence_after_the_key_is_in_doubt_and_the_books_tell[drop-answer-1]",
    "test_an_answer_painted_twice_is_one_slip",
}


@dataclass
class Stage:
    """
    One practice system and the way to it.

    `open` gives a session that may commit, `folder` is where bad manners are switched on,
    `chinese` whether its fields take Chinese, `lacks` the manners that it cannot have.
    """

    system: SystemMap
    folder: Path
    sign_on: SignOn
    open: Callable[..., Session]
    chinese: bool = True
    lacks: tuple[str, ...] = ()
    pictures: list[Picture] = field(default_factory=list)
    record: Callable[[str, str], None] = lambda _cell, _outcome: None

    @property
    def book(self) -> SlipBook:
        """The system's own books: the independent witness."""
        return SlipBook(self.folder / f"{self.system.name}.db")

    @property
    def slip(self) -> dict[str, str]:
        """A slip that the system takes."""
        return dict(SLIP if self.chinese else PLAIN)

    def rude(self, manner: str, *, times: int | None = 1) -> None:
        """Show a bad manner the next `times` times; skips where the system cannot."""
        if manner in self.lacks:
            pytest.skip(f"{self.system.name} cannot be {manner}")
        manners.switch_on(self.folder, self.system.name, manner, times=times)

    @contextmanager
    def session(self, *, deadline_s: float | None = None) -> Iterator[Session]:
        """A session, signed on."""
        with self.unsigned(deadline_s=deadline_s) as session:
            slips.sign_on(session)
            yield session

    @contextmanager
    def unsigned(self, *, deadline_s: float | None = None) -> Iterator[Session]:
        """A session, not signed on."""
        system = self.system
        if deadline_s is not None:
            system = system.model_copy(update={"deadline_s": deadline_s})
        session = self.open(system, self.sign_on, self.pictures.append)
        try:
            yield session
        finally:
            session.close()

    def tell(self, manner: str, at: str, outcome: object) -> None:
        """Write a cell of the matrix of bad manners; tests/systems/conftest.py prints it."""
        self.record(f"{manner}|{at}|{self.system.name}", str(outcome))

    def keyed(self) -> list[Slip]:
        """The slips with our reference."""
        return self.book.find(SLIP["reference"])


def only_short(request: pytest.FixtureRequest) -> None:
    """Skip what is not in the short form, unless CLERKWORK_REAL asks for all."""
    name = re.sub(
        r"\[(?:tnz|cp[0-9]+|ssh|telnet)(?:-(.*))?\]", r"[\1]", request.node.name
    ).removesuffix("[]")
    if not (os.environ.get("CLERKWORK_REAL") or name in SHORT):
        pytest.skip("in make test-real")
