"""s3270 without our driver, before a practice core."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import IO

from clerkwork.practice import core, manners

OPERATOR, PASSWORD = "KEYB0001", "RT5WM9BA"
CREDENTIALS = {
    "core-keyboard": {"operator": OPERATOR, "password": PASSWORD},
    "core-desk": {"operator": "DESK0001", "password": "PQ7XK2ZD"},
}
SLIP = ("6222000011", "ACME TRADING", "1,234.50", "INVOICE 5017", "CW00000000000001")
ROWS = (8, 10, 12, 14, 16)  # of the five fields of a slip, from 1; all begin in column 40

Serve = Callable[..., core.Host]
Terminals = Callable[..., "Bare"]


class Bare:
    """s3270 on a pipe, without our driver."""

    def __init__(self, address: str, *options: str, code_page: str = "cp037"):
        self._child = subprocess.Popen(
            ["s3270", "-utf8", "-codepage", code_page, "-model", "3278-2"]
            + ["-clear", "aidWait", "-clear", "unlockDelay", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/usr/local/bin"},
        )
        self.is_connected = self.run(f'Connect("{address}")')[1] == "ok"

    def run(self, action: str) -> tuple[list[str], str]:
        """The data lines, and "ok" or "error"."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.write(f"{action}\n".encode())
        self._child.stdin.flush()
        lines: list[str] = []
        while (line := self._line(self._child.stdout)) not in ("ok", "error"):
            lines.append(line)
        self.status = lines.pop().split()
        return [each.removeprefix("data: ") for each in lines], line

    @staticmethod
    def _line(said: IO[bytes]) -> str:
        line = said.readline()
        assert line, "s3270 ended"
        return line.decode("utf-8", "replace").rstrip("\n")  # errors of TLS end in freed memory

    def key(self, action: str) -> list[str]:
        """Press a key; the rows of the screen once the keyboard is unlocked, 5 s at most."""
        self.run(action)
        return self.screen()

    def screen(self) -> list[str]:
        """The rows of the screen once the keyboard is unlocked, 5 s at most."""
        self.run("Wait(5,Unlock)")
        return self.run("Ascii()")[0]

    def type_at(self, row: int, text: str) -> None:
        """Into the field at column 40 of `row`."""
        self.run(f"MoveCursor({row - 1},39)")
        self.run(f'String("{text}")')

    def sign_on(self, operator: str = OPERATOR, password: str = PASSWORD) -> list[str]:
        """The screen after the sign-on."""
        self.run("Wait(5,InputField)")
        self.type_at(10, operator)
        self.type_at(12, password)
        return self.key("Enter()")

    def key_slip(self, values: tuple[str, ...] = SLIP) -> list[str]:
        """From the menu: the screen after a slip is posted."""
        self.key("PF(4)")
        for row, value in zip(ROWS, values, strict=True):
            self.type_at(row, value)
        return self.key("Enter()")

    def close(self) -> None:
        """End s3270."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.kill()
        self._child.wait()
        self._child.stdout.close()


def shown(rows: list[str], text: str) -> bool:
    """Whether a text stands anywhere."""
    return any(text in row for row in rows)


def rude(host: core.Host, manner: str) -> None:
    """The next time only."""
    manners.switch_on(host.slips.path.parent, "core", manner, times=1)
