"""Files that arrive: in a folder, or on a file server from which they are fetched into one."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol, TypeVar

import sqlalchemy as sa

from clerkwork.errors import Refused, Unavailable
from clerkwork.run.office import Office
from clerkwork.schedule.arrivals import (
    Arrival,
    Tell,
    is_alive,
    key_of,
    settle_arrivals,
    settled,
)
from clerkwork.schedule.firings import Prepare, settling
from clerkwork.schedule.manifest import OnFile, Planned
from clerkwork.store.tables import arrivals
from clerkwork.systems.delivery import incoming, safe_name
from clerkwork.systems.files import Folder, Listed
from clerkwork.systems.sftp import FileServer

TRIGGER = "file"
_BATCH = 100  # rows named in one statement

Wants = Callable[[str], Collection[str]]  # digest -> which folders (`into`) lack that content


@dataclass(frozen=True)
class Taken:
    """A file that was read whole: its digest, and by folder name of `into` where it stands."""

    digest: str
    stands: Mapping[str, tuple[Path, str]]  # into -> folder, name there


class Place(Protocol):
    """Where files lie."""

    at_once: int  # files settled in one transaction

    def list(self) -> list[Listed]:
        """The finished files in it."""
        ...

    def take(
        self, listed: Listed, known: str, *, into: Collection[str], wants: Wants
    ) -> Taken | None:
        """
        Read a file whole; None when it is not as it was listed any more.

        `known` is the digest that it was read as before, if it was.
        """
        ...

    def close(self) -> None:
        """Leave it."""
        ...


class LocalPlace:
    """A folder of this machine: its files stay where they are."""

    at_once = 100

    def __init__(self, folder_of: Callable[[], Path]):
        self._folder_of = folder_of
        self._folder = Folder(Path())

    def list(self) -> list[Listed]:
        """See `Place.list`."""
        self._folder = Folder(self._folder_of())
        return self._folder.list()

    def take(
        self, listed: Listed, known: str, *, into: Collection[str], wants: Wants
    ) -> Taken | None:
        """See `Place.take`."""
        digest = known or self._folder.digest(listed)
        return Taken(digest, {"": (self._folder.path, listed.name)}) if digest else None

    def close(self) -> None:
        """See `Place.close`."""


class ServerPlace:
    """A folder of a file server, signed on to when it is looked at."""

    at_once = 10  # what was fetched and not yet settled is fetched again after a crash

    def __init__(self, sign_on: Callable[[], FileServer], folder_of: Callable[[str], Path]):
        self._sign_on = sign_on
        self._folder_of = folder_of
        self._server: FileServer | None = None

    def list(self) -> list[Listed]:
        """See `Place.list`."""
        if self._server is None:
            self._server = self._sign_on()
        return self._server.list()

    def take(
        self, listed: Listed, known: str, *, into: Collection[str], wants: Wants
    ) -> Taken | None:
        """See `Place.take`: fetched, and kept in the folders that lack it."""
        assert self._server is not None
        folders = {name: self._folder_of(name) for name in into}
        with ExitStack() as stack:
            coming = {name: stack.enter_context(incoming(at)) for name, at in folders.items()}
            if not self._server.fetch(listed, list(coming.values())):
                return None
            digest = next(iter(coming.values())).sha256
            wanted = safe_name(listed.name)
            stands = {n: (folders[n], coming[n].keep(wanted)) for n in wants(digest)}
            return Taken(digest, stands)

    def close(self) -> None:
        """See `Place.close`."""
        if self._server is not None:
            self._server.close()
            self._server = None


@dataclass
class _Quiet:
    """A file as it was first seen so, and when by the monotonic clock."""

    listed: Listed
    since: float


class FileSource:
    """Where files arrive for `watchers`; see `arrivals.Source`."""

    def __init__(
        self,
        office: Office,
        environment: str,
        name: str,
        *,
        place: Place,
        watchers: Sequence[Planned],
        prepare: Prepare,
    ):
        self.name = name
        self.watchers = watchers
        self._office = office
        self._id = f"{environment}/{name}"
        self._place = place
        self._prepare = prepare
        self._quiet: dict[str, _Quiet] = {}
        self._read: dict[str, tuple[Listed, str]] | None = None  # name -> as read, digest
        self._settled: set[tuple[str, str]] = set()  # schedule, key: of what lies there

    @property
    def every_s(self) -> float:
        """See `Source.every_s`."""
        return min((_on(one).every_s for one in self.watchers), default=60.0)

    def look(self, tell: Tell) -> None:
        """See `Source.look`."""
        before = time.monotonic()
        listed = self._place.list()
        self._note(listed, time.monotonic())
        if self._read is None:
            self._read = self._remembered()
        watchers = [one for one in self.watchers if is_alive(one, self._office)]
        ripe = [(file, mine) for file in listed if (mine := self._waiting(file, watchers, before))]
        for batch in _parts(ripe, self._place.at_once):
            self._settle(batch, tell)
        self._forget({file.name for file in listed})

    def close(self) -> None:
        """See `Source.close`."""
        self._place.close()

    def _note(self, listed: Sequence[Listed], now: float) -> None:
        """Since when each file has been as it is."""
        before = self._quiet
        self._quiet = {
            file.name: known
            if (known := before.get(file.name)) and known.listed == file
            else _Quiet(file, now)
            for file in listed
        }

    def _digest(self, file: Listed) -> str:
        """What a file was read as, when it is still so; else ""."""
        assert self._read is not None
        read, digest = self._read.get(file.name, (None, ""))
        return digest if read == file else ""

    def _waiting(self, file: Listed, watchers: Sequence[Planned], now: float) -> list[Planned]:
        """The schedules that want `file`, have not had it, and for which it is quiet enough."""
        digest = self._digest(file)
        quiet_s = now - self._quiet[file.name].since
        return [
            one
            for one in watchers
            if fnmatchcase(file.name, _on(one).pattern)
            and (digest or not _on(one).stable_s or quiet_s >= _on(one).stable_s)
            and (one.name, key_of(TRIGGER, digest)) not in self._settled
        ]

    def _settle(self, batch: Sequence[tuple[Listed, list[Planned]]], tell: Tell) -> None:
        """Take the files of `batch` and settle them, in one transaction."""
        self._look_up(
            {one.name for _, watchers in batch for one in watchers},
            {digest for file, _ in batch if (digest := self._digest(file))},
        )
        read: dict[str, tuple[Listed, str]] = {}
        found: dict[tuple[str, str], Arrival] = {}
        for file, watchers in batch:
            mine = self._lacking(watchers, self._digest(file), found)
            taken = self._take(file, mine, found, tell) if mine else None
            if taken:
                read[file.name] = (file, taken.digest)
                for one in self._lacking(mine, taken.digest, found):
                    found[one.name, key_of(TRIGGER, taken.digest)] = _arrival(one, taken)
        with settling(self._office, self._prepare) as work:
            self._remember(work.conn, read)
            settle_arrivals(work, found.values(), trigger=TRIGGER)
        assert self._read is not None
        self._read |= read
        self._settled |= found.keys()

    def _look_up(self, names: Collection[str], digests: Collection[str]) -> None:
        """Know which firings of these schedules by these documents there are."""
        if digests:
            keys = [key_of(TRIGGER, digest) for digest in digests]
            self._settled |= settled(self._office, names, keys)

    def _lacking(
        self, watchers: Sequence[Planned], digest: str, found: Collection[tuple[str, str]]
    ) -> list[Planned]:
        """The schedules that have not had the document, nor have it among what was found now."""
        key = key_of(TRIGGER, digest)
        had = (self._settled, found)
        return [one for one in watchers if not any((one.name, key) in known for known in had)]

    def _take(
        self,
        file: Listed,
        watchers: Sequence[Planned],
        found: Collection[tuple[str, str]],
        tell: Tell,
    ) -> Taken | None:
        """Read a file whole; what is wrong with it alone is told, and the others go on."""

        def wants(digest: str) -> set[str]:
            self._look_up([one.name for one in watchers], [digest])
            return {_on(one).into for one in self._lacking(watchers, digest, found)}

        shown = file.name.encode("utf-8", "backslashreplace").decode()
        try:
            if shown != file.name:
                raise Refused("FILE_NAME_WRONG", name=shown)
            into = sorted({_on(one).into for one in watchers})
            return self._place.take(file, self._digest(file), into=into, wants=wants)
        except (Refused, Unavailable) as failure:
            if failure.code not in ("FILE_NAME_WRONG", "FILE_NOT_READABLE"):
                raise
            tell(shown, failure.code)
        return None

    def _remembered(self) -> dict[str, tuple[Listed, str]]:
        wanted = sa.select(arrivals).where(arrivals.c.source == self._id)
        with self._office.store.connect() as conn:
            return {
                row.name: (Listed(row.name, row.size, row.mtime_ns), row.digest)
                for row in conn.execute(wanted)
            }

    def _remember(self, conn: sa.Connection, read: Mapping[str, tuple[Listed, str]]) -> None:
        if not read:
            return
        self._delete(conn, list(read))
        rows = [
            {
                "source": self._id, "name": file.name, "size": file.size,
                "mtime_ns": file.mtime_ns, "digest": digest,
            }
            for file, digest in read.values()
        ]  # fmt: skip
        conn.execute(sa.insert(arrivals), rows)

    def _forget(self, there: set[str]) -> None:
        """Remember nothing of files that lie there no more; what they fired stays settled."""
        assert self._read is not None
        gone = self._read.keys() - there
        for names in _parts(sorted(gone), _BATCH):
            with self._office.store.begin() as conn:
                self._delete(conn, names)
        for name in gone:
            del self._read[name]
        if gone:
            kept = {key_of(TRIGGER, digest) for _, digest in self._read.values()}
            self._settled = {one for one in self._settled if one[1] in kept}

    def _delete(self, conn: sa.Connection, names: Sequence[str]) -> None:
        mine = (arrivals.c.source == self._id, arrivals.c.name.in_(names))
        conn.execute(sa.delete(arrivals).where(*mine))


T = TypeVar("T")


def _parts(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`whole` in parts of at most `size`."""
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def _on(planned: Planned) -> OnFile:
    assert planned.plan.file is not None
    return planned.plan.file


def _arrival(planned: Planned, taken: Taken) -> Arrival:
    folder, name = taken.stands[_on(planned).into]
    return Arrival(planned, taken.digest, {"file": name, "folder": str(folder)})
