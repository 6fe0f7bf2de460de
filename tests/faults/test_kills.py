"""kill -9 while keying: after a restart every approved voucher stands in the ledger once."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import date
from typing import Any

import pytest

from clerkwork.run.items import list_items
from tests.killing import kill_when, start_worker, states

KILLS = int(os.environ.get("CLERKWORK_KILLS", "10"))


@pytest.mark.parametrize("accounting_date", [date(2026, 6, 14)])
def test_kills_at_random_moments_key_nothing_twice_and_lose_nothing(branch: Any) -> None:
    """A day's vouchers, or three days', the worker killed again and again while it keys."""
    days = ["2026-06-11", "2026-06-12", "2026-06-13"]
    office = branch.office
    rng = random.Random(755)

    kills = 0
    while kills < KILLS:
        if not states(office).keys() - {"confirmed"}:
            assert days, f"all is keyed after {kills} kills"
            branch.run(business_date=days.pop(0))
            branch.agree(key=False)
        # from the intent to the read-back an item takes about 2 s
        wait_s = rng.uniform(0.0, 2.2)
        is_killed = kill_when(start_worker(office), lambda: states(office)["keying"] > 0, wait_s)
        assert is_killed or {"confirmed"} == states(office).keys()
        kills += is_killed
    assert start_worker(office).wait(180) == 0

    assert {"confirmed"} == states(office).keys()
    once = Counter(voucher["reference"] for voucher in branch.vouchers())
    assert {row.reference: 1 for row in list_items(office)} == once
