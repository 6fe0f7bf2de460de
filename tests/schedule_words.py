"""Schedules and items that several tests of schedules use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from clerkwork.people import add_person, issue_token

NIGHT = 'time_zone = "UTC"\nat = ["01:30"]\nparameters.business_date = "day"\n'


def an_item(run_id: str, now: datetime) -> dict[str, object]:
    """A voucher of the run that waits for its checker."""
    return {
        "id": "AAAAAAAA", "environment": "practice", "target": "ledger", "reference": "CW1",
        "run_id": run_id, "ordinal": 0, "instruction": json.dumps({}), "digest": "x",
        "state": "waiting", "kind": "voucher", "amount_minor": 1, "currency": "CNY",
        "needs": ["checker"], "version": 1, "created_at": now, "updated_at": now,
    }  # fmt: skip


def sign_in(room, monkeypatch, *, roles: Sequence[str]) -> None:
    """Somebody is signed in: li.na, in these roles."""
    record, store = room.office.audit.record, room.office.store
    add_person(store, "boss", "b", "b", ["administrator"], "a-long-password", by="", record=record)
    add_person(store, "li.na", "Li Na", "李娜", roles, "a-long-password", by="boss", record=record)
    token = issue_token(store, "li.na", by="boss", record=record)
    monkeypatch.setenv("CLERKWORK_TOKEN", token)
