"""The store: tables on both databases, items and their states."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from clerkwork.errors import Misconfigured, Refused, Unavailable
from clerkwork.facts import Instruction, digest
from clerkwork.store import Store, open_store
from clerkwork.store.items import edit, free_id, move
from clerkwork.store.schema import FOLDER, HEAD, VERSION_TABLE
from clerkwork.store.tables import item_states, items, metadata, runs

NOW = datetime(2026, 6, 12, 1, 30, tzinfo=UTC)
INSTRUCTION = Instruction(
    target="ledger",
    form="voucher",
    purpose="fee",
    kind="fee",
    reference="CWABCDEFGH234567",
    fields={"amount": "12.50", "narrative": "SERVICE CHARGE"},
    sources=("e1",),
    amount=Decimal("12.50"),
    currency="CNY",
    takes={},
)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    """A new store on SQLite."""
    opened = open_store(tmp_path / "home")
    yield opened
    opened.close()


def add_item(store: Store, item_id: str = "ABCDEFGH", state: str = "new", **values: Any) -> str:
    """An item in `state`, of a run that li.na started."""
    with store.begin() as conn:
        if not conn.execute(sa.select(runs.c.id)).first():
            conn.execute(
                sa.insert(runs).values(
                    id="run.1",
                    stem="run",
                    sequence=1,
                    bot="reconcile_teller",
                    params={"branch": "0755"},
                    environment="practice",
                    state="running",
                    started_by="li.na",
                    created_at=NOW,
                )
            )
        row = {
            "id": item_id,
            "environment": "practice",
            "target": "ledger",
            "reference": f"CW{item_id}",
            "run_id": "run.1",
            "ordinal": 0,
            "instruction": "{}",
            "digest": digest(item_id),
            "state": state,
            "kind": "fee",
            "amount_minor": 1250,
            "currency": "CNY",
            "needs": ["checker"],
            "created_at": NOW,
            "updated_at": NOW,
        }
        conn.execute(sa.insert(items).values(row | values))
    return item_id


def row_of(store: Store, item_id: str) -> Any:
    """The item's row."""
    with store.connect() as conn:
        return conn.execute(sa.select(items).where(items.c.id == item_id)).one()


def test_the_migrations_make_exactly_the_tables_of_the_code(any_store):
    """A table that was changed without a migration is found here, on both databases."""
    with any_store.connect() as conn:
        context = MigrationContext.configure(
            conn, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        found = compare_metadata(context, metadata)

    ours = [change for change in found if "cw_" in repr(change)]
    assert ours == []


def test_the_revision_that_opening_looks_for_is_the_newest():
    """`HEAD` names the last file of migrations/versions."""
    assert ScriptDirectory(FOLDER).get_current_head() == HEAD


def test_opening_again_keeps_what_is_there(tmp_path):
    """A second opening migrates nothing and loses nothing."""
    first = open_store(tmp_path)
    add_item(first)
    first.close()

    again = open_store(tmp_path)

    assert row_of(again, "ABCDEFGH").state == "new"
    again.close()


def test_a_store_of_a_newer_version_is_not_touched(tmp_path):
    """An older Clerkwork does not work on tables it does not know."""
    store = open_store(tmp_path)
    with store.begin() as conn:
        conn.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    store.close()

    with pytest.raises(Misconfigured) as refused:
        open_store(tmp_path)

    assert (refused.value.code, refused.value.facts) == ("STORE_IS_NEWER", {"revision": "9999"})


def test_several_processes_may_open_a_new_store_at_once(tmp_path):
    """One of them makes the tables, none fails."""
    code = "import sys; from pathlib import Path; from clerkwork.store import open_store\n"
    code += "open_store(Path(sys.argv[1])).close()"
    children = [subprocess.Popen([sys.executable, "-c", code, tmp_path / "home"]) for _ in range(4)]

    assert [child.wait(60) for child in children] == [0, 0, 0, 0]


def test_sqlite_loses_nothing_in_a_power_cut_and_lets_readers_read(store):
    """Write-ahead log, and a sync with every commit."""
    with store.connect() as conn:
        modes = [
            conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert modes == ["wal", 2, 1]


def test_the_home_folder_is_its_owners_alone(store, tmp_path):
    """Nobody else may even list it."""
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_a_writer_sees_nothing_change_between_reading_and_writing(store):
    """A transaction is the only writer from its start: a second one waits for it."""
    add_item(store)
    code = "import sys; from pathlib import Path; from clerkwork.store import open_store\n"
    code += "from clerkwork.store.items import move\n"
    code += "store = open_store(Path(sys.argv[1]))\n"
    code += "print('ready', flush=True)\n"
    code += "with store.begin() as conn: move(conn, 'ABCDEFGH', 'waiting', by='b', why='')\n"
    code += "store.close()"
    home = Path(store.engine.url.database).parent
    with store.begin() as conn:
        child = subprocess.Popen([sys.executable, "-c", code, home], stdout=subprocess.PIPE)
        with child:
            child.stdout.readline()
            time.sleep(0.3)
            seen = conn.execute(sa.select(items.c.state)).scalar()
            move(conn, "ABCDEFGH", "waiting", by="a", why="")
            conn.commit()
            child.stdout.read()

    assert (seen, child.returncode) == ("new", 1)  # the second one met the item waiting


def test_times_come_back_aware_and_in_utc(any_store):
    """A time in another zone is the same moment afterwards."""
    shanghai = timezone(timedelta(hours=8))
    add_item(any_store, updated_at=datetime(2026, 6, 12, 9, 30, tzinfo=shanghai))

    assert NOW.isoformat() == row_of(any_store, "ABCDEFGH").updated_at.isoformat()


def test_a_time_without_a_zone_is_not_stored(store):
    """It is a defect of the caller."""
    with pytest.raises(sa.exc.StatementError, match="has no zone"):
        add_item(store, updated_at=datetime(2026, 6, 12))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("not a url with secret-canary", "STORE_URL_WRONG"),
        ("mysql://root:secret-canary@localhost/x", "STORE_URL_WRONG"),
        ("postgresql://root:secret-canary@127.0.0.1:1/x", "STORE_NOT_REACHED"),
    ],
)
def test_a_wrong_database_address_is_one_line_without_the_password(
    url, code, tmp_path, monkeypatch
):
    """The variable is named, its content is not shown."""
    monkeypatch.setenv("CLERKWORK_DATABASE_URL", url)

    with pytest.raises((Misconfigured, Unavailable)) as refused:
        open_store(tmp_path)

    assert code == refused.value.code
    line = refused.value.message("en") + refused.value.message("zh")
    assert "secret-canary" not in line and "\n" not in line


def test_a_broken_store_is_one_line(tmp_path):
    """A file that is no database is not overwritten."""
    (tmp_path / "store.db").write_bytes(b"this is not a database" * 100)

    with pytest.raises(Unavailable) as refused:
        open_store(tmp_path)

    assert refused.value.code == "STORE_NOT_REACHED"


def test_a_home_that_cannot_be_made_is_one_line(tmp_path):
    """The folder stands in the message."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(Misconfigured) as refused:
        open_store(tmp_path / "file" / "home")

    assert refused.value.code == "HOME_NOT_WRITABLE"


def test_a_password_does_not_print_with_the_store(postgres):
    """The URL of a store is not part of what it shows."""
    store = open_store(postgres.replace("postgres@", "postgres:secret-canary@"))

    assert "secret-canary" not in f"{store} {store!r}"
    store.close()


# Design, section 6, and keyed after in_doubt: a look-up may find that the target holds it.
TABLE = {
    "new": {"waiting", "approved", "refused"},
    "waiting": {"approved", "refused", "new"},
    "approved": {"keying", "abandoned"},
    "keying": {"keyed", "confirmed", "in_doubt", "excepted", "approved"},
    "keyed": {"confirmed", "excepted"},
    "in_doubt": {"confirmed", "approved", "excepted", "keyed"},
    "excepted": {"approved", "confirmed", "abandoned", "new"},
    "confirmed": set(),
    "refused": set(),
    "abandoned": set(),
}


def test_every_transition_of_the_design_is_possible_and_no_other(store):
    """All hundred pairs of states."""
    for state in TABLE:
        add_item(store, f"{state.upper():_<8}", state)
    possible = {
        state: {to for to in TABLE if _may_move(store, f"{state.upper():_<8}", to)}
        for state in TABLE
    }

    assert possible == TABLE


def _may_move(store: Store, item_id: str, to: str) -> bool:
    """Whether the item may go to `to`; it stays where it is."""
    with store.connect() as conn:
        try:
            move(conn, item_id, to, by="test", why="")
        except Refused as refused:
            assert refused.code == "ITEM_STATE"
            return False
        finally:
            conn.rollback()
    return True


def test_a_move_is_kept_with_who_when_and_why(any_store):
    """The history of an item is complete."""
    add_item(any_store)
    with any_store.begin() as conn:
        move(conn, "ABCDEFGH", "waiting", by="policy", why="checker", at=NOW)
        move(conn, "ABCDEFGH", "refused", by="zhang.wei", why="wrong account", at=NOW)
    with any_store.connect() as conn:
        kept = [tuple(row) for row in conn.execute(sa.select(item_states))]

    assert kept == [
        ("ABCDEFGH", 2, "new", "waiting", "policy", NOW, "checker"),
        ("ABCDEFGH", 3, "waiting", "refused", "zhang.wei", NOW, "wrong account"),
    ]
    assert row_of(any_store, "ABCDEFGH").version == 3


def test_who_saw_an_older_version_does_not_move_it(store):
    """The version is compared where the caller gives one."""
    add_item(store)
    with store.begin() as conn:
        move(conn, "ABCDEFGH", "waiting", by="a", why="", version=1)
    with pytest.raises(Refused) as refused, store.begin() as conn:
        move(conn, "ABCDEFGH", "refused", by="b", why="", version=1)

    assert (refused.value.code, row_of(store, "ABCDEFGH").state) == ("ITEM_CHANGED", "waiting")


def test_an_edited_item_is_new_and_remembers_everybody_who_edited_it(store):
    """Its digest is that of the new instruction, and every editor stays known."""
    instruction = replace(INSTRUCTION, amount=Decimal("99.00"), fields={"amount": "99.00"})
    add_item(store, state="waiting")
    with store.begin() as conn:
        edit(conn, "ABCDEFGH", instruction, needs=("checker",), by="li.na", why="a typo")
        edit(conn, "ABCDEFGH", instruction, needs=("checker",), by="bo.li", why="another")
    row = row_of(store, "ABCDEFGH")

    assert (row.state, row.amount_minor, row.edited_by) == ("new", 9900, ["bo.li", "li.na"])
    assert instruction.digest == row.digest


@pytest.mark.parametrize("state", sorted(TABLE.keys() - {"new", "waiting", "excepted"}))
def test_an_item_past_approval_is_not_edited(store, state):
    """What was agreed to is what is keyed."""
    add_item(store, state=state)
    with pytest.raises(Refused) as refused, store.begin() as conn:
        edit(conn, "ABCDEFGH", INSTRUCTION, needs=(), by="li.na", why="late")

    assert (refused.value.code, row_of(store, "ABCDEFGH").edited_by) == ("ITEM_STATE", [])


def test_the_same_reference_in_another_environment_has_an_id_of_its_own(store):
    """Ids are the first eight characters of the reference, while these are free."""
    with store.connect() as conn:
        first = free_id(conn, "CWABCDEFGH234567")
    add_item(store, first)
    with store.connect() as conn:
        second = free_id(conn, "CWABCDEFGH234567")

    assert first == "ABCDEFGH"
    assert len(second) == 8 and second != first


def test_one_instruction_is_one_item_in_an_environment(store):
    """The database itself refuses the second one."""
    add_item(store)

    with pytest.raises(sa.exc.IntegrityError):
        add_item(store, "OTHERID2", reference="CWABCDEFGH")
