"""`clerkwork people`: who works here, in which roles, and signing in."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import typer

from clerkwork.audit import AuditLog, open_log
from clerkwork.cli.show_tables import print_table
from clerkwork.cli.speak import language, say, text
from clerkwork.errors import Refused
from clerkwork.people import (
    Authoriser,
    Person,
    add_person,
    change_person,
    current_person,
    disable_person,
    enable_person,
    find_person,
    issue_token,
    list_people,
    revoke_token,
    session_file,
    sign_in,
)
from clerkwork.people.authoriser import is_able
from clerkwork.people.second_factor import remove_second_factor
from clerkwork.people.signing_in import SESSION_LASTS
from clerkwork.people.tokens import DAYS, list_tokens, make_token, revoke_by_id
from clerkwork.store import Store, open_store
from clerkwork.workspace import Workspace, load

app = typer.Typer(no_args_is_help=True, add_completion=False)

NAME = typer.Argument(help="What the person signs in with / 登录代号")
PASSWORD_STDIN = typer.Option(False, help="Read the password from standard input / 从标准输入读取")


@dataclass(frozen=True)
class _Register:
    """The register of this workspace, and its audit log."""

    workspace: Workspace
    store: Store
    log: AuditLog

    def here(self, action: str) -> Person:
        """Who is signed in, and may do `action`."""
        person = current_person(self.store, self.workspace.home)
        Authoriser(self.store).may(person, action)
        return person

    def of(self, name: str) -> Person:
        """Who is signed in, and may look after what is `name`'s: themselves, or somebody else."""
        person = current_person(self.store, self.workspace.home)
        is_own = name in ("", person.name)
        Authoriser(self.store).may(person, "see" if is_own else "manage_people")
        return person


@contextmanager
def _register() -> Iterator[_Register]:
    workspace = load()
    store = open_store(workspace.home)
    try:
        log = open_log(workspace.home)
        try:
            yield _Register(workspace, store, log)
        finally:
            log.close()
    finally:
        store.close()


@app.command()
def add(
    name: str = NAME,
    role: list[str] = typer.Option(..., help="maker, checker, ...; may be repeated / 角色"),
    desk: list[str] = typer.Option(
        ["*"], help="Owners of the bots they work with; * is all / 所属部门，* 为全部"
    ),
    en: str = typer.Option("", help="How they are called in English / 英文姓名"),
    zh: str = typer.Option("", help="How they are called in Chinese / 中文姓名"),
    password_stdin: bool = PASSWORD_STDIN,
) -> None:
    """Add a person; the first one is an administrator / 添加人员，首位须为管理员。"""
    with _register() as register:
        by = register.here("manage_people").name if list_people(register.store) else ""
        add_person(
            register.store,
            name,
            en or zh or name,
            zh or en or name,
            role,
            _password(password_stdin, confirm=True),
            by=by,
            desks=desk,
            record=register.log.record,
        )
    say(f"{name} may work as {', '.join(role)}", f"{name} 已添加，角色：{', '.join(role)}")


@app.command("list")
def list_all(
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> None:
    """List people and their roles / 列出人员及角色。"""
    with _register() as register:
        people = list_people(register.store)
        if people:
            register.here("see")
    if as_json:
        typer.echo(json.dumps([asdict(person) for person in people], ensure_ascii=False))
    elif not people:
        say(
            "nobody yet; add the first: clerkwork people add NAME --role administrator",
            "尚无人员；请添加首位：clerkwork people add 登录代号 --role administrator",
        )
    else:
        columns = [text("Name", "登录代号"), text("Person", "姓名"), text("Roles", "角色"), ""]
        print_table(columns, [_row(person) for person in people])


def _row(person: Person) -> tuple[str, ...]:
    called = person.zh if language() == "zh" else person.en
    closed = text("disabled", "已停用") if person.disabled else ""
    return (person.name, called, ", ".join(person.roles), closed)


@app.command()
def disable(name: str = NAME) -> None:
    """Let a person do nothing any more; their tokens are void / 停用人员，其令牌作废。"""
    with _register() as register:
        by = register.here("manage_people").name
        disable_person(register.store, name, by=by, record=register.log.record)
    say(f"{name} is disabled", f"{name} 已停用")


@app.command()
def enable(name: str = NAME) -> None:
    """Let a disabled person work again, with the password they had / 重新启用人员。"""
    with _register() as register:
        by = register.here("manage_people").name
        enable_person(register.store, name, by=by, record=register.log.record)
    say(f"{name} may work again", f"{name} 已重新启用")


@app.command()
def change(
    name: str = NAME,
    role: list[str] = typer.Option([], help="All roles they have from now on / 今后的全部角色"),
    desk: list[str] = typer.Option([], help="All desks they work at; * is every / 今后的全部部门"),
) -> None:
    """Change roles and desks of a person; what is not given stays / 更改人员的角色和部门。"""
    with _register() as register:
        by = register.here("manage_people").name
        known = find_person(register.store, name)
        if known is None:
            raise Refused("PERSON_UNKNOWN", name=name)
        person = change_person(
            register.store,
            name,
            roles=role or known.roles,
            desks=desk or known.desks,
            by=by,
            record=register.log.record,
        )
    roles, desks = ", ".join(person.roles), ", ".join(person.desks)
    say(f"{name} may work as {roles} at {desks}", f"{name} 的角色：{roles}；部门：{desks}")


@app.command("remove-codes")
def remove_codes(name: str = NAME) -> None:
    """Ask a person for one-time codes no more: the phone is lost / 停用人员的动态口令。"""
    with _register() as register:
        by = register.here("manage_people").name
        remove_second_factor(register.store, name, by=by, record=register.log.record)
    say(f"{name} needs no one-time codes any more", f"{name} 已停用动态口令")


@app.command("sign-in")
def sign_in_here(
    name: str = NAME,
    password_stdin: bool = PASSWORD_STDIN,
    code: str = typer.Option("", help="One-time code, for who uses them / 动态口令"),
) -> None:
    """Sign in on this machine / 登录本机。"""
    with _register() as register:
        if register.workspace.oidc is not None and register.workspace.oidc.only:
            raise Refused("SIGN_IN_BY_PROVIDER")
        password = _password(password_stdin)
        person = sign_in(register.store, name, password, code=code, record=register.log.record)
        token = issue_token(
            register.store,
            name,
            by=name,
            record=register.log.record,
            lasts=SESSION_LASTS,
            purpose="session",
        )
        _end_session(register)
        file = session_file(register.workspace.home)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as session:
            session.write(token)
        until = (datetime.now(UTC) + SESSION_LASTS).astimezone(register.workspace.zone)
    roles = ", ".join(person.roles)
    say(
        f"{name} ({roles}) is signed in until {until:%Y-%m-%d %H:%M}",
        f"{name}（{roles}）已登录，有效期至 {until:%Y-%m-%d %H:%M}",
    )


@app.command("sign-out")
def sign_out() -> None:
    """Sign out on this machine / 退出登录。"""
    with _register() as register:
        name = _end_session(register)
    if name:
        say(f"{name} is signed out", f"{name} 已退出")
    else:
        say("nobody was signed in", "没有人登录")


def _end_session(register: _Register) -> str:
    """Void the session of who was signed in here; their name, or ""."""
    file = session_file(register.workspace.home)
    if not file.exists():
        return ""
    name = revoke_token(
        register.store, file.read_text(encoding="ascii"), record=register.log.record
    )
    file.unlink()
    return name


@app.command()
def token(
    name: str = NAME,
    label: str = typer.Option("", help="What it is called where tokens are listed / 令牌名称"),
    role: list[str] = typer.Option(
        [], help="Narrow it to this role; may be repeated / 仅限此角色，可重复"
    ),
    days: int = typer.Option(DAYS, help="How long it is good / 有效天数"),
) -> None:
    """Print a new token, once; for yourself, or as an administrator / 签发令牌，仅显示一次。"""
    with _register() as register:
        made = make_token(
            register.store,
            name,
            person=register.of(name),
            label=label,
            roles=role,
            days=days,
            record=register.log.record,
            now=datetime.now(UTC),
        )
    typer.echo(made)


@app.command()
def tokens(
    name: str = typer.Argument("", help="Whose; your own without / 登录代号，默认为本人"),
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> None:
    """List the tokens that are good, with their last use / 列出有效令牌及最近使用时间。"""
    with _register() as register:
        owner = name or register.of(name).name
        register.of(owner)
        found = list_tokens(register.store, owner, now=datetime.now(UTC))
        zone = register.workspace.zone
    if as_json:
        rows = [asdict(one) for one in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, default=datetime.isoformat))
        return
    columns = [
        "", text("Name", "名称"), text("Roles", "角色"), text("Last use", "最近使用"),
        text("Good until", "有效期至"),
    ]  # fmt: skip

    def local(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else "-"

    print_table(
        columns,
        [
            (one.id, one.label, ", ".join(one.roles) or text("all", "全部"), local(one.used_at),
             local(one.expires_at))
            for one in found
        ],
    )  # fmt: skip


@app.command("revoke-token")
def revoke(
    token_id: str = typer.Argument(help="As `people tokens` names it / 令牌编号"),
) -> None:
    """Make a token void; your own, or as an administrator anybody's / 作废令牌。"""
    with _register() as register:
        person = current_person(register.store, register.workspace.home)
        able = is_able(person, "manage_people")
        gone = revoke_by_id(
            register.store,
            token_id,
            owner="" if able else person.name,
            by=person.name,
            record=register.log.record,
            now=datetime.now(UTC),
        )
    say(f"token {gone.id} of {gone.person} is void", f"{gone.person} 的令牌 {gone.id} 已作废")


@app.command()
def whoami() -> None:
    """Who is signed in / 当前登录人员。"""
    with _register() as register:
        person = current_person(register.store, register.workspace.home)
    typer.echo(f"{person.name}: {', '.join(person.roles)}")


def _password(from_stdin: bool, *, confirm: bool = False) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        missing = text("no terminal to ask at; add it", "没有终端可供输入；请加上")
        raise typer.BadParameter(missing, param_hint="--password-stdin")
    prompt = text("Password", "密码")
    typed: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm)
    return typed
