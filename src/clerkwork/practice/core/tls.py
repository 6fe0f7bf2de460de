"""TLS of the practice host: its certificate, and a wrong one for a bad day."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tls:
    """Files of PEM with key and certificate; `wrong` is shown while `is_wrong` says so."""

    certificate: Path
    wrong: Path | None = None
    is_wrong: Callable[[], bool] = lambda: False

    def wrap(self, sock: socket.socket) -> ssl.SSLSocket:
        """The server's end of an encrypted connection; the handshake comes with the first read."""
        is_wrong = self.wrong is not None and self.is_wrong()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.wrong if self.wrong and is_wrong else self.certificate)
        return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
