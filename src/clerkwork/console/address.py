"""Where the console is served, and under which names it may be called."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from clerkwork.errors import Misconfigured

PORT = 8765
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Address:
    """
    Where it listens. `public` is the origin (https://...) at which a proxy shows it.

    Raises Misconfigured CONSOLE_ADDRESS_OPEN, CONSOLE_PROXY_WRONG, CONSOLE_KEY_ALONE,
    CONSOLE_FILE_MISSING.
    """

    host: str = LOOPBACK
    port: int = PORT
    certificate: Path | None = None
    key: Path | None = None
    public: str = ""

    def __post_init__(self) -> None:
        if bool(self.certificate) != bool(self.key):
            raise Misconfigured("CONSOLE_KEY_ALONE")
        for path in filter(None, (self.certificate, self.key)):
            if not path.is_file():
                raise Misconfigured("CONSOLE_FILE_MISSING", file=str(path))
        if self.public and not _is_origin(self.public):
            raise Misconfigured("CONSOLE_PROXY_WRONG", proxy=self.public)
        if not (self.certificate or self.public or _is_loopback(self.host)):
            raise Misconfigured("CONSOLE_ADDRESS_OPEN", host=self.host)

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by TLS."""
        return bool(self.certificate or self.public)

    @property
    def origin(self) -> str:
        """What stands before every path, for a person who types it."""
        if self.public:
            return self.public
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"

    def is_called(self, host: str) -> bool:
        """Whether a request's Host is one of ours: another page's name may lead here, too."""
        if self.public:
            return host == urlsplit(self.public).netloc
        if self.certificate:  # who does not have that name has no certificate for it
            return bool(host)
        name = host.rpartition(":")[0] if host.endswith(f":{self.port}") else host
        return name in (LOOPBACK, "localhost", "[::1]")

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Whether a request from a page of `origin` comes from a page of ours."""
        scheme = "https" if self.is_secure else "http"
        return self.is_called(host) and origin == f"{scheme}://{host}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme == "https" and bool(parts.netloc) and text == f"https://{parts.netloc}"
