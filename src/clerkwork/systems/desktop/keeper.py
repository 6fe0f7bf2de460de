"""
Keeps one program on a screen of its own, and ends everything when its input ends.

Run as a script by `stage.Stage`: it starts a private X screen with a window manager,
a private D-Bus with AT-SPI, and the program; says on one line where they are, on a
second one that the program ended. A session that is killed closes the pipe: nothing
of it stays behind. Standard library only; knows nothing of the engine.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
_START_S = 20.0
_LEAVE_S = 1.0
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_FAMILY_WILD, _FAMILY_LOCAL = 0xFFFF, 0x0100  # Xauth.h: a cookie for every display, this host's
# What a program may see of our environment: the rest may hold credentials.
_PASSED = ("PATH", "HOME", "USER", "LOGNAME", "TZ", "LANG", "LC_ALL", "LC_CTYPE", "XDG_DATA_DIRS")
_ACCESSIBLE = {
    "GDK_BACKEND": "x11",
    "GTK_IM_MODULE": "gtk-im-context-simple",
    "GSETTINGS_BACKEND": "memory",
    "GIO_USE_VFS": "local",
    "QT_ACCESSIBILITY": "1",
    "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    "QT_QPA_PLATFORM": "xcb",
}


def main() -> None:
    """`keeper.py FOLDER SIZE DISPLAY PROGRAM ARGUMENT...`; DISPLAY "-": a screen of its own."""
    folder, size, display, *command = sys.argv[1:]
    # what a child leaves behind becomes ours, so that it can be ended
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        program, environment = start(Path(folder), size, display, command)
    except (OSError, TimeoutError) as failed:
        say({"failed": str(failed)})
    else:
        say({"environment": environment})
        threading.Thread(target=lambda: say({"ended": program.wait()}), daemon=True).start()
        while select.select([sys.stdin], [], [])[0] and os.read(sys.stdin.fileno(), 1):
            pass
    end()
    shutil.rmtree(folder, ignore_errors=True)  # it holds the screen's pixels


def start(
    folder: Path, size: str, display: str, command: list[str]
) -> tuple[subprocess.Popen[bytes], dict[str, str]]:
    """Start everything; the program, and where it is. Raises OSError, TimeoutError."""
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    if not any("utf" in environment.get(name, "").lower() for name in ("LC_ALL", "LANG")):
        environment |= {"LC_ALL": "C.UTF-8"}
    environment |= _ACCESSIBLE | {"XDG_RUNTIME_DIR": str(folder)}
    if display == "-":
        environment |= own_screen(folder, size, environment)
    else:
        environment["DISPLAY"] = display
        if "XAUTHORITY" in os.environ:
            environment["XAUTHORITY"] = os.environ["XAUTHORITY"]
    environment |= own_bus(environment)
    if display == "-":
        run(["openbox", "--sm-disable"], environment)
    return run(command, environment), environment


def own_screen(folder: Path, size: str, environment: dict[str, str]) -> dict[str, str]:
    """An X server that only who holds the cookie may use; its pixels lie in `folder`."""
    cookie = folder / "cookie"
    secret = [b"", b"MIT-MAGIC-COOKIE-1", secrets.token_bytes(16)]
    wild = _entry(_FAMILY_WILD, b"", *secret)
    # Xlib of Python does not know the wild one
    cookie.write_bytes(wild + _entry(_FAMILY_LOCAL, socket.gethostname().encode(), *secret))
    reading, writing = os.pipe()
    run(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
        + ["-auth", str(cookie), "-fbdir", str(folder), "-noreset"],
        environment,
        keep=(writing,),
    )
    os.close(writing)
    number = first_line(reading, "Xvfb")
    return {"DISPLAY": f":{number}", "XAUTHORITY": str(cookie)}


def _entry(family: int, *parts: bytes) -> bytes:
    """An entry of an Xauthority file: address, display's number, kind of cookie, cookie."""
    return struct.pack(">H", family) + b"".join(
        struct.pack(">H", len(part)) + part for part in parts
    )


def own_bus(environment: dict[str, str]) -> dict[str, str]:
    """A session bus and on it the launcher of the accessibility bus."""
    reading, writing = os.pipe()
    run(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--print-address={writing}"],
        environment,
        keep=(writing,),
    )
    os.close(writing)
    bus = {"DBUS_SESSION_BUS_ADDRESS": first_line(reading, "dbus-daemon")}
    launcher = next((path for path in _LAUNCHERS if Path(path).exists()), _LAUNCHERS[0])
    run([launcher, "--launch-immediately", "--a11y=1"], environment | bus)
    return bus


def run(
    command: list[str], environment: dict[str, str], *, keep: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """A child that says nothing and that no key of ours stops."""
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=keep,
        start_new_session=True,
    )


def first_line(pipe: int, program: str) -> str:
    """The first line of a pipe. Raises TimeoutError."""
    deadline, line = time.monotonic() + _START_S, b""
    while b"\n" not in line:
        left = deadline - time.monotonic()
        read = os.read(pipe, 4096) if left > 0 and select.select([pipe], [], [], left)[0] else b""
        if not read:
            raise TimeoutError(f"{program} does not start")
        line += read
    os.close(pipe)
    return line.split(b"\n")[0].decode()


def end() -> None:
    """End every descendant, politely first; reap what can be reaped."""
    deadline = time.monotonic() + _LEAVE_S
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in descendants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while descendants() and time.monotonic() < deadline:
            time.sleep(0.01)
        deadline = time.monotonic() + _LEAVE_S


def descendants() -> list[int]:
    """Our children and theirs that live."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # the name stands in brackets and may hold anything: count from behind it
            said = stat.read_text(encoding="utf-8", errors="replace")
            state, parent = said.rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(stat.parent.name)] = int(parent)
    found: list[int] = []
    ours = {os.getpid()}
    while new := {pid for pid, parent in parents.items() if parent in ours} - set(found):
        found += sorted(new)
        ours = new
    return found


def say(fact: dict[str, object]) -> None:
    """One line for the session, which may be gone."""
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), (json.dumps(fact) + "\n").encode())


if __name__ == "__main__":
    main()
