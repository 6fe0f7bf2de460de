"""The practice bank's branch: a Chinese character program over SSH and telnet."""

from __future__ import annotations

import socket
import threading
from functools import partial
from pathlib import Path

from clerkwork.practice import manners
from clerkwork.practice.branch import ssh, telnet
from clerkwork.practice.branch.child import Child
from clerkwork.practice.branch.listener import Listener
from clerkwork.practice.slips import SlipBook

__all__ = ["Branch", "serve"]

SYSTEM = "branch"
ENCODINGS = ("gb18030", "utf-8")


class Branch:
    """The running branch; it listens on loopback in both codings until `close`."""

    def __init__(self, home: Path):
        self._home = home
        self._folder = home / "practice"
        SlipBook(self._folder / f"{SYSTEM}.db")  # what lies there from the first day
        self._key = ssh.host_key(self._folder / SYSTEM / "host_key")
        self.host_key = ssh.fingerprint(self._key)
        self._listeners = {
            f"{way}-{encoding}": Listener(partial(serve_one, encoding), f"{SYSTEM}-{way}")
            for way, serve_one in (("ssh", self._ssh), ("telnet", self._telnet))
            for encoding in ENCODINGS
        }

    def port(self, way: str, encoding: str) -> int:
        """The port of "ssh" or "telnet" in an encoding."""
        return self._listeners[f"{way}-{encoding}"].port

    @property
    def ports(self) -> dict[str, str]:
        """What ports.json says: an address each, and the fingerprint of the host's key."""
        return {
            "url": f"ssh://127.0.0.1:{self.port('ssh', 'gb18030')}",
            "url_utf8": f"ssh://127.0.0.1:{self.port('ssh', 'utf-8')}",
            "telnet": f"telnet://127.0.0.1:{self.port('telnet', 'gb18030')}",
            "telnet_utf8": f"telnet://127.0.0.1:{self.port('telnet', 'utf-8')}",
            "host_key": self.host_key,
        }

    def close(self) -> None:
        """Hang up every terminal and stop; every thread, program and socket is gone then."""
        for listener in self._listeners.values():
            listener.close()

    def _ssh(self, encoding: str, connected: socket.socket, stopped: threading.Event) -> None:
        is_wrong = manners.is_due(self._folder, SYSTEM, manners.CERTIFICATE_WRONG)
        transport, channel = ssh.admit(connected, ssh.another_key() if is_wrong else self._key)
        try:
            ssh.talk(channel, Child(self._home, encoding=encoding), stopped)
        finally:
            transport.close()

    def _telnet(self, encoding: str, connected: socket.socket, stopped: threading.Event) -> None:
        telnet.talk(connected, Child(self._home, encoding=encoding), stopped)


def serve(home: Path) -> Branch:
    """Start the branch of `home`; its operators are the credentials named "branch-..."."""
    return Branch(home)
