"""A PostgreSQL of the tests' own, and a fresh database in it for each test that asks."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from clerkwork.errors import Unavailable
from clerkwork.run import engine
from clerkwork.store import open_store

_TEMPLATE = "prepared"
_numbers = count(1)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A server, reached by a socket; its URL. The test is skipped where there is no initdb."""
    programs = shutil.which("initdb") or next(
        (str(path) for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), ""
    )
    is_root = os.geteuid() == 0
    if not programs or (is_root and "postgres" not in {user.pw_name for user in pwd.getpwall()}):
        pytest.skip("PostgreSQL's initdb is not on this machine")
    folder = Path(tempfile.mkdtemp(prefix="cw-postgres-"))
    as_user = {"user": "postgres"} if is_root else {}
    if is_root:
        shutil.chown(folder, "postgres")
    initdb, data = Path(programs), folder / "data"
    quiet = {"check": True, "cwd": folder, "stdout": subprocess.DEVNULL, **as_user}
    subprocess.run([initdb, "-N", "-A", "trust", "-U", "postgres", "-D", data], **quiet)
    server = subprocess.Popen(
        [
            initdb.with_name("postgres"), "-D", data, "-k", folder, "-c", "listen_addresses=",
            "-c", "fsync=off",  # clients are killed, the server is not
        ],
        stderr=subprocess.DEVNULL,
        cwd=folder,
        **as_user,
    )  # fmt: skip
    try:
        url = f"postgresql://postgres@/postgres?host={folder}"
        _wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A database of that server in which everything is made and nothing stands; its URL."""
    name = f"fresh_{next(_numbers)}"
    with _master(server) as conn:
        known = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
        if conn.execute(known, {"name": _TEMPLATE}).first() is None:
            conn.exec_driver_sql(f"CREATE DATABASE {_TEMPLATE}")
            _prepare(_url(server, _TEMPLATE))
        conn.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    try:
        yield _url(server, name)
    finally:
        with _master(server) as conn:
            conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _prepare(url: str) -> None:
    store = open_store(url)
    engine.prepare(store.url, store.engine)
    store.close()


def _url(server: str, database: str) -> str:
    return server.replace("/postgres?", f"/{database}?")


@contextmanager
def _master(server: str) -> Iterator[sa.Connection]:
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    master = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with master.connect() as conn:
            yield conn
    finally:
        master.dispose()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        assert server.poll() is None, "PostgreSQL did not start"
        try:
            open_store(url).close()
        except Unavailable:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL does not answer")
