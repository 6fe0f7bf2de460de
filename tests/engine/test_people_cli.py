"""`clerkwork people`: from an empty house to somebody who is signed in."""

from __future__ import annotations

import io
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from clerkwork.audit import open_log, verify
from clerkwork.cli import run
from clerkwork.people.second_factor import set_second_factor
from clerkwork.store import open_store

PASSWORD = "canary-horse-staple"


class CommandLine:
    """The command line of one workspace."""

    def __init__(self, home: Path, capsys, monkeypatch):
        self.home = home
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        """Exit code, output and messages of one command."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(["people", *arguments])
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def add(self, name: str, *roles: str, password: str = PASSWORD) -> tuple[int, str, str]:
        """`people add`."""
        options = [option for role in roles for option in ("--role", role)]
        return self("add", name, *options, "--password-stdin", stdin=f"{password}\n")

    def sign_in(self, name: str, password: str = PASSWORD) -> tuple[int, str, str]:
        """`people sign-in`."""
        return self("sign-in", name, "--password-stdin", stdin=f"{password}\n")


@pytest.fixture
def people(tmp_path, capsys, monkeypatch) -> CommandLine:
    """A new workspace, and nobody in it."""
    (tmp_path / "pyproject.toml").write_text("[tool.clerkwork]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLERKWORK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    for variable in ("CLERKWORK_TOKEN", "CLERKWORK_TOKEN_FILE", "CLERKWORK_DATABASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    return CommandLine(tmp_path / "home", capsys, monkeypatch)


def test_from_nobody_to_a_signed_in_checker(people, monkeypatch):
    """The whole way, and every change is in the audit log, which holds."""
    assert people("list")[1].startswith("nobody yet; add the first")
    assert people.add("li.na", "maker")[0] == 1  # the first one administers
    assert people.add("admin", "administrator")[0] == 0
    assert people.add("li.na", "maker")[2].startswith("NOT_SIGNED_IN")
    assert people.sign_in("admin")[0] == 0
    assert people.add("zhang.wei", "checker", "auditor")[0] == 0
    assert people("whoami")[1] == "admin: administrator\n"
    token = people("token", "zhang.wei")[1].strip()
    assert people.sign_in("zhang.wei")[0] == 0
    assert people("whoami")[1] == "zhang.wei: checker, auditor\n"
    assert people("sign-out")[1] == "zhang.wei is signed out\n"
    assert people("whoami")[0] == 1
    monkeypatch.setenv("CLERKWORK_TOKEN", token)
    assert people("whoami")[1] == "zhang.wei: checker, auditor\n"

    with closing(open_log(people.home)) as log:
        assert [event.name for _, event in log.read()] == [
            "person.added",
            "person.signed_in",
            "person.added",
            "person.token_issued",
            "person.signed_in",
            "person.signed_out",  # the administrator, for zhang.wei is here now
            "person.signed_out",
        ]
    assert verify(people.home).holds


def test_only_an_administrator_manages_people(people):
    """A maker may see who is here, and have a token of their own."""
    people.add("admin", "administrator")
    people.sign_in("admin")
    people.add("li.na", "maker")
    people.sign_in("li.na")

    assert people.add("bo.li", "checker")[2].startswith("NOT_ALLOWED: li.na may not do this")
    assert people("disable", "admin")[0] == 1
    assert people("token", "admin")[0] == 1
    assert people("token", "li.na")[1].startswith("cw_")
    assert [person["name"] for person in json.loads(people("list", "--json")[1])] == [
        "admin",
        "li.na",
    ]


def test_a_disabled_person_is_out(people, monkeypatch):
    """Their session ends with it."""
    people.add("admin", "administrator")
    people.sign_in("admin")
    people.add("li.na", "maker")
    token = people("token", "li.na")[1].strip()
    assert people("disable", "li.na")[0] == 0
    assert "disabled" in people("list")[1]

    assert people.sign_in("li.na")[2].startswith("SIGN_IN_REFUSED")
    monkeypatch.setenv("CLERKWORK_TOKEN", token)
    assert people("whoami")[2].startswith("TOKEN_REFUSED")


def test_the_session_is_its_owners_alone_and_replaced_by_the_next(people):
    """0600, and the token of who was signed in before is void."""
    people.add("admin", "administrator")
    people.sign_in("admin")
    session = people.home / "session"
    before = session.read_text(encoding="ascii")
    people.sign_in("admin")

    assert session.stat().st_mode & 0o777 == 0o600
    session.write_text(before, encoding="ascii")
    assert people("whoami")[2].startswith("TOKEN_REFUSED")
    assert people("sign-out")[0] == 0
    assert people("sign-out")[1] == "nobody was signed in\n"


def test_no_secret_stands_in_any_file(people):
    """A search of the whole home for password and tokens; the session's own file has its token."""
    people.add("admin", "administrator")
    people.sign_in("admin", "wrong-" + PASSWORD)
    people.sign_in("admin")
    token = people("token", "admin")[1].strip()
    session = people.home / "session"
    canaries = [PASSWORD.encode(), token.encode(), session.read_bytes()]
    files = [path for path in people.home.rglob("*") if path.is_file() and path != session]

    assert len(files) >= 3  # store, audit log, key
    assert [path for path in files if any(c in path.read_bytes() for c in canaries)] == []


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (["add"], 2),
        (["add", "li.na"], 2),
        (["add", "li.na", "--role", "maker"], 2),  # no terminal, and no --password-stdin
        (["add", "li.na", "--role", "clerk", "--password-stdin"], 1),
        (["sign-in", "nobody", "--password-stdin"], 1),
        (["token", "nobody"], 1),
        (["disable", "nobody"], 1),
        (["whoami", "x"], 2),
        (["sack", "li.na"], 2),
    ],
)
def test_wrong_calls_are_one_line(people, arguments, exit_code):
    """No traceback, and a remedy."""
    code, out, err = people(*arguments, stdin=f"{PASSWORD}\n")

    assert (code, out, err.count("\n")) == (exit_code, "", 1)


def test_the_same_in_chinese(people, monkeypatch):
    """Every line."""
    monkeypatch.setenv("CLERKWORK_LANG", "zh")

    assert people("list")[1].startswith("尚无人员")
    assert people.add("admin", "administrator")[1] == "admin 已添加，角色：administrator\n"
    assert people("whoami")[2].startswith("NOT_SIGNED_IN: 尚未登录")
    assert "已登录" in people.sign_in("admin")[1]
    assert people("sign-out")[1] == "admin 已退出\n"


def test_who_uses_one_time_codes_needs_one_here_too(people):
    """Else the command line were a way round them; an administrator takes them away."""
    people.add("admin", "administrator")
    people.sign_in("admin")
    people.add("li.na", "maker")
    secret, now = pyotp.random_base32(), datetime.now(UTC)
    codes = pyotp.TOTP(secret)
    with closing(open_store(people.home)) as store, closing(open_log(people.home)) as log:
        first = codes.at(now)
        set_second_factor(store, "li.na", secret, first, record=log.record, now=now)

    assert people.sign_in("li.na")[2].startswith("SIGN_IN_REFUSED")
    following = codes.at(now + timedelta(seconds=30))
    options = ("sign-in", "li.na", "--password-stdin", "--code", following)
    assert people(*options, stdin=f"{PASSWORD}\n")[0] == 0
    assert people("remove-codes", "li.na")[2].startswith("NOT_ALLOWED")
    people.sign_in("admin")
    assert people("remove-codes", "nobody")[2].startswith("PERSON_UNKNOWN")
    assert people("remove-codes", "li.na")[0] == 0
    assert people.sign_in("li.na")[0] == 0


def test_roles_are_changed_by_another_administrator_and_what_is_not_given_stays(people):
    """And who was disabled may be enabled again."""
    people.add("admin", "administrator")
    people.sign_in("admin")
    people.add("li.na", "maker")

    assert people("change", "li.na", "--role", "checker")[1] == "li.na may work as checker at *\n"
    assert people("change", "li.na", "--desk", "cash")[1] == "li.na may work as checker at cash\n"
    assert people("change", "admin", "--role", "checker")[2].startswith("OWN_ROLES")
    assert people("change", "nobody", "--role", "checker")[2].startswith("PERSON_UNKNOWN")
    assert people("disable", "li.na")[0] == 0
    assert people("enable", "li.na")[1] == "li.na may work again\n"
    assert people.sign_in("li.na")[0] == 0
    assert people("enable", "admin")[2].startswith("NOT_ALLOWED")
