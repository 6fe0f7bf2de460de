"""People: registering, proving who one is, and what each may do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from clerkwork.errors import Failure, Misconfigured, Refused
from clerkwork.people import (
    ACTIONS,
    ROLES,
    Authoriser,
    Person,
    add_person,
    change_person,
    current_person,
    disable_person,
    display_name,
    enable_person,
    find_person,
    issue_token,
    list_people,
    revoke_token,
    session_file,
    sign_in,
    token_owner,
)
from clerkwork.people.signing_in import FAILURES, LOCKED, TOKEN_LASTS
from clerkwork.store import Store, open_store
from clerkwork.store.tables import decisions, items, people, runs

NOW = datetime(2026, 6, 12, 1, 30, tzinfo=UTC)
PASSWORD = "canary-horse-staple"


@dataclass
class House:
    """A store with an administrator, and what was recorded."""

    home: Path
    store: Store
    recorded: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def record(self, name: str, **fields: object) -> None:
        """An audit event."""
        self.recorded.append((name, fields))

    def add(self, name: str, *roles: str, by: str = "admin") -> Person:
        """A person with those roles, whose password is `PASSWORD`."""
        return add_person(self.store, name, name, name, roles, PASSWORD, by=by, record=self.record)

    def sign_in(self, name: str, password: str = PASSWORD, at: datetime = NOW) -> Person:
        """A sign-in at a given moment."""
        return sign_in(self.store, name, password, record=self.record, now=at)

    def token(self, name: str, **options: object) -> str:
        """A token of that person."""
        return issue_token(self.store, name, by=name, record=self.record, now=NOW, **options)


@pytest.fixture(scope="module")
def first_day(tmp_path_factory) -> Path:
    """A home with its first administrator: argon2 takes its time, so it is made once."""
    home = tmp_path_factory.mktemp("first-day")
    store = open_store(home)
    House(home, store).add("admin", "administrator", by="")
    store.close()
    return home


@pytest.fixture
def house(first_day, tmp_path) -> Iterator[House]:
    """A house with its first administrator."""
    home = tmp_path / "home"
    shutil.copytree(first_day, home)
    store = open_store(home)
    yield House(home, store)
    store.close()


def code_of(call: object, *arguments: object, **options: object) -> str:
    """The code with which the call is refused."""
    with pytest.raises(Failure) as refused:
        call(*arguments, **options)
    return refused.value.code


def test_the_first_person_administers_and_needs_nobodys_word(tmp_path):
    """While there is nobody; a clerk cannot be the first."""
    store = open_store(tmp_path)
    house = House(tmp_path, store)

    assert code_of(house.add, "li.na", "maker", by="") == "FIRST_ADMINISTERS"
    assert house.add("admin", "administrator", by="").roles == ("administrator",)
    assert code_of(house.add, "root", "administrator", by="") == "NOT_SIGNED_IN"
    assert [person.name for person in list_people(store)] == ["admin"]
    store.close()


def test_of_two_first_people_at_once_one_is_refused(tmp_path):
    """Two processes cannot both find the house empty."""
    code = "import sys; from pathlib import Path\n"
    code += "from clerkwork.store import open_store; from clerkwork.people import add_person\n"
    code += "store = open_store(Path(sys.argv[1])); sys.stdin.readline()\n"
    code += "try: add_person(store, sys.argv[2], 'a', 'a', ['administrator'], 'long-enough',"
    code += " by='', record=lambda *a, **k: None); print('added')\n"
    code += "except Exception as e: print(e.code)\n"
    code += "store.close()"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, tmp_path, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    said = sorted(child.communicate("go\n")[0].strip() for child in children)

    assert said == ["NOT_SIGNED_IN", "added"]


@pytest.mark.parametrize(
    ("name", "roles", "password", "code"),
    [
        ("Li Na", ["maker"], PASSWORD, "NAME_WRONG"),
        ("LI.NA", ["maker"], PASSWORD, "NAME_WRONG"),
        ("", ["maker"], PASSWORD, "NAME_WRONG"),
        ("li.na\n", ["maker"], PASSWORD, "NAME_WRONG"),
        ("admin", ["maker"], PASSWORD, "NAME_TAKEN"),
        ("li.na", ["clerk"], PASSWORD, "ROLE_UNKNOWN"),
        ("li.na", ["maker", "root"], PASSWORD, "ROLE_UNKNOWN"),
        ("li.na", [], PASSWORD, "ROLE_UNKNOWN"),
        ("li.na", ["maker"], "1234567", "PASSWORD_TOO_SHORT"),
    ],
)
def test_a_wrong_person_is_not_added(house, name, roles, password, code):
    """Nothing is stored or recorded, and the line has both languages."""
    house.recorded.clear()
    with pytest.raises(Refused) as refused:
        add_person(house.store, name, "x", "x", roles, password, by="admin", record=house.record)

    assert refused.value.code == code
    assert refused.value.message("en") != refused.value.message("zh")
    assert (len(list_people(house.store)), house.recorded) == (1, [])


def test_no_record_no_change(house):
    """When the audit log cannot be written, nobody is added, disabled, or given a token."""

    def no_record(_name: str, **_fields: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        add_person(
            house.store, "li.na", "x", "x", ["maker"], PASSWORD, by="admin", record=no_record
        )
    house.add("second", "administrator")
    with pytest.raises(OSError, match="disk full"):
        disable_person(house.store, "second", by="admin", record=no_record)
    with pytest.raises(OSError, match="disk full"):
        issue_token(house.store, "second", by="admin", record=no_record)

    assert find_person(house.store, "li.na") is None
    assert find_person(house.store, "second") == Person(
        "second", "second", "second", ("administrator",)
    )


def test_people_are_called_by_their_names(house):
    """In the language of the reader; who is not a person keeps the name they have."""
    add_person(
        house.store, "li.na", "Li Na", "李娜", ["maker"], PASSWORD, by="admin", record=house.record
    )

    assert [display_name(house.store, "li.na", language) for language in ("en", "zh")] == [
        "Li Na",
        "李娜",
    ]
    assert display_name(house.store, "policy", "zh") == "policy"


def test_a_password_signs_in_and_is_kept_as_argon2(house):
    """Only the right one, and the store does not have it."""
    assert house.sign_in("admin").name == "admin"
    assert code_of(house.sign_in, "admin", "another-password") == "SIGN_IN_REFUSED"
    assert code_of(house.sign_in, "nobody") == "SIGN_IN_REFUSED"
    with house.store.connect() as conn:
        kept = conn.execute(sa.select(people.c.password)).scalar_one()
    assert kept.startswith("$argon2id$")


def test_five_wrong_passwords_lock_the_sign_in_for_a_while(house):
    """The right password does not open it either, until the time is over."""
    for _ in range(FAILURES):
        assert code_of(house.sign_in, "admin", "wrong-password") == "SIGN_IN_REFUSED"
    just_before = NOW + LOCKED - timedelta(seconds=1)

    assert code_of(house.sign_in, "admin", at=NOW) == "SIGN_IN_REFUSED"
    assert code_of(house.sign_in, "admin", at=just_before) == "SIGN_IN_REFUSED"
    assert house.sign_in("admin", at=NOW + LOCKED).name == "admin"
    reasons = [fields["why"] for name, fields in house.recorded if name.endswith("refused")]
    assert reasons == ["password"] * FAILURES + ["locked"] * 2


def test_after_a_lock_there_are_five_attempts_again(house):
    """And a success forgives earlier failures."""
    for _ in range(FAILURES):
        code_of(house.sign_in, "admin", "wrong-password")
    later = NOW + LOCKED
    for _ in range(FAILURES - 1):
        code_of(house.sign_in, "admin", "wrong-password", at=later)

    assert house.sign_in("admin", at=later).name == "admin"
    for _ in range(FAILURES - 1):
        code_of(house.sign_in, "admin", "wrong-password", at=later)
    assert house.sign_in("admin", at=later).name == "admin"


def test_a_token_is_its_owner_until_it_expires_or_is_revoked(house):
    """The store has its digest only."""
    token = house.token("admin")

    assert token_owner(house.store, token, now=NOW).name == "admin"
    assert code_of(token_owner, house.store, token, now=NOW + TOKEN_LASTS) == "TOKEN_REFUSED"
    assert code_of(token_owner, house.store, token[:-1], now=NOW) == "TOKEN_REFUSED"
    assert revoke_token(house.store, token, record=house.record) == "admin"
    assert code_of(token_owner, house.store, token, now=NOW) == "TOKEN_REFUSED"
    assert token.encode() not in Path(house.store.engine.url.database).read_bytes()


def test_who_is_disabled_is_out_at_once(house):
    """Password, tokens and what they were allowed are void; a token made meanwhile too."""
    ann = house.add("ann", "maker")
    token = house.token("ann")
    Authoriser(house.store).may(ann, "start_run")
    disable_person(house.store, "ann", by="admin", record=house.record)

    assert code_of(house.sign_in, "ann") == "SIGN_IN_REFUSED"
    assert code_of(token_owner, house.store, token, now=NOW) == "TOKEN_REFUSED"
    assert code_of(house.token, "ann") == "PERSON_UNKNOWN"
    assert code_of(Authoriser(house.store).may, ann, "start_run") == "NOT_ALLOWED"
    assert [name for name, _ in house.recorded][-2:] == [
        "person.disabled",
        "person.sign_in_refused",
    ]


def test_the_last_administrator_stays(house):
    """Else nobody could ever add one."""
    house.add("ann", "maker")
    arguments = {"by": "admin", "record": house.record}

    assert code_of(disable_person, house.store, "admin", **arguments) == "LAST_ADMINISTRATOR"
    assert code_of(disable_person, house.store, "nobody", **arguments) == "PERSON_UNKNOWN"
    house.add("second", "administrator")
    disable_person(house.store, "admin", **arguments)
    assert code_of(disable_person, house.store, "second", **arguments) == "LAST_ADMINISTRATOR"


def test_the_person_here_is_told_by_file_variable_or_session(house, tmp_path):
    """In that order; the first one that is given counts, also when it is not good."""
    for name in ("ann", "bob", "cyd", "dan"):
        house.add(name, "maker")
    given = tmp_path / "given.token"
    given.write_text(house.token("ann") + "\n", encoding="ascii")
    named = tmp_path / "named.token"
    named.write_text(house.token("bob"), encoding="ascii")
    session_file(house.home).write_text(house.token("cyd"), encoding="ascii")
    variables = {"CLERKWORK_TOKEN": house.token("dan"), "CLERKWORK_TOKEN_FILE": str(named)}

    def here(**options: object) -> str:
        return current_person(house.store, house.home, now=NOW, **options).name

    assert here(token_file=given, env=variables) == "ann"
    assert here(env=variables) == "dan"
    assert here(env={"CLERKWORK_TOKEN_FILE": str(named)}) == "bob"
    assert here(env={}) == "cyd"
    assert code_of(here, env={"CLERKWORK_TOKEN": "cw_no"}) == "TOKEN_REFUSED"
    session_file(house.home).unlink()
    assert code_of(here, env={}) == "NOT_SIGNED_IN"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_token_file_that_cannot_be_read_is_named(house, tmp_path, content):
    """Missing, or no text."""
    file = tmp_path / "my.token"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(Misconfigured) as refused:
        current_person(house.store, house.home, token_file=file)

    assert str(file) in refused.value.message("en")


MAY = {
    "operator": "start_run rehearse schedule stop_all stop_run practice see acknowledge_alert"
    " test_alert settle see_documents pause_system sign",
    "maker": "start_run rehearse edit_item correct schedule stop_all stop_run practice see"
    " acknowledge_alert settle see_documents pause_system sign",
    "checker": "countersign settle see_documents approve agree_match reject see acknowledge_alert",
    "authoriser": "countersign settle see_documents approve agree_match reject see"
    " acknowledge_alert",
    "manager": "approve agree_match reject schedule stop_all stop_run verify_audit see"
    " acknowledge_alert test_alert settle see_documents pause_system countersign",
    "auditor": "see_documents verify_audit see",
    "developer": "rehearse practice see acknowledge_alert",
    "administrator": "manage_people stop_all pause_system practice verify_audit see"
    " acknowledge_alert test_alert",
}


def test_what_each_role_may_do_is_exactly_this(house):
    """Every role against every action; what is not listed is refused."""
    item = add_item(house.store, started_by="somebody")
    allowed: dict[str, set[str]] = {}
    for role in ROLES:
        person = house.add(f"the-{role}", role)
        allowed[role] = {action for action in ACTIONS if _may(house, person, action, item)}

    assert allowed == {role: set(actions.split()) for role, actions in MAY.items()}


def test_what_is_no_action_nobody_may(house):
    """Default deny, also for who has every role, and for approving nothing in particular."""
    person = house.add("everything", *ROLES)
    authoriser = Authoriser(house.store)

    assert code_of(authoriser.may, person, "delete_everything") == "NOT_ALLOWED"
    assert code_of(authoriser.may, person, "approve") == "NOT_ALLOWED"
    stranger = Person("stranger", "x", "x", ROLES)
    assert code_of(authoriser.may, stranger, "see") == "NOT_ALLOWED"


def test_roles_that_were_taken_away_count_no_more(house):
    """The store is asked, not what the caller remembers."""
    person = house.add("ann", "maker")
    give(house, "ann", "auditor")

    assert code_of(Authoriser(house.store).may, person, "start_run") == "NOT_ALLOWED"


@pytest.mark.parametrize("hand", ["started", "edited", "edited first", "agreed"])
def test_nobody_approves_their_own_work(house, hand):
    """Whoever started the run, edited the item or agreed to it; whatever their roles are."""
    person = house.add("ann", *ROLES)
    item = add_item(
        house.store,
        started_by="ann" if hand == "started" else "somebody",
        edited_by={"edited": ["ann"], "edited first": ["ann", "bob"]}.get(hand, []),
    )
    if hand == "agreed":
        agree(house.store, item, "ann", "checker")
    authoriser = Authoriser(house.store)

    for role in ("checker", "authoriser", "manager"):
        give(house, "ann", "operator", "maker", role)
        assert code_of(authoriser.may, person, "approve", item=item) == "SELF_APPROVAL"
    authoriser.may(house.add("cyd", "checker"), "approve", item=item)


def test_who_started_the_run_at_hand_does_not_approve_an_item_of_an_earlier_one(house):
    """Where the command knows the run, its starter counts too."""
    person = house.add("ann", "checker")
    item = add_item(house.store, started_by="somebody")

    with house.store.connect() as conn:
        run = conn.execute(sa.select(runs)).one()
    Authoriser(house.store).may(person, "approve", run=run, item=item)
    with house.store.begin() as conn:
        conn.execute(sa.update(runs).values(started_by="ann"))
        own = conn.execute(sa.select(runs)).one()
    assert (
        code_of(Authoriser(house.store).may, person, "approve", run=own, item=item)
        == "SELF_APPROVAL"
    )


def test_to_refuse_ones_own_work_is_no_self_approval(house):
    """A checker who agreed, and sees the mistake now, may still stop it."""
    person = house.add("ann", "checker")
    item = add_item(house.store, started_by="somebody")
    agree(house.store, item, "ann", "checker")

    Authoriser(house.store).may(person, "reject", item=item)


def test_a_password_stands_in_no_file(house):
    """Nor does a token, but for the session's own file."""
    house.add("ann", "maker")
    house.sign_in("ann")
    code_of(house.sign_in, "ann", "wrong-" + PASSWORD)
    token = house.token("ann")
    contents = [path.read_bytes() for path in house.home.rglob("*") if path.is_file()]

    assert not any(PASSWORD.encode() in content for content in contents)
    assert not any(token.encode() in content for content in contents)
    assert PASSWORD not in repr(house.recorded) and token not in repr(house.recorded)


def add_item(store: Store, *, started_by: str, edited_by: list[str] | None = None) -> object:
    """An item that waits."""
    with store.begin() as conn:
        conn.execute(
            sa.insert(runs).values(
                id="r.1",
                stem="r",
                sequence=1,
                bot="b",
                params={},
                environment="practice",
                state="done",
                started_by=started_by,
                created_at=NOW,
            )
        )
        conn.execute(
            sa.insert(items).values(
                id="ABCDEFGH",
                environment="practice",
                target="ledger",
                reference="CWABCDEFGH",
                run_id="r.1",
                ordinal=0,
                instruction="{}",
                digest="d",
                state="waiting",
                kind="fee",
                amount_minor=1,
                currency="CNY",
                needs=["checker", "authoriser"],
                edited_by=edited_by or [],
                created_at=NOW,
                updated_at=NOW,
            )
        )
        return conn.execute(sa.select(items)).one()


def give(house: House, name: str, *roles: str) -> None:
    """Those roles and no others."""
    with house.store.begin() as conn:
        given = sa.update(people).where(people.c.name == name).values(roles=list(roles))
        conn.execute(given)


def agree(store: Store, item: object, person: str, role: str) -> None:
    """An agreement to the item as it stands."""
    with store.begin() as conn:
        conn.execute(
            sa.insert(decisions).values(
                item_id=item.id,
                version=item.version,
                person=person,
                role=role,
                decision="agree",
                digest=item.digest,
                why="",
                at=NOW,
            )
        )


def _may(house: House, person: Person, action: str, item: object) -> bool:
    try:
        Authoriser(house.store).may(person, action, item=item)
    except Refused as refused:
        assert refused.code == "NOT_ALLOWED"
        return False
    return True


def test_another_desks_business_is_refused_in_whatever_role(house):
    """A desk is the owner of a bot; "*" is every one, "" is nobody's any more."""
    at_cash = house.add("ann", *ROLES)
    with house.store.begin() as conn:
        conn.execute(sa.update(people).where(people.c.name == "ann").values(desks=["cash"]))
    everywhere = house.add("bob", *ROLES)
    authoriser = Authoriser(house.store)

    authoriser.may(at_cash, "start_run", desk="cash")
    authoriser.may(at_cash, "start_run")
    for desk in ("accounting", "cash.vault", ""):
        assert code_of(authoriser.may, at_cash, "start_run", desk=desk) == "OTHER_DESK"
        authoriser.may(everywhere, "start_run", desk=desk)


def test_roles_and_desks_change_at_once_and_end_where_somebody_is_signed_in(house):
    """A token stays and may what the new roles may; the log has before and after."""
    ann = house.add("ann", "maker")
    token = house.token("ann")
    session = issue_token(
        house.store, "ann", by="ann", record=house.record, purpose="session", now=NOW
    )
    arguments = {"by": "admin", "record": house.record, "now": NOW}
    changed = change_person(
        house.store, "ann", roles=["checker"], desks=["cash"], **arguments
    )  # fmt: skip

    assert (changed.roles, changed.desks) == (("checker",), ("cash",))
    assert code_of(Authoriser(house.store).may, ann, "start_run") == "NOT_ALLOWED"
    assert token_owner(house.store, token, now=NOW).roles == ("checker",)
    assert code_of(token_owner, house.store, session, now=NOW) == "TOKEN_REFUSED"
    assert house.recorded[-1] == (
        "person.changed",
        {
            "person": "ann", "by": "admin", "roles": ["checker"], "desks": ["cash"],
            "roles_before": ["maker"], "desks_before": ["*"],
        },
    )  # fmt: skip


def test_nobody_changes_their_own_roles_and_an_administrator_remains(house):
    """Refused, and nothing is changed."""
    house.add("second", "administrator")
    roles, desks = ["checker"], ["*"]
    arguments = {"roles": roles, "desks": desks, "record": house.record}

    assert code_of(change_person, house.store, "admin", by="admin", **arguments) == "OWN_ROLES"
    change_person(house.store, "admin", by="second", **arguments)
    last = code_of(change_person, house.store, "second", by="admin", **arguments)
    assert last == "LAST_ADMINISTRATOR"
    assert find_person(house.store, "second").roles == ("administrator",)
    house.add("ann", "maker", by="second")
    for wrong, code in (
        ({"roles": ["king"]}, "ROLE_UNKNOWN"),
        ({"roles": []}, "ROLE_UNKNOWN"),
        ({"desks": []}, "DESK_MISSING"),
    ):
        said = code_of(change_person, house.store, "ann", by="second", **(arguments | wrong))
        assert said == code
    disable_person(house.store, "ann", by="second", record=house.record)
    for name in ("ann", "nobody"):
        assert code_of(change_person, house.store, name, by="second", **arguments) == (
            "PERSON_UNKNOWN"
        )


def test_who_was_disabled_may_come_back_with_their_password_alone(house):
    """Tokens of before stay void."""
    house.add("ann", "maker")
    token = house.token("ann")
    disable_person(house.store, "ann", by="admin", record=house.record)
    enable_person(house.store, "ann", by="admin", record=house.record)

    assert house.sign_in("ann").roles == ("maker",)
    assert code_of(token_owner, house.store, token, now=NOW) == "TOKEN_REFUSED"
    arguments = {"by": "admin", "record": house.record}
    assert code_of(enable_person, house.store, "ann", **arguments) == "PERSON_UNKNOWN"
