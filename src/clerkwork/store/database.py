"""Open the store: HOME/store.db, or PostgreSQL where CLERKWORK_DATABASE_URL says so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.store.private import home_key, make_private
from clerkwork.store.schema import prepare
from clerkwork.store.sealing import seal_with
from clerkwork.store.sqlite import connect

URL_VARIABLE = "CLERKWORK_DATABASE_URL"


@dataclass(frozen=True)
class Store:
    """An open store. DBOS works on the same `engine`; `url` may hold a password."""

    engine: sa.Engine
    url: str = field(repr=False)

    def connect(self) -> AbstractContextManager[sa.Connection]:
        """A connection to read with; what is not committed is undone."""
        return self.engine.connect()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """
        A transaction to write in: what it reads stays so until it commits.

        On SQLite it is the only writer from its start; on PostgreSQL, rows that a
        decision rests on are read with FOR UPDATE.
        """
        with self.engine.begin() as conn:
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN IMMEDIATE")
            yield conn

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_store(place: Path | str) -> Store:
    """
    The store of the home folder `place`, or at the URL `place`; its tables are made or
    brought up to date. A home has the key for what is sealed in it.

    Raises Misconfigured STORE_URL_WRONG, STORE_IS_NEWER, HOME_NOT_WRITABLE, Unavailable
    STORE_NOT_REACHED.
    """
    engine = _engine(place if isinstance(place, str) else _url_for(place))
    store = Store(engine, engine.url.render_as_string(hide_password=False))
    if isinstance(place, Path):
        seal_with(engine, home_key(place, "store"))
    try:
        prepare(engine, store.begin)
    except sa.exc.DBAPIError as refused:
        store.close()
        where = engine.url.render_as_string(hide_password=True)
        detail = str(refused.orig).strip().splitlines()[0]
        raise Unavailable("STORE_NOT_REACHED", store=where, detail=detail) from None
    except BaseException:
        store.close()
        raise
    return store


def _url_for(home: Path) -> str:
    if os.environ.get(URL_VARIABLE):
        return os.environ[URL_VARIABLE]
    make_private(home)
    return sa.URL.create("sqlite", database=str(home.resolve() / "store.db")).render_as_string()


def _engine(text: str) -> sa.Engine:
    try:
        url = sa.make_url(text)
        if url.drivername in ("postgres", "postgresql"):
            url = url.set(drivername="postgresql+psycopg")
        if url.drivername == "postgresql+psycopg":
            return sa.create_engine(url, pool_pre_ping=True)
        if url.drivername == "sqlite" and url.database:
            path = Path(url.database)
            return sa.create_engine(url, creator=lambda: connect(path, isolation_level="IMMEDIATE"))
    except sa.exc.ArgumentError:
        pass  # not a URL: said below, without the text, which may hold a password
    raise Misconfigured("STORE_URL_WRONG", variable=URL_VARIABLE)
