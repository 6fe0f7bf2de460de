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

KILLS = int(os.environ.get("CLERKWORK_KILLS", "20"))


@pytest.mark.parametrize("accounting_date", [date(2026, 6, 14)])
def test_kills_at_random_moments_key_nothing_twice_and_lose_nothing(branch: Any) -> None:
    """Three days' vouchers, the worker killed again and again at a random moment of keying."""
    for on in ("2026-06-11", "2026-06-12", "2026-06-13"):
        branch.run(business_date=on)
    approved = branch.agree(key=False)
    office = branch.office
    rng = random.Random(755)

    kills = 0
    while kills < KILLS:
        # from the intent to the read-back an item takes about 2 s
        wait_s = rng.uniform(0.0, 2.2)
        if not kill_when(start_worker(office), lambda: states(office)["keying"] > 0, wait_s):
            break
        kills += 1
    assert start_worker(office).wait(180) == 0

    assert {"confirmed": len(approved)} == states(office)
    once = Counter(voucher["reference"] for voucher in branch.vouchers())
    assert {row.reference: 1 for row in list_items(office)} == once
    assert kills == KILLS
