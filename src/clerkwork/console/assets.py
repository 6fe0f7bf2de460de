"""
Scripts and styles: ours, and those of other people that npm fetches at set-up.

`python -m clerkwork.console.assets` fetches them: each is pinned by version and by content.
Nothing else is served: a file that was not read when the console started has no address.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clerkwork.errors import Failure, Misconfigured, Unavailable

_HERE = Path(__file__).parent
PINS = _HERE / "assets.toml"
FETCHED = _HERE / "assets"
OWN = _HERE / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FETCH_LIMIT_S = 120


@dataclass(frozen=True)
class Pin:
    """One file of a package of npm, pinned."""

    package: str
    version: str
    origin: str
    name: str
    sha256: str

    def is_met_by(self, folder: Path) -> bool:
        """Whether that very file lies in `folder`."""
        path = folder / self.name
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256


@dataclass(frozen=True)
class Asset:
    """A file that is served, as it is and compressed; its address names its content."""

    content: bytes
    packed: bytes
    kind: str
    address: str


def pins(listed: Path = PINS) -> Iterator[Pin]:
    """Every file that is pinned in `listed`."""
    for package, entry in tomllib.loads(listed.read_text(encoding="utf-8")).items():
        for name, file in entry["files"].items():
            yield Pin(package, entry["version"], file["from"], name, file["sha256"])


def missing(folder: Path = FETCHED, listed: Path = PINS) -> list[Pin]:
    """The pinned files that are not there, or are others."""
    return [pin for pin in pins(listed) if not pin.is_met_by(folder)]


def check_assets() -> None:
    """Nothing, when all are there. Raises Misconfigured CONSOLE_ASSETS_MISSING."""
    absent = missing()
    if absent:
        raise Misconfigured("CONSOLE_ASSETS_MISSING", files=", ".join(pin.name for pin in absent))


def load_assets() -> dict[str, Asset]:
    """Every file that is served, by name. Raises Misconfigured CONSOLE_ASSETS_MISSING."""
    check_assets()
    found = [FETCHED / pin.name for pin in pins()]
    found += sorted(path for path in OWN.iterdir() if path.suffix in KINDS)
    return {path.name: _asset(path) for path in found}


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    address = f"/static/{digest}/{path.name}"
    return Asset(content, gzip.compress(content, 9, mtime=0), KINDS[path.suffix], address)


def fetch(folder: Path = FETCHED, listed: Path = PINS) -> None:
    """
    Fetch what is missing, by npm; no script of a package is run.

    Raises Unavailable CONSOLE_ASSETS_NOT_FETCHED, Misconfigured NPM_MISSING.
    """
    absent = missing(folder, listed)
    npm = shutil.which("npm")
    if absent and npm is None:
        raise Misconfigured("NPM_MISSING")
    folder.mkdir(exist_ok=True)
    for package in sorted({f"{pin.package}@{pin.version}" for pin in absent}):
        wanted = [pin for pin in absent if f"{pin.package}@{pin.version}" == package]
        with tempfile.TemporaryDirectory() as scratch:
            archive = _pack(str(npm), package, Path(scratch))
            for pin in wanted:
                _unpack(archive, pin, folder)


def _pack(npm: str, package: str, scratch: Path) -> Path:
    command = [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(scratch)]
    try:
        done = subprocess.run(
            [*command, package],
            capture_output=True,
            text=True,
            timeout=_FETCH_LIMIT_S,
            check=False,
            cwd=scratch,
        )
    except subprocess.TimeoutExpired:
        detail = f"{_FETCH_LIMIT_S} s"
        raise Unavailable("CONSOLE_ASSETS_NOT_FETCHED", package=package, detail=detail) from None
    found = next(scratch.glob("*.tgz"), None)
    if done.returncode or found is None:
        detail = (done.stderr.strip().splitlines() or [f"npm: {done.returncode}"])[0]
        raise Unavailable("CONSOLE_ASSETS_NOT_FETCHED", package=package, detail=detail)
    return found


def _unpack(archive: Path, pin: Pin, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        member = packed.extractfile(f"package/{pin.origin}")
        content = member.read() if member else b""
    if hashlib.sha256(content).hexdigest() != pin.sha256:
        package = f"{pin.package}@{pin.version}"
        detail = f"{pin.origin}: SHA-256"
        raise Unavailable("CONSOLE_ASSETS_NOT_FETCHED", package=package, detail=detail)
    unfinished = folder / f".{pin.name}.{os.getpid()}"  # two may fetch at once
    unfinished.write_bytes(content)
    unfinished.replace(folder / pin.name)


if __name__ == "__main__":
    try:
        fetch()
    except Failure as failure:
        sys.exit(f"{failure.code}: {failure.message()}")
