"""A folder as a system: what others left there for us to read."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from clerkwork.errors import Unavailable
from clerkwork.systems.delivery import digest_of


@dataclass(frozen=True)
class Document:
    """A file as it was found: its path and the SHA-256 of its bytes, in hex."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Listed:
    """A file as its folder lists it: name, size in bytes, and when it last changed."""

    name: str
    size: int
    mtime_ns: int


def find_documents(folder: Path, pattern: str) -> list[Document]:
    """
    The files below `folder` that match `pattern` (as a shell does), by name.

    Raises Unavailable FOLDER_MISSING, DOCUMENT_MISSING.
    """
    from RPA.FileSystem import FileSystem  # 0.2 s: only when a bot looks into a folder

    if not folder.is_dir():
        raise Unavailable("FOLDER_MISSING", folder=str(folder))
    found = FileSystem().find_files(str(folder / pattern), include_dirs=False)
    if not found:
        raise Unavailable("DOCUMENT_MISSING", folder=str(folder), pattern=pattern)
    paths = sorted(Path(file.path) for file in found)
    return [Document(path, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]


def is_unfinished(name: str) -> bool:
    """Whether programs give such a name to a file that they still write."""
    return name.startswith((".", "~")) or name.lower().endswith((".part", ".tmp", "~"))


class Folder:
    """A folder of this machine, as a place where files arrive."""

    def __init__(self, path: Path):
        self.path = path

    def list(self) -> list[Listed]:
        """
        The plain files in it, by name; not what is unfinished by its name, nor links.

        Raises Unavailable FOLDER_MISSING, FOLDER_NOT_READABLE.
        """
        found = []
        try:
            for entry in os.scandir(self.path):
                if is_unfinished(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                try:
                    stat = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # renamed or taken away meanwhile
                    continue
                found.append(Listed(entry.name, stat.st_size, _changed_ns(stat)))
        except FileNotFoundError:
            raise Unavailable("FOLDER_MISSING", folder=str(self.path)) from None
        except OSError as refused:
            detail = refused.strerror or type(refused).__name__
            about = {"folder": str(self.path), "detail": detail}
            raise Unavailable("FOLDER_NOT_READABLE", **about) from refused
        return sorted(found, key=lambda one: one.name)

    def digest(self, listed: Listed) -> str | None:
        """
        The SHA-256 of the content of a file; None when it is not as it was listed any more.

        Raises Unavailable FILE_NOT_READABLE.
        """
        path = self.path / listed.name
        try:
            found = digest_of(path)
            stat = path.stat()
        except FileNotFoundError:
            return None
        except OSError as refused:
            detail = refused.strerror or type(refused).__name__
            raise Unavailable("FILE_NOT_READABLE", file=str(path), detail=detail) from refused
        is_same = (stat.st_size, _changed_ns(stat)) == (listed.size, listed.mtime_ns)
        return found if is_same else None


def _changed_ns(stat: os.stat_result) -> int:
    """
    When the file last changed, also by another one that took its place.

    Who copies keeps the time of writing, and two statements of one form have one size; the
    time at which the name came to mean this content cannot be set back (POSIX; on Windows it
    is that of creation).
    """
    return max(stat.st_mtime_ns, stat.st_ctime_ns)
