"""Folders and keys of the home folder that nobody but its owner may read."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from clerkwork.errors import Misconfigured

KEY_BYTES = 32


def make_private(folder: Path) -> Path:
    """
    `folder`, made for its owner alone when missing, as are those above it.

    Raises Misconfigured HOME_NOT_WRITABLE.
    """
    if folder.is_dir():
        return folder
    make_private(folder.parent)
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
    except OSError as refused:
        raise Misconfigured(
            "HOME_NOT_WRITABLE", folder=str(folder), detail=refused.strerror or str(refused)
        ) from None
    return folder


def write_once(path: Path, content: bytes, *, mode: int = 0o600) -> bool:
    """
    Make the file `path` with `content`, durable and whole, unless there is one; whether
    it was made. Whoever looks sees nothing or all of it.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
    except FileExistsError:
        return False
    finally:
        unfinished.unlink()
    _sync_folder(path.parent)
    return True


def home_key(home: Path, name: str) -> bytes:
    """
    The 32 random bytes of HOME/keys/<name>.key, made when missing.

    Raises Misconfigured KEY_TOO_OPEN when others may read it, KEY_BROKEN.
    """
    path = make_private(home / "keys") / f"{name}.key"
    if not path.exists():
        write_once(path, secrets.token_bytes(KEY_BYTES))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise Misconfigured("KEY_TOO_OPEN", file=str(path))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise Misconfigured("KEY_BROKEN", file=str(path))
    return key


def _sync_folder(folder: Path) -> None:
    """A new name is durable once its folder is."""
    with contextlib.suppress(PermissionError):  # Windows opens no folders, and needs no sync
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
