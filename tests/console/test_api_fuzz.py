"""
Schemathesis on the served API: whatever is sent, nothing breaks, and what is answered conforms.

The long form, as `make faults` runs it: CLERKWORK_API_EXAMPLES=100 for each call and role.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clerkwork.people import ROLES
from clerkwork.run.items import list_items
from clerkwork.run.worklist import standing_breaks

from .conftest import OWN, House

EXAMPLES = int(os.environ.get("CLERKWORK_API_EXAMPLES", "0"))
SEED = os.environ.get("CLERKWORK_SEED", "20261128")
SHORT = 2  # examples for each call of the short form
# A rule that says no to what is described well (a state, a name that is taken) answers 422, too.
LEFT_OUT = "positive_data_acceptance"
EVERY_ROLE = "every_role"
CALLERS = [EVERY_ROLE, "auditor.own"] + (
    [f"{role}.{word}" for role in ROLES for word in ("own", "other")] if EXAMPLES else []
)


@pytest.mark.parametrize("caller", dict.fromkeys(CALLERS))
def test_nothing_that_is_sent_breaks_the_api(house: House, tmp_path: Path, caller: str):
    """No 5xx; statuses, kinds and bodies as described; no way in without a token."""
    if caller == EVERY_ROLE:
        house.add(EVERY_ROLE, *ROLES)
    (tmp_path / "schemathesis.toml").write_text(dictionaries(house), encoding="utf-8")
    with house.program(caller) as client:
        token = client.headers["Authorization"]
    form = ["--max-examples", str(EXAMPLES or SHORT)]
    form += ["--phases", "coverage,fuzzing" if EXAMPLES else "fuzzing"]
    form += [] if EXAMPLES else ["--exclude-path", "/api/audit/verify"]  # takes seconds each time
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml",
            "run", f"{house.origin}/api/openapi.json", "--header", f"Authorization: {token}",
            "--exclude-checks", LEFT_OUT, "--seed", SEED,
            "--generation-database", "none", "--warnings", "off", "--no-color",
            "--workers", "2", *form,
        ],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert int(re.findall(r"(\d+) generated", done.stdout)[0]) > 50, done.stdout


def dictionaries(house: House) -> str:
    """Real things of the house, which half of the addresses name; the others are made up."""
    items = list_items(house.office)
    found = {
        "run": list(house.runs.values()),
        "item": [row.id for row in items],
        "break": [row.id for row in standing_breaks(house.office, bots=None)][:8],
        "bot": ["reconcile_teller", "count_cash"],
        "schedule": ["reconcile_teller"],
        "event": [str(house.event("run.ended"))],
        "alert": [str(house.alert())],
        "artifact": [house.evidence("screen"), house.evidence("document")],
    }
    lines = ["[dictionaries]"]
    lines += [f"{name} = {{ values = {json.dumps(values)} }}" for name, values in found.items()]
    lines.append("[parameters]")
    lines += [f'"path.{name}" = {{ dictionary = "{name}", probability = 0.5 }}' for name in found]
    return "\n".join(lines) + "\n"


def test_the_fuzzer_would_see_a_defect(house: House, tmp_path: Path):
    """What is asked of every answer is asked: one that is not as described is found."""
    from clerkwork.console.api.openapi import describe
    from clerkwork.console.routes import ROUTES

    told = json.loads(json.dumps(describe(ROUTES)))
    me = {name: call for name, call in told["paths"].items() if name == "/api/me"}
    told["components"]["schemas"]["Me"]["properties"]["name"] = {"type": "integer"}
    (tmp_path / "wrong.json").write_text(json.dumps(told | {"paths": me}), encoding="utf-8")
    with house.program("operator.own") as client:
        token = client.headers["Authorization"]
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", "wrong.json", "--url", house.origin,
            "--header", f"Authorization: {token}", "--phases", "fuzzing", "--max-examples", "1",
            "--generation-database", "none", "--no-color",
        ],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "Response violates schema" in done.stdout
    assert OWN not in done.stderr
