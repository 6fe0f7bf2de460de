"""Set-up: what is pinned, and what a machine without the first need is told."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest

from .test_house import ROOT

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([A-Za-z0-9.!+_-]+)$")
READ = (
    "pyproject.toml",
    "constraints.txt",
    "tools/set-up.sh",
    "src/clerkwork/console/assets.toml",
)
NOT_OURS = {"clerkwork", "pip", "setuptools", "wheel"}  # the project, and what venv itself brings
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell script")


def normal(name: str) -> str:
    """A distribution's name as an index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    """Version by distribution."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [(line, PINNED.match(line)) for line in lines]
    assert [line for line, match in found if not match] == []
    return {normal(match[1]): match[2] for _, match in found if match}


def installed() -> dict[str, metadata.Distribution]:
    """Every distribution of this environment."""
    found = {normal(each.metadata["Name"]): each for each in metadata.distributions()}
    return {name: each for name, each in found.items() if name not in NOT_OURS}


def test_every_distribution_is_pinned_exactly():
    """What is installed is what constraints.txt says; no index, no address, no range."""
    pinned = pins()
    if sys.version_info[:2] != (3, 11):  # a newer Python may need a distribution more or less
        pinned = {name: each.version for name, each in installed().items()} | pinned
    wrong = {
        name: (each.version, pinned.get(name))
        for name, each in installed().items()
        if each.version != pinned.get(name)
    }

    assert wrong == {}, "make constraints"


def test_the_pins_serve_the_oldest_python_promised():
    """Nothing pinned asks for more than the Python 3.11 of a fresh Debian 12."""
    asks = {name: each.metadata.get("Requires-Python") or "" for name, each in installed().items()}
    newer = re.compile(r">=?\s*3\.(11\.[1-9]|1[2-9])")

    assert {name: asked for name, asked in asks.items() if newer.search(asked)} == {}


def test_ci_runs_the_checks_and_the_tests_of_the_readme():
    """.ci/run is `make check`, the README's test command and `make test-real`."""
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()

    assert lines[-3:] == ["make check", "make test", "make test-real"]
    for readme in ("README.md", "README.zh-CN.md"):
        commands = re.findall(r"^make \w+", (ROOT / readme).read_text(encoding="utf-8"), re.M)
        assert commands[:2] == ["make demo", "make test"]


@pytest.fixture
def clone(tmp_path) -> Path:
    """The files that set-up reads, in a folder of their own."""
    for place in READ:
        (tmp_path / place).parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(ROOT / place, tmp_path / place)
    return tmp_path


def set_up(clone: Path, *, path: str) -> subprocess.CompletedProcess[str]:
    """Run the script with this PATH."""
    return subprocess.run(
        ["/bin/sh", clone / "tools/set-up.sh"],
        env={"PATH": path, "LANG": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


def tools(folder: Path, *names: str) -> str:
    """A PATH that has these programs and no others."""
    folder.mkdir()
    for name in names:
        program = shutil.which(name)
        assert program, name
        (folder / name).symlink_to(program)
    return str(folder)


SMALL = ("cat", "cksum", "dirname", "id", "mktemp", "rm", "uname")


@on_posix
def test_a_machine_without_python_is_told_so_in_one_line(clone):
    """No Python 3.11: what is needed, exit 1, nothing made."""
    done = set_up(clone, path=tools(clone / "bin", *SMALL))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Python 3.11 or newer is needed; install it and try again\n"
    assert not (clone / ".venv").exists()


@on_posix
def test_what_is_ready_is_left_alone_at_once(clone):
    """The stamp of the same files in the same place: nothing is done, in less than a second."""
    (clone / ".venv/bin").mkdir(parents=True)
    (clone / ".venv/bin/clerkwork").symlink_to("/bin/true")
    path = tools(clone / "bin", *SMALL)
    key = subprocess.run(
        ["/bin/sh", "-c", f"cat {' '.join(READ)} | cksum"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    (clone / ".venv/.ready").write_text(f"{key} {clone}", encoding="utf-8")

    started = time.monotonic()
    done = set_up(clone, path=path)
    took_s = time.monotonic() - started

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert took_s < 1

    (clone / "constraints.txt").write_text("", encoding="utf-8")
    assert set_up(clone, path=path).returncode == 1
