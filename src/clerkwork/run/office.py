"""The office of one workspace: its open store, audit log, artifacts and queue, for all work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from dbos import DBOSClient

from clerkwork.audit import AuditLog, open_log
from clerkwork.errors import Failure
from clerkwork.run import engine
from clerkwork.store import Artifacts, Store, open_store
from clerkwork.systems.masking import covered
from clerkwork.workspace import Workspace

Progress = Callable[[str, str], None]


def no_progress(_en: str, _zh: str) -> None:
    """Progress for nobody."""


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def failure_facts(failure: Failure) -> dict[str, str]:
    """A failure as the store keeps it, for a clerk of either language."""
    en, zh = covered(failure.message("en")), covered(failure.message("zh"))
    return {"kind": failure.kind, "code": failure.code, "en": en, "zh": zh}


@dataclass(frozen=True)
class Office:
    """What work needs of the house; `executor` names who works."""

    workspace: Workspace
    store: Store
    audit: AuditLog
    artifacts: Artifacts
    client: DBOSClient
    executor: str = "worker-1"
    clock: Callable[[], datetime] = utc_now
    progress: Progress = no_progress


@contextmanager
def open_office(workspace: Workspace, *, progress: Progress = no_progress) -> Iterator[Office]:
    """The office of `workspace`, closed at the end."""
    store = open_store(workspace.home)
    try:
        engine.prepare(store.url, store.engine)
        client = engine.queue_client(store.engine)
        log = open_log(workspace.home)
        try:
            yield Office(
                workspace=workspace,
                store=store,
                audit=log,
                artifacts=Artifacts(store, workspace.home),
                client=client,
                progress=progress,
            )
        finally:
            log.close()
            client.destroy()
    finally:
        store.close()
