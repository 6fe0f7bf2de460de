"""`clerkwork demo`: the practice bank and one night's reconciliation, ending on one screen."""

from __future__ import annotations

import secrets
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import typer

from clerkwork.audit import Verification, verify
from clerkwork.cli.approve import key_now
from clerkwork.cli.practice import ensure_running
from clerkwork.cli.run import see_through
from clerkwork.cli.show import print_files, print_sources
from clerkwork.cli.show_tables import print_table
from clerkwork.cli.speak import language, note, say, text
from clerkwork.errors import Refused
from clerkwork.facts import Plan, from_minor, grouped
from clerkwork.people import Authoriser, Person, add_person, find_person, issue_token, list_people
from clerkwork.practice.world import day
from clerkwork.run.closing import exit_code, items_of, load_plan
from clerkwork.run.deciding import decide_item
from clerkwork.run.items import list_items, load_item
from clerkwork.run.office import Office, open_office
from clerkwork.run.runs import load_run, start_run
from clerkwork.workspace import load

app = typer.Typer(add_completion=False)

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
    ensure_running(workspace.home)
    with open_office(workspace, progress=note) as office:
        people = _people(office)
        maker = people["li.na"].name
        run_id = start_run(office, BOT, {}, environment="practice", started_by=maker)
        if see_through(office, run_id, quiet=True) == 1:
            return 1
        keyed_before = _posted(office)
        approved = _agree(office, people)
        if approved:
            key_now(office, approved, quiet=True)
        run = load_run(office, run_id)
        plan = load_plan(office, run)
        rows = items_of(office, run, plan)
        holds = verify(workspace.home)
        _print_summary(office, run, plan, rows, _posted(office) - keyed_before, holds)
        took = time.monotonic() - started
        say(f"took {took:.0f} s", f"用时 {took:.0f} 秒")
        return 0 if holds.holds and _is_as_planned(run, plan, rows) else 1


def _posted(office: Office) -> int:
    """How many vouchers the ledger has confirmed."""
    return len(list_items(office, state="confirmed"))


def _is_as_planned(run: Any, plan: Plan, rows: list[Any]) -> bool:
    """
    Whether the outcome is what was planted: the practice bank's own truth is the plan.

    One voucher needs the manager, whom the demo leaves to a person; all others stand.
    """
    truth = [one for one in day(plan.business_date).truth if one.since == plan.business_date]
    planted = sorted((one.reason, one.account, one.difference) for one in truth)
    told = sorted(
        (one.reason, one.entry.account, one.difference)
        for one in plan.breaks
        if one.since == plan.business_date
    )
    settled = all(
        row.state == "confirmed" or (row.state == "waiting" and "manager" in row.needs)
        for row in rows
    )
    return planted == told and settled and exit_code(run) == 0


def _print_summary(
    office: Office, run: Any, plan: Plan, rows: list[Any], newly: int, holds: Verification
) -> None:
    """The one screen at the end: what came in, what became of it, where it lies, what is next."""
    say(
        f"\nAccounting day {plan.business_date} · run {run.id}",
        f"\n会计日期 {plan.business_date} · 运行 {run.id}",
    )
    print_sources(run)
    which = 1 if language() == "zh" else 0
    reasons = Counter(one.reason for one in plan.breaks)
    columns = [text(*names) for names in BREAK_COLUMNS]
    print_table(
        columns,
        [
            (plan.reason_names[reason][which], str(count), plan.treatment_names[reason][which])
            for reason, count in reasons.most_common()
        ],
        right=(1,),
        wraps=(2,),
    )
    for statement in plan.balance_statements:
        amount = grouped(statement.adjusted("ours"), statement.currency)
        equal = text("equal", "相符") if statement.is_equal else text("NOT EQUAL", "不符")
        name = plan.account_names[statement.account][which]
        say(
            f"balance reconciliation  {name}: {amount} {statement.currency}, {equal}",
            f"余额调节表  {name}：{amount} {statement.currency}，{equal}",
        )
    counts = Counter(row.state for row in rows)
    say(
        f"vouchers: {len(rows)} planned, {newly} keyed now, {counts['confirmed']} stand in the "
        f"ledger, {counts['waiting']} waiting",
        f"凭证：计划 {len(rows)} 笔，本次录入 {newly} 笔，总账已记账 {counts['confirmed']} 笔，"
        f"待审批 {counts['waiting']} 笔",
    )
    if not newly:
        say(
            "nothing was keyed: the ledger has them all from before",
            "本次未录入任何凭证：此前均已记账",
        )
    say(
        f"audit log: {holds.events} events, {'it holds' if holds.holds else 'IT DOES NOT HOLD'}",
        f"审计记录：{holds.events} 条，{'验证通过' if holds.holds else '验证不通过'}",
    )
    print_files(run)
    evidence = office.workspace.home / "artifacts"
    say(f"evidence, encrypted: {evidence}", f"留痕资料（加密）：{evidence}")
    for row in rows:
        if row.state == "waiting":
            _print_next(office, row)


BREAK_COLUMNS = (("Break", "不符项"), ("Count", "笔数"), ("Treatment", "处理"))


def _print_next(office: Office, row: Any) -> None:
    amount = grouped(from_minor(row.amount_minor, row.currency), row.currency)
    token = office.workspace.home / "demo" / "chen.jie.token"
    say(
        f"{row.id} waits for the manager: {amount} {row.currency}. Next, as Chen Jie:",
        f"{row.id} 待主管审批：{amount} {row.currency}。下一步，以陈杰身份：",
    )
    command = f"{command_name()} approve {row.id}"
    say(*(f"  CLERKWORK_TOKEN_FILE={_short(token)} {command}",) * 2)


def _short(path: Path) -> str:
    """The path as it is typed from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def command_name() -> str:
    """How this program is called from here: by name where the shell finds it, else by path."""
    program = Path(sys.argv[0]).resolve()
    found = shutil.which("clerkwork")
    return "clerkwork" if found and Path(found).resolve() == program else _short(program)


def _people(office: Office) -> dict[str, Person]:
    """The demo's people, made once; their tokens lie in the home folder, readable to its owner."""
    strangers = {one.name for one in list_people(office.store)} - {login for login, *_ in PEOPLE}
    if strangers:
        raise Refused("DEMO_AMONG_STRANGERS", home=str(office.workspace.home))
    folder = office.workspace.home / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    people: dict[str, Person] = {}
    for login, en, zh, roles in PEOPLE:
        person = find_person(office.store, login)
        if person is None:
            by = "admin" if people else ""
            password = secrets.token_urlsafe(24)  # nobody needs it: the demo signs in by token
            record = office.audit.record
            person = add_person(office.store, login, en, zh, roles, password, by=by, record=record)
            token = folder / f"{login}.token"
            token.touch(mode=0o600)
            secret = issue_token(office.store, login, by="admin", record=record)
            token.write_text(secret, encoding="ascii")
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
