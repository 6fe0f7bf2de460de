"""
Tryton as a target: its server from PyPI in an environment of its own, its web client
from npm, books on SQLite. Made once in a cache folder; each test has a copy of the books.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CLERK = ("clerk", "clerk-Secret-7")
_SIDES = ("debit", "credit")
_SERIES = "8.0"
_CLIENT = "tryton-sao@8.0.11"
_MODULES = ("", "_account", "_company", "_country", "_currency", "_party")
_CONFIGURATION = """
[web]
listen = 127.0.0.1:{port}
root = {client}
[database]
uri = sqlite://
path = {books}
"""


def prepare(cache: Path) -> None:
    """Install Tryton and make the books in `cache`, unless they are there."""
    done = cache / f"done-{_SERIES}"
    if done.exists():
        return
    shutil.rmtree(cache, ignore_errors=True)
    (cache / "books").mkdir(parents=True)
    _run(sys.executable, "-m", "venv", str(cache / "venv"))
    pins = [f"trytond{module}~={_SERIES}.0" for module in _MODULES]
    _run(str(cache / "venv/bin/pip"), "install", "-q", *pins)
    _run("npm", "pack", "--silent", _CLIENT, cwd=cache)
    with tarfile.open(next(cache.glob("tryton-sao-*.tgz"))) as packed:
        packed.extractall(cache, filter="data")
    quiet = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps")
    _run("npm", "install", "--silent", *quiet, cwd=cache / "package")
    _make_books(cache)
    done.touch()


def _make_books(cache: Path) -> None:
    configuration = _configure(cache, cache / "books", port=0)
    (cache / "books/bank.sqlite").touch()
    (cache / "password").write_text("admin-Secret-9\n", encoding="ascii")
    told = os.environ | {"TRYTONPASSFILE": str(cache / "password")}
    admin = (str(cache / "venv/bin/trytond-admin"), "-c", str(configuration), "-d", "bank")
    _run(*admin, "--all", "--email", "admin@bank.example", environment=told)
    _run(*admin, "-u", "account", "--activate-dependencies", environment=told)
    script = (str(HERE / "books.py"), str(configuration), CLERK[1])
    _run(str(cache / "venv/bin/python"), *script)


@contextmanager
def running(cache: Path, folder: Path) -> Iterator[str]:
    """The address of a Tryton with a fresh copy of the books, until the end of the block."""
    shutil.copytree(cache / "books", folder / "books")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    configuration = _configure(cache, folder / "books", port=port)
    command = (str(cache / "venv/bin/trytond"), "-c", str(configuration), "-d", "bank")
    with (folder / "trytond.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=_alone())
    try:
        _await(port, server)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


class Caller:
    """The clerk, by JSON-RPC: the independent witness of what the pages keyed."""

    def __init__(self, address: str):
        self._url = f"{address}bank/rpc/"
        user, session = self._call("common.db.login", [CLERK[0], {"password": CLERK[1]}, "en"])[:2]
        token = f"{CLERK[0]}:{user}:{session}".encode()
        self._headers = {"Authorization": f"Session {base64.b64encode(token).decode()}"}
        self._context = self._call("model.res.user.get_preferences", [True, {}])

    def read(self, model: str, condition: list[Any], fields: list[str]) -> list[dict[str, Any]]:
        """The records of `model` that meet `condition`, in the order they were made."""
        given = [condition, 0, None, [["id", "ASC"]], fields, self._context]
        rows: list[dict[str, Any]] = self._call(f"model.{model}.search_read", given)
        return rows

    def moves(self, condition: list[Any]) -> list[dict[str, Any]]:
        """The account moves that meet `condition`, with their lines as a set and their count."""
        names = ["number", "state", "date", "journal.name", "description"]
        rows = self.read("account.move", condition, names)
        keyed: dict[int, list[Any]] = {row["id"]: [] for row in rows}
        about = [["move", "in", list(keyed)]]
        for line in self.read("account.move.line", about, ["move", "account.code", *_SIDES]):
            sides = (Decimal(line[side]["decimal"]) for side in _SIDES)
            keyed[line["move"]].append((line["account."]["code"], *sides))
        return [
            {
                "number": row["number"],
                "state": row["state"],
                "date": "{year}-{month:02}-{day:02}".format(**row["date"]),
                "journal": row["journal."]["name"],
                "description": row["description"],
                "lines": set(keyed[row["id"]]),
                "count": len(keyed[row["id"]]),
            }
            for row in rows
        ]

    def draft(self, fields: Mapping[str, str]) -> None:
        """Save a move with the fields of an order, without posting it."""
        day = date.fromisoformat(fields["date"])
        lines = []
        for side, other in (_SIDES, _SIDES[::-1]):
            account = self._id("account.account", "code", fields[f"{side}_account"])
            amounts = {side: _decimal(fields["amount"]), other: _decimal("0")}
            lines.append({"account": account, **amounts})
        move = {
            "journal": self._id("account.journal", "name", fields["journal"]),
            "period": self._id("account.period", "name", f"{day:%Y-%m}"),
            "date": {"__class__": "date", "year": day.year, "month": day.month, "day": day.day},
            "description": f"{fields['reference']} {fields['narrative']}",
            "lines": [["create", lines]],
        }
        self._call("model.account.move.create", [[move], self._context])

    def delete(self, condition: list[Any]) -> None:
        """Delete the drafts that meet `condition`."""
        ids = [row["id"] for row in self.read("account.move", condition, ["id"])]
        self._call("model.account.move.delete", [ids, self._context])

    def _id(self, model: str, field: str, value: str) -> int:
        (row,) = self.read(model, [[field, "=", value]], ["id"])
        return int(row["id"])

    def _call(self, method: str, given: list[Any]) -> Any:
        body = json.dumps({"id": 1, "method": method, "params": given}).encode()
        headers = {"Content-Type": "application/json"} | getattr(self, "_headers", {})
        asked = urllib.request.Request(self._url, body, headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            said = json.load(answer)
        if isinstance(said, dict):
            assert not said.get("error"), said["error"]
            return said["result"]
        return said


def _decimal(text: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": text}


def _configure(cache: Path, books: Path, *, port: int) -> Path:
    path = books.parent / "trytond.conf"
    text = _CONFIGURATION.format(port=port, client=cache / "package", books=books)
    path.write_text(text, encoding="utf-8")
    return path


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("trytond does not listen")


def _alone() -> dict[str, str]:
    """Our environment without our own packages."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _run(*command: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> None:
    told = {k: v for k, v in (environment or _alone()).items() if k != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
