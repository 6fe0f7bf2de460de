"""`clerkwork schedule`: what is due when, how it stands, and what people order of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import typer

from clerkwork.cli.named_files import check_outputs, replacing
from clerkwork.cli.reason import WHY
from clerkwork.cli.sign_in import signed_in
from clerkwork.cli.speak import complain, language, note, say, text
from clerkwork.people import Person
from clerkwork.run.office import Office, open_office
from clerkwork.workspace import load

app = typer.Typer(no_args_is_help=True, add_completion=False)

_NAME = typer.Argument(metavar="SCHEDULE", help="Its file's name without .toml / 调度计划名称")
_YEARS = (1970, 2200)  # that are shown
_JSON = typer.Option(False, "--json", help="For programs / 供程序使用")


@app.command("list")
def list_all(as_json: bool = _JSON) -> int:
    """How each schedule stands / 列出调度计划的状态、下次到期、最近结果与预测。"""
    from clerkwork.cli.schedule_show import show_standings, standing_as_json
    from clerkwork.schedule.standing import standings

    workspace = load()
    with open_office(workspace) as office:
        now = office.clock()
        found = list(standings(_book(office), now))
    if as_json:
        said = [standing_as_json(one, language(), zone=workspace.zone, now=now) for one in found]
        typer.echo(json.dumps(said, ensure_ascii=False))
    elif not found:
        say("no schedules; they are files in schedules/", "没有调度计划；请在 schedules/ 中建立")
    else:
        show_standings(found, zone=workspace.zone, now=now)
    return 1 if any(one.wrong for one in found) else 0


@app.command("next")
def show_next(
    schedules: list[str] = typer.Argument(
        None, metavar="SCHEDULE", help="Only these / 仅这些调度计划"
    ),
    first: str = typer.Option(
        "", "--from", metavar="DATE", help="The first day, e.g. 2026-10-01 / 起始日期"
    ),
    days: int = typer.Option(7, min=1, max=3660, help="How many days / 天数"),
    as_json: bool = _JSON,
) -> int:
    """What is due in the coming days / 今后数日的到期安排，含日历、截止时间与跳过。"""
    from clerkwork.cli.schedule_show import coming_as_json, show_agenda
    from clerkwork.schedule.agenda import agenda

    begins = _day(first) if first else None
    workspace = load()
    with open_office(workspace) as office:
        planned = _chosen(_book(office), schedules or [])
        now = office.clock()
        with office.store.connect() as conn:
            found = agenda(conn, planned, now=now, first=begins, days=days, zone=workspace.zone)
    if as_json:
        typer.echo(json.dumps([coming_as_json(one) for one in found.coming], ensure_ascii=False))
    else:
        day = begins or now.astimezone(workspace.zone).date()
        show_agenda(found, planned, first=day, days=days, zone=workspace.zone)
    for failure in found.unclear.values():
        complain(failure)
    return 2 if found.unclear else 0


@app.command("run")
def run_one(schedule: str = _NAME, why: str = WHY) -> int:
    """Run it now, whatever its times / 立即运行，不受时间限制。"""
    from clerkwork.schedule.orders import run_now

    with open_office(load()) as office:
        book, planned, person = _hand_on(office, schedule)
        made = run_now(office, planned, book.order, by=person.name, why=why)
    if made.state == "started":
        say(
            f"{schedule} is queued as run {made.run_id}",
            f"{schedule} 已排队，运行编号 {made.run_id}",
        )
        return 0
    if made.state == "waiting":
        say(
            f"{schedule} begins when a scheduler has read what its screens say",
            f"调度器读取所需界面后，{schedule} 将开始运行",
        )
        return 0
    say(
        f"{schedule} cannot run: {made.code}; why: clerkwork schedule list",
        f"{schedule} 无法运行：{made.code}；原因见：clerkwork schedule list",
    )
    return 1


@app.command()
def pause(schedule: str = _NAME, why: str = WHY) -> None:
    """Skip its due times until it is resumed / 暂停：到期不运行，直至恢复。"""
    from clerkwork.schedule.orders import pause as pause_it

    with open_office(load()) as office:
        book, planned, person = _hand_on(office, schedule)
        pause_it(office, planned, book.order, by=person.name, why=why)
    say(f"{schedule} is paused", f"{schedule} 已暂停")


@app.command()
def resume(schedule: str = _NAME, why: str = WHY) -> None:
    """Let it run again / 恢复；暂停期间到期的不补跑。"""
    from clerkwork.schedule.orders import resume as resume_it

    with open_office(load()) as office:
        book, planned, person = _hand_on(office, schedule)
        resume_it(office, planned, book.order, by=person.name, why=why)
    say(f"{schedule} runs again", f"{schedule} 已恢复")


@app.command()
def skip(schedule: str = _NAME, why: str = WHY) -> None:
    """Skip its next due time, once / 跳过下一次，仅一次。"""
    from clerkwork.cli.show_tables import local
    from clerkwork.schedule.orders import skip as skip_it

    with open_office(load()) as office:
        book, planned, person = _hand_on(office, schedule)
        due = skip_it(office, planned, book.order, by=person.name, why=why)
    at = f"{local(due, planned.zone)[:16]} ({planned.zone})"
    say(f"{schedule} is skipped at {at}", f"{schedule} 将跳过 {at}")


@app.command("sign")
def sign_call(
    schedule: str = _NAME,
    why: str = WHY,
    values: list[str] = typer.Option(
        None, "--param", metavar="NAME=VALUE", help="What the call says; repeat / 调用参数，可重复"
    ),
    to: str = typer.Option(
        "http://127.0.0.1:8750", metavar="URL", help="Where calls are taken / 接收调用的地址"
    ),
    nonce: str = typer.Option("", help="Of an earlier call, to repeat it / 重复先前调用的 nonce"),
    as_json: bool = _JSON,
) -> None:
    """Make a signed call of it, to be sent within five minutes / 签发一次调用，五分钟内有效。"""
    from clerkwork.cli.signed_call import call_as_json, check_address, curl_line, read_values
    from clerkwork.schedule.signing import make_call
    from clerkwork.schedule.tokens import SKEW_S

    said = read_values(values or [])
    check_address(to)
    with open_office(load()) as office:
        _, planned, person = _hand_on(office, schedule)
        at, by = office.clock(), person.name
        call = make_call(office, planned, said, at=at, by=by, nonce=nonce)
        about = {"schedule": schedule, "nonce": call.nonce, "by": by, "why": why}
        office.audit.record("schedule.call_signed", **about)
    typer.echo(call_as_json(call, to) if as_json else curl_line(call, to))
    note(
        f"good for {SKEW_S} s; sent again, it is the same run (--nonce {call.nonce})",
        f"{SKEW_S} 秒内有效；重复发送仍为同一次运行（--nonce {call.nonce}）",
    )


@app.command()
def year(
    year_shown: int = typer.Option(
        ..., "--year", min=_YEARS[0], max=_YEARS[1], help="The year / 年份"
    ),
    out: Path = typer.Option(None, help="The page; default schedule-YEAR.html / 输出文件"),
) -> None:
    """The year as a page that prints: days off, named days, what is due / 全年日历页（可打印）。"""
    from clerkwork.schedule.year import year_page

    path = out or Path(f"schedule-{year_shown}.html")
    check_outputs({"--out": path}, ())
    workspace = load()
    with open_office(workspace) as office:
        book = _book(office)
        page = year_page(list(book.planned.values()), year_shown, language=language())
    with replacing(path) as beside:
        beside.write_text(page, encoding="utf-8")
    say(f"the year {year_shown}: {path}", f"{year_shown} 年：{path}")


@app.command()
def heartbeat(
    max_age: int = typer.Option(
        60, min=1, metavar="S", help="Older is dead, in seconds / 超过该秒数视为停止"
    ),
) -> int:
    """Whether the scheduler lives, for a health check: exit code 0 or 1 / 调度器是否存活。"""
    from clerkwork.run.office import utc_now
    from clerkwork.schedule.heartbeat import last_beat

    beat = last_beat(load().home)
    if beat is None:
        say("no scheduler has ever been at work here", "此处从未运行过调度器")
        return 1
    age = int(beat.age_s(utc_now()))
    lives = age <= max_age
    en, zh = ("alive", "存活") if lives else ("no sign of life", "无心跳")
    say(f"{en}: scheduler {beat.pid}, {age} s ago", f"{zh}：调度器 {beat.pid}，{age} 秒前")
    return 0 if lives else 1


def _book(office: Office) -> Any:
    from clerkwork.schedule.book import Book

    book = Book(office)
    book.is_new()
    return book


def _hand_on(office: Office, schedule: str) -> tuple[Any, Any, Person]:
    """The book, the schedule, and the signed-in person, who may change it."""
    signed_in(office, "schedule")  # before it is said whether there is such a schedule
    book = _book(office)
    planned = _find(book, schedule)
    return book, planned, signed_in(office, "schedule", bot=planned.plan.bot)


def _find(book: Any, name: str) -> Any:
    """The schedule; raises what is wrong with it, or SCHEDULE_UNKNOWN."""
    from clerkwork.schedule.orders import find

    if name in book.wrong:
        raise book.wrong[name]
    return find(book.planned, name)


def _chosen(book: Any, names: list[str]) -> list[Any]:
    return [_find(book, name) for name in names] or list(book.planned.values())


def _day(given: str) -> date:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = date.min
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        first, last = _YEARS
        said = text(
            f"“{given}” is not a day from {first} to {last}, such as 2026-10-01",
            f"“{given}”不是 {first} 至 {last} 年的日期；例如 2026-10-01",
        )
        raise typer.BadParameter(said, param_hint="--from")
    return day
