"""
A file that others sent, on its way into a folder: whole or not there, and never written twice.

It is written under a temporary name in that folder, made durable, and then linked under its
own name, which can take nobody's place: what has the name already stays.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clerkwork.errors import Unavailable

_LONGEST = 150  # bytes of a delivered name: room for a digest, and for file systems that allow 255
_LONGEST_ENDING = 20
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')  # Windows refuses them
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_PREFIX = 12  # hex digits of the digest that tell two files of one name apart
_CHUNK = 1 << 20


def safe_name(given: str) -> str:
    """
    A name that may be given to a file, from one that a stranger chose.

    >>> safe_name("../../etc/pass\\u202ewd\\n.pdf")
    'passwd.pdf'
    """
    name = unicodedata.normalize("NFC", given.replace("\\", "/")).rpartition("/")[2]
    name = "".join(one for one in name if unicodedata.category(one)[0] != "C")
    name = _NOT_IN_NAMES.sub("_", name).strip().lstrip(".").rstrip(". ")
    if _DEVICES.match(name):
        name = f"_{name}"
    return _shortened(name) or "document"


def _shortened(name: str) -> str:
    if len(name.encode()) <= _LONGEST:
        return name
    stem, ending = Path(name).stem, Path(name).suffix
    if len(ending.encode()) > _LONGEST_ENDING:
        stem, ending = name, ""
    room = _LONGEST - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore") + ending


class Incoming:
    """A file that is being received: `write` its content, then `keep` it."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._hash = hashlib.sha256()
        with _writing(folder):
            handle, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        self._file = os.fdopen(handle, "wb", buffering=0)
        self._path = Path(name)

    def write(self, content: bytes) -> None:
        """Add to its content."""
        with _writing(self._folder):
            written = memoryview(content)
            while written:
                written = written[self._file.write(written) :]
        self._hash.update(content)

    @property
    def sha256(self) -> str:
        """The digest of what was written so far, in hex."""
        return self._hash.hexdigest()

    def keep(self, name: str) -> str:
        """
        Let it stand in the folder as `name`; gives the name under which it stands.

        A file there with the same content is it already. One with other content keeps its
        name, and this one has the beginning of its digest in its own.
        """
        stem, ending = Path(name).stem, Path(name).suffix
        with _writing(self._folder):
            os.fsync(self._file.fileno())
            self._file.close()
            self._path.chmod(0o640)
            for unlike in ("", f".{self.sha256[:_PREFIX]}", f".{self.sha256}"):
                target = self._folder / f"{stem}{unlike}{ending}"
                if self._linked(target) or digest_of(target) == self.sha256:
                    _make_durable(self._folder)
                    return target.name
            raise FileExistsError(17, "three other files have its names")

    def _linked(self, target: Path) -> bool:
        """Whether it has the name `target` now; False when another file has it."""
        try:
            os.link(self._path, target)
        except FileExistsError:
            return False
        except OSError:  # a file system without links: the name is taken in two steps
            if target.exists():
                return False
            self._path.replace(target)
        return True

    def drop(self) -> None:
        """Leave nothing under the temporary name."""
        self._file.close()
        self._path.unlink(missing_ok=True)


@contextmanager
def incoming(folder: Path) -> Iterator[Incoming]:
    """
    A file on its way into `folder`; gone at the end unless it was kept.

    It raises Unavailable FOLDER_MISSING, FOLDER_NOT_WRITABLE.
    """
    if not folder.is_dir():
        raise Unavailable("FOLDER_MISSING", folder=str(folder))
    coming = Incoming(folder)
    try:
        yield coming
    finally:
        coming.drop()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        detail = refused.strerror or type(refused).__name__
        raise Unavailable("FOLDER_NOT_WRITABLE", folder=str(folder), detail=detail) from refused


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _make_durable(folder: Path) -> None:
    """A new name is lost with the power unless its folder is written too; Windows does so."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
