"""The desk of one run: how a bot looks, and how what it saw becomes evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from clerkwork.errors import Misconfigured, Refused
from clerkwork.facts import Break, HandMatch, ItemException
from clerkwork.run.connect import address_of, credential_of, environment_of
from clerkwork.systems.files import Document, find_documents
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import Session
from clerkwork.workspace import Bot, Workspace


class RunDesk:
    """The `Desk` that a run hands to its bot; `close` ends every session it opened."""

    def __init__(
        self,
        workspace: Workspace,
        bot: Bot,
        environment: str,
        *,
        open_session: Callable[[str], Session],
        keep_document: Callable[[Document], object],
        open_breaks: Callable[[date], tuple[Break, ...]],
        hand_matches: Callable[[date], tuple[HandMatch, ...]],
        record: Callable[..., object],
    ):
        self.environment = environment
        self.exceptions: list[ItemException] = []
        self._workspace = workspace
        self._steps = {step.name for step in bot.process.steps}
        self._reads = set(bot.manifest.reads)
        self._bot = bot.name
        self._open_session = open_session
        self._keep_document = keep_document
        self._open_breaks = open_breaks
        self._hand_matches = hand_matches
        self._record = record
        self._sessions: dict[str, Session] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """See `Desk.step`."""
        if name not in self._steps:
            raise Misconfigured("STEP_UNKNOWN", bot=self._bot, step=name)
        started = time.monotonic()
        self._record("step.started", step=name)
        yield
        self._record("step.ended", step=name, took_ms=round((time.monotonic() - started) * 1000))

    @contextmanager
    def item(self, source: str) -> Iterator[None]:
        """See `Desk.item`."""
        try:
            yield
        except Refused as refusal:
            en, zh = refusal.message("en"), refusal.message("zh")
            self.exceptions.append(ItemException(source, refusal.kind, refusal.code, en, zh))
            self._record("item.refused", source=source, code=refusal.code)

    def screens(self, system: str, sign_on: Callable[[Session], object]) -> Session:
        """See `Desk.screens`."""
        if system not in self._sessions:
            self._allowed(system)
            session = self._sessions[system] = self._open_session(system)
            sign_on(session)
            credential = credential_of(self._workspace, system, self.environment, types=False)
            facts = {"system": system, "environment": self.environment}
            self._record("system.signed_on", **facts, credential=credential)
        return self._sessions[system]

    def documents(self, system: str, pattern: str) -> Sequence[Document]:
        """See `Desk.documents`."""
        self._allowed(system)
        place = load_system(self._workspace.system_folder(system))
        address = address_of(environment_of(place, self.environment), self._workspace.home)
        found = find_documents(Path(address), pattern)
        for document in found:
            self._keep_document(document)
        return found

    def _allowed(self, system: str) -> None:
        """A bot looks into the systems that its bot.toml names, and no others."""
        if system not in self._reads:
            raise Misconfigured("SYSTEM_NOT_DECLARED", bot=self._bot, system=system)

    def rules(self, name: str) -> Path:
        """See `Desk.rules`."""
        return self._workspace.rules(name)

    def codes(self, name: str) -> Path:
        """See `Desk.codes`."""
        return self._workspace.codes(name)

    def open_breaks(self, *, before: date) -> tuple[Break, ...]:
        """See `Desk.open_breaks`."""
        return self._open_breaks(before)

    def hand_matches(self, *, on: date) -> tuple[HandMatch, ...]:
        """See `Desk.hand_matches`."""
        return self._hand_matches(on)

    def close(self) -> None:
        """Leave every system."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()
