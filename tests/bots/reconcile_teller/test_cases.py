"""The bot's cases: a good, a refused, a drifted and an in-doubt night, expected beside each."""

from __future__ import annotations

import shutil
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clerkwork.practice import manners
from clerkwork.run.deciding import edit_item
from clerkwork.run.items import list_items
from clerkwork.workspace import Workspace, load

ROOT = Path(__file__).parents[3]
CASES = Path(__file__).parent / "cases"


def table(case: str, name: str) -> dict[str, Any]:
    """`input` or `expected` of a case."""
    return tomllib.loads((CASES / case / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.fixture
def workspace(tmp_path: Path, case: str) -> Workspace:
    """A copy of this workspace, with the changes that the case makes to maps."""
    root = tmp_path / "workspace"
    for part in ("bots", "tasks", "resources"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "pyproject.toml", root)
    for change in table(case, "input").get("map", []):
        path = root / change["file"]
        text = path.read_text(encoding="utf-8")
        assert change["find"] in text
        path.write_text(text.replace(change["find"], change["replace"]), encoding="utf-8")
    return replace(load(root), home=tmp_path / "home")


@pytest.mark.usefixtures("one_worker")
@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_night_ends_as_its_case_expects(branch: Any, case: str) -> None:
    """Breaks, states of items, codes of failures and the ledger's own vouchers."""
    given, expected = table(case, "input"), table(case, "expected")
    run_id = branch.run()
    rows = [row for row in list_items(branch.office, state="waiting") if row.kind == given["agree"]]
    if "edit" in given:
        for row in rows:
            edit_item(branch.office, row, branch.people["maker"], given["edit"], "case")
        ids = {row.id for row in rows}
        rows = [row for row in list_items(branch.office) if row.id in ids]
    if "drop_answers" in given:
        folder = branch.home / "practice"
        manners.switch_on(folder, "ledger", manners.DROP_ANSWER, times=given["drop_answers"])

    branch.agree(rows)

    ended = list_items(branch.office)
    assert expected["states"] == Counter(row.state for row in ended)
    assert expected["vouchers"] == len(branch.vouchers())
    assert expected["codes"] == [row.failure["code"] for row in ended if row.failure]
    events = Counter(event.name for _, event in branch.office.audit.read())
    assert expected.get("in_doubt", 0) == events["item.in_doubt"]
    if "breaks" in expected:
        assert expected["breaks"] == Counter(b.reason for b in branch.plan(run_id).breaks)
