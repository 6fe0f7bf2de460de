"""SSH: the host's key first, then as little as lets us in; the host here records what it hears."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from clerkwork.systems.vt.line import Hangup
from clerkwork.systems.vt.ssh import HostKeyWrong, NotLetIn, SshLine, fingerprint

KEY = paramiko.ECDSAKey.generate()
CLIENT = paramiko.ECDSAKey.generate()
PASSWORD = "SECRET12"


class Host(paramiko.ServerInterface):
    """Lets in by the `ways` given; `heard` is what clients said."""

    def __init__(self, ways: str):
        self.ways = ways
        self.heard: list[tuple[str, ...]] = []
        self.shell = threading.Event()

    def get_allowed_auths(self, username: str) -> str:
        return self.ways

    def check_auth_none(self, username: str) -> int:
        self.heard.append(("none", username))
        return AUTH_SUCCESSFUL if "none" in self.ways else AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:
        self.heard.append(("password", username, password))
        return AUTH_SUCCESSFUL if password == PASSWORD else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.heard.append(("publickey", username))
        return AUTH_SUCCESSFUL if key.asbytes() == CLIENT.asbytes() else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_pty_request(self, channel: object, term: bytes, *size: object) -> bool:
        self.heard.append(("pty", term.decode(), *map(str, size[:2])))
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        self.shell.set()
        return True


class Served:
    """A host on a free port for one client, who is greeted and hung up on at a word."""

    def __init__(self, ways: str):
        self.host = Host(ways)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError, EOFError, paramiko.SSHException):
            connected, _ = self._listener.accept()
            transport = paramiko.Transport(connected)
            try:
                transport.add_server_key(KEY)
                transport.start_server(server=self.host)
                channel = transport.accept(5)
                if channel and self.host.shell.wait(5):
                    channel.sendall("张三".encode())
                    channel.recv(1)
            finally:
                transport.close()
                connected.close()

    def close(self) -> None:
        """Stop listening, wait for the client's end."""
        self._listener.close()
        self._thread.join()


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A host that lets in by the ways of the parameter."""
    running = Served(request.param)
    yield running
    running.close()


def line_to(served: Served, *, key: str = "", password: str = PASSWORD, file: str = "") -> SshLine:
    """A line to it, as operator OP."""
    return SshLine(
        "127.0.0.1", served.port, host_keys=(key or fingerprint(KEY.asbytes()),), user="OP",
        password=password, private_key=file, term="vt220", rows=24, columns=80, connect_s=5,
    )  # fmt: skip


@pytest.mark.parametrize("served", ["none", "password"], indirect=True)
def test_another_key_is_told_nothing(served: Served):
    """Neither who we are nor the password; the fingerprint that it has is in the failure."""
    with pytest.raises(HostKeyWrong, match="SHA256:") as caught:
        line_to(served, key="SHA256:AAAA")

    assert fingerprint(KEY.asbytes()) == caught.value.args[0]
    assert [] == served.host.heard


@pytest.mark.parametrize("served", ["none"], indirect=True)
def test_a_host_that_asks_for_no_password_gets_none(served: Served):
    """The program on it asks by itself; the terminal is the mapped one."""
    line = line_to(served)

    assert "张三".encode() == line.receive(5)
    line.send(b"x")
    with pytest.raises(Hangup):
        while True:
            line.receive(5)
    line.close()

    assert [("none", "OP"), ("pty", "vt220", "80", "24")] == served.host.heard


@pytest.mark.parametrize("served", ["password"], indirect=True)
def test_a_host_that_asks_for_the_password_gets_it(served: Served):
    """After it was asked without."""
    line_to(served).close()

    assert [("none", "OP"), ("password", "OP", PASSWORD)] == served.host.heard[:2]


@pytest.mark.parametrize("served", ["publickey"], indirect=True)
def test_a_host_that_wants_a_key_gets_it(served: Served, tmp_path: Path):
    """And no password."""
    CLIENT.write_private_key_file(str(tmp_path / "key"))

    line_to(served, file=str(tmp_path / "key")).close()

    assert {("none", "OP"), ("publickey", "OP")} == set(served.host.heard) - {
        ("pty", "vt220", "80", "24")
    }


@pytest.mark.parametrize("served", ["publickey"], indirect=True)
def test_a_password_is_not_offered_where_none_is_taken(served: Served):
    """The host names the ways that it has."""
    with pytest.raises(NotLetIn, match="publickey"):
        line_to(served)

    assert [("none", "OP")] == served.host.heard


@pytest.mark.parametrize("served", ["password"], indirect=True)
def test_a_wrong_password_is_tried_once(served: Served):
    """An operator is soon locked."""
    with pytest.raises(NotLetIn, match="password"):
        line_to(served, password="WRONG")

    assert [("none", "OP"), ("password", "OP", "WRONG")] == served.host.heard


def test_nothing_is_printed_when_it_fails():
    """The failure is raised; a person at the command line sees no traceback besides."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        source = (
            "from clerkwork.systems.vt.ssh import SshLine\n"
            f"try: SshLine('127.0.0.1', {port}, host_keys=('x',), user='a', password='b',"
            " term='vt220', rows=24, columns=80, connect_s=5)\n"
            "except Exception as failed: print(type(failed).__name__)"
        )
        command = [sys.executable, "-c", source]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        connected, _ = listener.accept()
        connected.sendall(b"HTTP/1.1 400\r\n\r\n")
        connected.close()
        said, printed = child.communicate(timeout=20)

    assert (b"Hangup\n", b"") == (said, printed)
