"""`clerkwork demo`: the practice bank and one night's reconciliation, ending on one screen."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from datetime import date

import typer

from clerkwork.audit import verify
from clerkwork.cli.approve import key_now
from clerkwork.cli.practice import ensure_running
from clerkwork.cli.run import see_through
from clerkwork.cli.speak import note
from clerkwork.errors import Refused
from clerkwork.people import Authoriser, Person, add_person, find_person, issue_token
from clerkwork.run.deciding import decide_item
from clerkwork.run.items import list_items, load_item
from clerkwork.run.office import Office, open_office
from clerkwork.run.runs import load_run, start_run
from clerkwork.workspace import load

app = typer.Typer()

BOT = "reconcile_teller"
# login, English and Chinese name, roles
PEOPLE = (
    ("admin", "Zhou Min", "周敏", ("administrator",)),
    ("li.na", "Li Na", "李娜", ("operator", "maker")),
    ("zhang.wei", "Zhang Wei", "张伟", ("checker",)),
    ("wang.fang", "Wang Fang", "王芳", ("authoriser",)),
    ("chen.jie", "Chen Jie", "陈杰", ("manager",)),
)


@app.command()
def demo() -> int:
    """
    Start the practice bank, reconcile its accounting day, key what may be keyed.

    A second time it is a new run, and nothing is keyed again. / 演示：模拟银行与一夜对账。
    """
    workspace = load()
    started = time.monotonic()
    ports = ensure_running(workspace.home)
    with open_office(workspace, progress=note) as office:
        people = _people(office)
        run_id = start_run(office, BOT, {}, environment="practice", started_by=people["li.na"].name)
        if see_through(office, run_id, quiet=True) == 1:
            return 1
        before = Counter(row.state for row in list_items(office))
        approved = _agree(office, people)
        if approved:
            key_now(office, approved, quiet=True)
        verification = verify(workspace.home)
        run = load_run(office, run_id)
        newly = Counter(row.state for row in list_items(office))["confirmed"] - before["confirmed"]
        _summary(office, run, newly, verification, time.monotonic() - started)
        return 0 if _as_planned(run, date.fromisoformat(ports["business_date"])) else 1


def _people(office: Office) -> dict[str, Person]:
    """The demo's people, made once; their tokens lie in the home folder, readable to its owner."""
    folder = office.workspace.home / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    people = {}
    for login, en, zh, roles in PEOPLE:
        person = find_person(office.store, login)
        if person is None:
            password = secrets.token_urlsafe(24)  # nobody needs it: the demo signs in by token
            person = add_person(office.store, login, en, zh, roles, password)
            token = folder / f"{login}.token"
            token.touch(mode=0o600)
            token.write_text(issue_token(office.store, login))
        people[login] = person
    return people


def _agree(office: Office, people: dict[str, Person]) -> list[str]:
    """What checker and authoriser may agree to, they agree to; gives the approved items."""
    authoriser = Authoriser(office.store)
    approved = []
    for row in list_items(office, state="waiting"):
        run = load_run(office, row.run_id)
        for login in ("zhang.wei", "wang.fang"):
            if login == "wang.fang" and "authoriser" not in row.needs:
                continue
            current = load_item(office, row.id)
            if current.state != "waiting":
                break
            try:
                authoriser.may(people[login], "approve", run=run, item=current)
            except Refused:
                continue  # agreed already, in an earlier demo
            if decide_item(office, current, people[login], "agree", "demo") == "approved":
                approved.append(row.id)
    return approved
