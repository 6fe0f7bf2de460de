"""Files that arrive on a real file server: OpenSSH's. Left out where it is not installed."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from clerkwork.schedule import arrivals
from clerkwork.schedule.keeper import keeping
from tests.postroom import Postroom, open_postroom, wait_until

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin")
pytestmark = pytest.mark.skipif(SSHD is None, reason="sshd is not installed")
ON_FILE = """
[file]
system = "partner"
pattern = "*.txt"
stable_s = 0.3
every_s = 0.1
into = "inbox"
[parameters]
file = "{file}"
"""


@dataclass
class Server:
    """A file server with the folder `out`, and a postroom that watches it."""

    folder: Path
    port: int
    postroom: Postroom

    @property
    def out(self) -> Path:
        """What the partner puts there."""
        return self.folder / "out"

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, and wait until it listens."""
        command = [SSHD or "", "-D", "-e", "-f", str(self.folder / "sshd_config")]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stderr=log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.port), 1)):
                return process
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text(encoding="utf-8"))

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """A running one while the block runs."""
        process = self.start()
        try:
            yield process
        finally:
            self.kill(process)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End it and the sessions that it serves, at once."""
        served = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True)
        for pid in (*served.stdout.split(), str(process.pid)):
            with suppress(ProcessLookupError):
                os.kill(int(pid), 9)
        process.wait()

    def count_delivered(self) -> int:
        """How many files stand in our folder."""
        return len(list(self.postroom.inbox.glob("*.txt")))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """OpenSSH with its own SFTP server, let in by a key; not running yet."""
    folder = tmp_path / "server"
    (folder / "out").mkdir(parents=True)
    for name in ("host", "client"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True
        )
    shutil.copy(folder / "client.pub", folder / "authorized_keys")
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    options = {
        "ListenAddress": f"127.0.0.1:{port}", "HostKey": folder / "host", "UsePAM": "no",
        "AuthorizedKeysFile": folder / "authorized_keys", "StrictModes": "no",
        "PasswordAuthentication": "no", "KbdInteractiveAuthentication": "no",
        "Subsystem": "sftp internal-sftp", "PidFile": "none", "PermitRootLogin": "yes",
    }  # fmt: skip
    config = "".join(f"{key} {value}\n" for key, value in options.items())
    (folder / "sshd_config").write_text(config)
    command = ["ssh-keygen", "-lf", folder / "host.pub"]
    shown = subprocess.run(command, capture_output=True, text=True).stdout.split()[1]
    monkeypatch.setenv("CLERKWORK_SECRET_PARTNER", "nobody:unused")
    with ExitStack() as stack:
        postroom = stack.enter_context(open_postroom(tmp_path))
        postroom.system(
            "partner", "sftp", f"sftp://127.0.0.1:{port}{folder / 'out'}", 'desk = "partner"',
            f'host_key = ["{shown}"]', f'user = "{getpass.getuser()}"',
            f'private_key = "{folder / "client"}"',
        )  # fmt: skip
        postroom.add("incoming", ON_FILE)
        yield Server(folder, port, postroom)
        postroom.close()


def test_a_large_file_is_fetched_whole_when_it_is_written_slowly(server: Server):
    """20 MB, written in parts while the server is looked at."""
    part = bytes(range(256)) * 4096
    with server.running():
        with (server.out / "a.txt").open("wb") as file:
            for _ in range(20):
                file.write(part)
                file.flush()
                server.postroom.look()
                time.sleep(0.05)
        assert 0 == server.count_delivered()
        wait_until(lambda: server.postroom.look() or server.count_delivered())
        server.postroom.close()

    assert part * 20 == (server.postroom.inbox / "a.txt").read_bytes()
    assert ["a.txt"] == server.postroom.files()


def test_a_thousand_files_at_once(server: Server):
    """A quarter of them twice under two names: each document is fetched, and runs, once."""
    for number in range(1000):
        (server.out / f"{number:04}.txt").write_text(f"document {number % 750}")
    with server.running():
        server.postroom.look()
        time.sleep(0.5)
        began = time.monotonic()
        server.postroom.look()
        took_s = time.monotonic() - began
        server.postroom.restart()
        server.postroom.look()
        time.sleep(0.5)
        server.postroom.look()
        server.postroom.close()

    assert 750 == server.count_delivered() == len(set(server.postroom.files()))
    assert 750 == len(server.postroom.files())
    print(f"1,000 files over SFTP: {took_s:.1f} s")


def test_a_server_that_is_killed_and_comes_back(server: Server, monkeypatch: pytest.MonkeyPatch):
    """Again and again, while files come and the scheduler works: each document once."""
    monkeypatch.setattr(arrivals, "_BACK_OFF_S", (0.2, 0.4))
    total = 201

    def told() -> list[str]:
        return [one.name for one in server.postroom.events("trigger.")]

    with keeping(server.postroom.office) as keeper:
        assert keeper is not None
        thread = threading.Thread(target=keeper.keep)
        thread.start()
        process = server.start()
        try:
            for start in range(0, total - 1, 40):
                for number in range(start, start + 40):
                    (server.out / f"{number:03}.txt").write_text(f"document {number}")
                time.sleep(0.8)
                server.kill(process)
                time.sleep(0.3)
                process = server.start()
            # only a look at the server that came back last can take this one
            (server.out / f"{total - 1:03}.txt").write_text(f"document {total - 1}")
            wait_until(lambda: len(server.postroom.firings()) >= total)
            wait_until(lambda: told()[-1:] == ["trigger.back"])
        finally:
            keeper.stopping.set()
            thread.join()
            server.kill(process)

    assert [f"{number:03}.txt" for number in range(total)] == server.postroom.files()
    assert total == server.count_delivered() == len(list(server.postroom.inbox.iterdir()))
    assert ["trigger.failing", "trigger.back"] * (len(told()) // 2) == told() != []
