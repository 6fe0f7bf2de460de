"""A folder as a system: what others left there for us to read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from clerkwork.errors import Unavailable


@dataclass(frozen=True)
class Document:
    """A file as it was found: its path and the SHA-256 of its bytes, in hex."""

    path: Path
    sha256: str


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
