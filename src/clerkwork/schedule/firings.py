"""
Firings: each due moment of a schedule, settled exactly once.

A firing's row, its run's row and the run's queue entry are one transaction, and the
firing's key, the due time or what arrived, is its identity. So whatever crashes, and
however many schedulers look at once, a due time has one run or one written reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from clerkwork.errors import Failure
from clerkwork.facts.event import Event
from clerkwork.run.office import Office
from clerkwork.run.runs import ENDED, Order, place
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.parameters import given
from clerkwork.schedule.rules import Verdict, jitter, settle_clock
from clerkwork.store.tables import firings, runs, schedules

BATCH = 200  # schedules settled in one transaction
DUES_AT_ONCE = 500  # of one schedule in one transaction: a long absence is caught up in parts

Prepare = Callable[[Planned, Mapping[str, str]], Order]


def key_of(due: datetime) -> str:
    """The key of a firing by the clock."""
    return due.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass
class Settling:
    """One transaction in which firings are settled: collected, then written together."""

    office: Office
    conn: sa.Connection
    prepare: Prepare
    now: datetime
    _new: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _resolved: list[dict[str, Any]] = field(default_factory=list)
    _orders: list[tuple[Order, dict[str, Any]]] = field(default_factory=list)

    def fire(
        self,
        planned: Planned,
        key: str,
        *,
        trigger: str,
        due: datetime,
        verdict: Verdict,
        facts: Mapping[str, str] | None = None,
        by: str | None = None,
    ) -> bool:
        """
        Settle the firing `key` and, when it starts, its run; False when it was settled before.

        `facts` are what an arrival says of itself, for the parameters that ask for it.
        """
        mine = (firings.c.schedule == planned.name, firings.c.key == key)
        is_known = (planned.name, key) in self._new
        if is_known or self.conn.execute(sa.select(firings.c.key).where(*mine)).first():
            return False
        row: dict[str, Any] = {
            "schedule": planned.name,
            "key": key,
            "trigger": trigger,
            "due_at": due,
            "day": planned.day_of(due),
            "params": given(planned, due, facts or {}),
            "created_at": self.now,
            "by": by,
        }
        self._decide(row, planned, verdict)
        self._new[planned.name, key] = row
        return True

    def resolve(
        self,
        planned: Planned | None,
        row: Any,
        verdict: Verdict,
        params: Mapping[str, str] | None = None,
    ) -> None:
        """
        What became of a firing that waited; nothing when it was settled meanwhile.

        Without `planned`, for a schedule that is there no more, it cannot start.
        """
        mine = (firings.c.schedule == row.schedule, firings.c.key == row.key)
        still = sa.select(firings.c.key).where(*mine, firings.c.state == "waiting")
        if self.conn.execute(still.with_for_update()).first() is None:
            return
        if verdict.state == "waiting":
            self.conn.execute(sa.update(firings).where(*mine).values(why=verdict.why))
            return
        changed = {"schedule": row.schedule, "key": row.key, "by": row.by}
        changed |= {"params": row.params | dict(params or {})}
        self._decide(changed, planned, verdict)
        self._resolved.append(changed)

    def _decide(self, row: dict[str, Any], planned: Planned | None, verdict: Verdict) -> None:
        """Fill the columns that a verdict decides; the run of one that starts comes later."""
        if verdict.state == "started" and planned:
            try:
                self._orders.append((self.prepare(planned, row["params"]), row))
            except Failure as failure:  # a bot that is broken now: written down, never lost
                facts = {name: str(value) for name, value in failure.facts.items()}
                verdict = Verdict("missed", failure.code, facts)
        row |= {"state": verdict.state, "why": verdict.why, "run_id": None}
        row["settled_at"] = None if verdict.state == "waiting" else self.now

    def write(self) -> list[Event]:
        """Write what was settled; gives the audit events of it."""
        orders = [
            (order, row["by"] or f"schedule:{row['schedule']}") for order, row in self._orders
        ]
        run_ids = place(self.office, self.conn, orders)
        for run_id, (_, row) in zip(run_ids, self._orders, strict=True):
            row["run_id"] = run_id
        if self._new:
            self.conn.execute(sa.insert(firings), list(self._new.values()))
        for row in self._resolved:
            mine = (firings.c.schedule == row["schedule"], firings.c.key == row["key"])
            self.conn.execute(sa.update(firings).where(*mine).values(**row))
        return [self._event(row) for row in (*self._new.values(), *self._resolved)]

    def _event(self, row: Mapping[str, Any]) -> Event:
        said = {"run": row["run_id"]} if row["run_id"] else {"code": (row["why"] or {}).get("code")}
        name = f"schedule.{row['state']}"
        return self.office.audit.event(name, schedule=row["schedule"], key=row["key"], **said)


@contextmanager
def settling(office: Office, prepare: Prepare) -> Iterator[Settling]:
    """A transaction to settle firings in; its audit events follow when it has committed."""
    with office.store.begin() as conn:
        work = Settling(office, conn, prepare, office.clock())
        yield work
        events = work.write()
    if events:
        office.audit.append(*events)


@dataclass
class Settled:
    """What came of a look: whether due times may be left, and which schedules are unclear."""

    is_more: bool = False
    unclear: dict[str, Failure] = field(default_factory=dict)


def settle(
    office: Office,
    planned: Sequence[Planned],
    prepare: Prepare,
    *,
    closes: datetime | None = None,
) -> Settled:
    """
    Settle all due times of `planned` up to now.

    With `closes` only up to then, and that is remembered also where nothing was due: other rules
    that hold afterwards say nothing of the time before. A schedule that is seen for the first time
    begins now. One whose due times cannot be known (a calendar that is not published) stays
    where it is: caught up once they can.
    """
    outcome = Settled()
    for start in range(0, len(planned), BATCH):
        batch = planned[start : start + BATCH]
        with settling(office, prepare) as work:
            rows = rows_of(work.conn, [one.name for one in batch])
            for one in batch:
                try:
                    outcome.is_more |= settle_one(work, one, rows.get(one.name), closes=closes)
                except Failure as failure:
                    outcome.unclear[one.name] = failure
    return outcome


def rows_of(conn: sa.Connection, names: Sequence[str]) -> dict[str, Any]:
    """What the store knows of these schedules, by name, locked."""
    wanted = sa.select(schedules).where(schedules.c.name.in_(names)).with_for_update()
    return {row.name: row for row in conn.execute(wanted)}


def settle_one(
    work: Settling, planned: Planned, row: Any, *, closes: datetime | None = None
) -> bool:
    """Settle the due times of one schedule up to now; whether any may be left. See `settle`."""
    if row is None:
        new = sa.insert(schedules).values(name=planned.name, settled_until=work.now)
        work.conn.execute(new)
        return False
    until = min(work.now, closes or work.now) - jitter(planned)
    if planned.due is None or row.settled_until >= until:
        return False
    found = _due_times(planned, row.settled_until, until) if planned.plan.enabled else []
    dues, is_more = found[:DUES_AT_ONCE], len(found) > DUES_AT_ONCE
    asks = bool(dues) and planned.plan.overlap == "skip"
    is_busy = asks and is_busy_with(work.conn, planned.name)
    is_paused = row.paused_at is not None
    for due, verdict in settle_clock(
        planned, dues, work.now, is_paused=is_paused, is_busy=is_busy, is_more=is_more
    ):
        work.fire(planned, key_of(due), trigger="clock", due=due, verdict=verdict)
    if dues or closes or not planned.plan.enabled:
        mine = schedules.c.name == planned.name
        reached = dues[-1] if is_more else until
        work.conn.execute(sa.update(schedules).where(mine).values(settled_until=reached))
    return is_more


def _due_times(planned: Planned, after: datetime, until: datetime) -> list[datetime]:
    """The next due times up to `until`, at most DUES_AT_ONCE and one more."""
    found: list[datetime] = []
    assert planned.due is not None
    due = planned.due.next(after, until=until)
    while due is not None and len(found) <= DUES_AT_ONCE:
        found.append(due)
        due = planned.due.next(due, until=until)
    return found


def is_busy_with(conn: sa.Connection, schedule: str) -> bool:
    """Whether a run of `schedule` goes on, or a firing of it waits."""
    joined = firings.outerjoin(runs, firings.c.run_id == runs.c.id)
    goes_on = sa.and_(firings.c.state == "started", runs.c.state.not_in(ENDED))
    found = (
        sa.select(firings.c.key)
        .select_from(joined)
        .where(firings.c.schedule == schedule, sa.or_(firings.c.state == "waiting", goes_on))
        .limit(1)
    )
    return conn.execute(found).first() is not None


def waiting(office: Office) -> list[Any]:
    """The firings that wait, oldest first."""
    found = sa.select(firings).where(firings.c.state == "waiting").order_by(firings.c.due_at)
    with office.store.connect() as conn:
        return list(conn.execute(found))
