"""Schedules and items that several tests of schedules use."""

from __future__ import annotations

import json
from datetime import datetime

NIGHT = 'time_zone = "UTC"\nat = ["01:30"]\nparameters.business_date = "day"\n'


def an_item(run_id: str, now: datetime) -> dict[str, object]:
    """A voucher of the run that waits for its checker."""
    return {
        "id": "AAAAAAAA", "environment": "practice", "target": "ledger", "reference": "CW1",
        "run_id": run_id, "ordinal": 0, "instruction": json.dumps({}), "digest": "x",
        "state": "waiting", "kind": "voucher", "amount_minor": 1, "currency": "CNY",
        "needs": ["checker"], "version": 1, "created_at": now, "updated_at": now,
    }  # fmt: skip
