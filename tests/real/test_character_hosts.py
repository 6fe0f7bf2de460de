"""
The branch program behind OpenSSH and the telnet daemon of the distribution, in a real
GB18030 locale: REP, cells and keys as other people's software has them.

Each part is left out where its program (sshd, telnetd, localedef) is not installed.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from clerkwork.practice.credentials import credentials
from clerkwork.practice.slips import SlipBook
from clerkwork.systems.grid import GridSession
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn
from clerkwork.systems.vt import open_session

ROOT = Path(__file__).parents[2]
# As the host is a real GB18030 one, cells are counted as it does.
MAP = load_system(ROOT / "resources/systems/branch").model_copy(update={"chinese_cells": None})
SLIP = {
    "account": "6222000000",
    "payee": "艾力—“镕”",
    "amount": "1000000000.00",
    "purpose": "货款ABC",
    "reference": "REF0000000000017",
}

pytestmark = pytest.mark.skipif(not os.environ.get("CLERKWORK_REAL"), reason="make test-real")


def find(name: str) -> str | None:
    """Where a program is, in the folders of daemons too."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def program(name: str) -> str:
    """Where a program is; the test is skipped where it is not installed."""
    found = find(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the locale zh_CN.GB18030, made here."""
    if not (find("sshd") or find("telnetd")):
        pytest.skip("neither sshd nor telnetd is installed")
    folder = tmp_path_factory.mktemp("locales")
    made = subprocess.run(
        [program("localedef"), "-f", "GB18030", "-i", "zh_CN", folder / "zh_CN.GB18030"],
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("the sources of locales are not installed")
    return folder


@pytest.fixture
def command(tmp_path: Path, locales: Path) -> Path:
    """A program that runs the branch in that locale, as a login shell's script would."""
    (tmp_path / "practice").mkdir()
    credentials(tmp_path)
    path = os.pathsep.join(filter(None, sys.path))
    script = tmp_path / "branch"
    script.write_text(
        f"#!/bin/sh\nexport LOCPATH={locales} LC_ALL=zh_CN.GB18030 PYTHONPATH={path}\n"
        f"exec {sys.executable} -m clerkwork.practice.branch.program {tmp_path}\n"
    )
    script.chmod(0o755)
    return script


def free_port() -> int:
    """A port that nobody listens on now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def ssh(tmp_path: Path, command: Path) -> Iterator[tuple[str, str, Path]]:
    """OpenSSH on a free port: address, fingerprint, and the key that lets in."""
    keygen = program("ssh-keygen")
    for name in ("host", "client"):
        key = tmp_path / name
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    shutil.copy(tmp_path / "client.pub", tmp_path / "authorized_keys")
    port = free_port()
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    options = {
        "ListenAddress": f"127.0.0.1:{port}", "HostKey": tmp_path / "host", "UsePAM": "no",
        "AuthorizedKeysFile": tmp_path / "authorized_keys", "StrictModes": "no",
        "PasswordAuthentication": "no", "KbdInteractiveAuthentication": "no",
        "ForceCommand": command, "PidFile": "none", "PermitRootLogin": "yes",
    }  # fmt: skip
    config = tmp_path / "sshd_config"
    config.write_text("".join(f"{key} {value}\n" for key, value in options.items()))
    log = (tmp_path / "sshd.log").open("wb")
    server = subprocess.Popen([program("sshd"), "-D", "-e", "-f", config], stderr=log)
    shown = subprocess.run([keygen, "-lf", tmp_path / "host.pub"], capture_output=True, text=True)
    try:
        wait_for(port)
        yield f"ssh://127.0.0.1:{port}", shown.stdout.split()[1], tmp_path / "client"
    finally:
        server.terminate()
        server.wait()
        log.close()


def wait_for(port: int) -> None:
    """Until somebody listens."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 1)):
            return
        time.sleep(0.05)


@pytest.fixture
def telnet(command: Path) -> Iterator[str]:
    """The telnet daemon for one connection, as inetd would start it: its address."""
    daemon = program("telnetd")
    listener = socket.create_server(("127.0.0.1", 0))
    started: list[subprocess.Popen[bytes]] = []

    def serve() -> None:
        with suppress(OSError):
            connected, _ = listener.accept()
            with connected:
                started.append(
                    subprocess.Popen(
                        [daemon, "-h", "-E", command], stdin=connected, stdout=connected
                    )
                )

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"telnet://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    thread.join()
    for process in started:
        process.terminate()
        process.wait()


def key_slip(session: GridSession, home: Path) -> None:
    """Sign on, key the slip, read it back, and page through the list."""
    with session:
        session.expect("sign_on")
        session.set("operator", session.credential.operator)
        session.set("password", session.credential.password)
        session.press("enter")
        session.press("slip")
        for field, value in SLIP.items():
            session.set(field, value)
        shown = session.commit("post", lambda: None).fields
        session.press("back")
        session.press("list")
        rows = list(session.all_rows("lines"))

    expected = SLIP | {"amount": "1,000,000,000.00"}
    assert expected == {name: shown[name] for name in SLIP}
    stored = SlipBook(home / "practice" / "branch.db").all()
    assert [(s.payee, s.amount) for s in stored][:25] == [
        (row["payee"], row["amount"]) for row in rows
    ][:25]
    assert 26 == len(rows)


def operator(home: Path) -> SignOn:
    """Who may post."""
    found = credentials(home)["branch-keyboard"]
    return SignOn(found["operator"], found["password"])


def test_openssh_in_a_gb18030_locale(tmp_path: Path, ssh: tuple[str, str, Path]):
    """A slip over the real sshd, let in by a key; its host key is the one that it printed."""
    address, host_key, key = ssh

    session = open_session(
        MAP, address, operator(tmp_path), keep=len_of, may_commit=True, host_key=(host_key,),
        user=getpass.getuser(), private_key=str(key),
    )  # fmt: skip

    key_slip(session, tmp_path)


def test_the_telnet_daemon_in_a_gb18030_locale(tmp_path: Path, telnet: str):
    """A slip over the real telnetd."""
    session = open_session(MAP, telnet, operator(tmp_path), keep=len_of, may_commit=True, tls=False)

    key_slip(session, tmp_path)


def len_of(picture: object) -> None:
    """Keep nothing."""
