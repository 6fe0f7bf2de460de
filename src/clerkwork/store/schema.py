"""Make the tables, or bring them up to date: Alembic, run once per new revision."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy as sa

from clerkwork.errors import Misconfigured

HEAD = "0008"  # the newest revision in migrations/versions
VERSION_TABLE = "cw_schema"
FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x436C65726B  # "Clerk": PostgreSQL's advisory lock, held by whoever migrates


def prepare(engine: sa.Engine, begin: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
    """
    Bring the database behind `engine` to `HEAD`, in one transaction of `begin`.

    Several processes may try at once: one does it. Raises Misconfigured STORE_IS_NEWER.
    """
    with engine.connect() as conn:
        if revision(conn) == HEAD:
            return
    with begin() as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        _migrate(conn)


def revision(conn: sa.Connection) -> str:
    """The revision of the database, "" for a new one."""
    if not sa.inspect(conn).has_table(VERSION_TABLE):
        return ""
    return str(conn.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() or "")


def _migrate(conn: sa.Connection) -> None:
    from alembic.command import upgrade
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = conn
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = revision(conn)
    if current and current not in known:
        raise Misconfigured("STORE_IS_NEWER", revision=current)
    upgrade(config, "head")
