"""A program on a screen of its own, kept by `keeper` until its pipe closes."""

from __future__ import annotations

import json
import os
import selectors
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clerkwork.errors import Misconfigured, Unavailable

COMMAND, HERE = "command:", "here:"
_NEEDED = {"Xvfb": "xvfb", "openbox": "openbox", "dbus-daemon": "dbus", "xdotool": "xdotool"}
_LAUNCHER = "at-spi2-core"
_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
_SIZE = "1280x960"
_START_S = 30.0
_END_S = 10.0
_XWD_FIELDS = 25  # XWDFile.h: the head of a screen's pixels, 32-bit words
_COLOUR_BYTES = 12


class Stage:
    """
    A screen, a bus and a program on them.

    `address` is "command:PROGRAM ARGUMENT..." for a screen of its own, which nobody
    else types on, or "here:PROGRAM ..." for the screen of DISPLAY. Raises Misconfigured
    COMMAND_WRONG, DESKTOP_PROGRAM_MISSING, PROGRAM_NOT_STARTED.
    """

    def __init__(self, system: str, address: str):
        self._is_own, command = _command(system, address)
        shm = Path("/dev/shm")  # pixels stay in memory
        place = shm if os.access(shm, os.W_OK) else None
        self._folder = Path(tempfile.mkdtemp(prefix="clerkwork-", dir=place))
        display = "-" if self._is_own else os.environ["DISPLAY"]
        keeper = Path(__file__).with_name("keeper.py")
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", str(keeper), str(self._folder), _SIZE, display, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._lines = selectors.DefaultSelector()
        assert self._keeper.stdout is not None
        self._lines.register(self._keeper.stdout, selectors.EVENT_READ)
        self._unread = b""
        self._ended = ""
        said = self._next(_START_S) or {"failed": "no answer"}
        if "failed" in said:
            self.close()
            detail = str(said["failed"])
            raise Misconfigured("PROGRAM_NOT_STARTED", system=system, detail=detail)
        self.environment: Mapping[str, str] = said["environment"]

    @property
    def is_own(self) -> bool:
        """Whether the screen is the program's own."""
        return self._is_own

    def ended(self) -> str:
        """How the program ended, "" while it runs."""
        if not self._ended and (said := self._next(0)):
            self._ended = f"exit {said['ended']}"
        return self._ended

    def pixels(self) -> Any:
        """The whole own screen as a picture of PIL."""
        from PIL import Image

        data = (self._folder / "Xvfb_screen0").read_bytes()
        head = struct.unpack(f">{_XWD_FIELDS}I", data[: 4 * _XWD_FIELDS])
        width, height, a_line, colours = head[4], head[5], head[12], head[19]
        first = head[0] + _COLOUR_BYTES * colours
        body = data[first : first + a_line * height]
        return Image.frombytes("RGB", (width, height), body, "raw", "BGRX", a_line)

    def close(self) -> None:
        """End all of it."""
        assert self._keeper.stdin is not None and self._keeper.stdout is not None
        if self._keeper.stdin.closed:
            return
        self._keeper.stdin.close()
        try:
            self._keeper.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        self._lines.close()
        self._keeper.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _next(self, wait_s: float) -> dict[str, Any] | None:
        """The next line of the keeper; None when none comes."""
        deadline = time.monotonic() + wait_s
        while b"\n" not in self._unread:
            if not self._lines.select(max(0.0, deadline - time.monotonic())):
                return None
            assert self._keeper.stdout is not None
            read = os.read(self._keeper.stdout.fileno(), 65_536)
            if not read:
                return {"failed": "it stopped", "ended": "it stopped"}
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found


def _command(system: str, address: str) -> tuple[bool, list[str]]:
    """Whether the screen is to be an own one, and the command."""
    is_own = address.startswith(COMMAND)
    prefix = COMMAND if is_own else HERE
    try:
        command = shlex.split(address.removeprefix(prefix))
    except ValueError:
        command = []
    if not address.startswith(prefix) or not command:
        raise Misconfigured("COMMAND_WRONG", system=system, address=address)
    if not is_own and "DISPLAY" not in os.environ:
        raise Unavailable("NO_DISPLAY", system=system)
    needed = {name: _NEEDED[name] for name in _NEEDED if is_own or name not in ("Xvfb", "openbox")}
    for name, package in (needed | {command[0]: command[0]}).items():
        if shutil.which(name) is None:
            raise Misconfigured("DESKTOP_PROGRAM_MISSING", program=name, package=package)
    if not any(Path(launcher).exists() for launcher in _LAUNCHERS):
        raise Misconfigured("DESKTOP_PROGRAM_MISSING", program=_LAUNCHER, package=_LAUNCHER)
    return is_own, command
