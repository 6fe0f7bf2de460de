"""
A mailbox as a system (IMAP, through rpaframework's RPA.Email.ImapSmtp).

The connection is made here and handed to the library: by itself it takes any certificate and
waits for ever. Mails are read here too: the library marks what it reads, takes a search that
failed for an empty mailbox, and deletes a mail that it could not move.
"""

from __future__ import annotations

import imaplib
import re
import ssl
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from clerkwork.errors import Misconfigured, Refused, Unavailable
from clerkwork.systems.maps import SystemMap
from clerkwork.systems.port import SignOn

LARGEST = 100 << 20  # bytes of one mail
_ADDRESS = re.compile(r"([A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})")
_HEADER = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_AT_ONCE = 200  # headers asked for in one command


class Mailbox:
    """
    The inbox at "host:port", encrypted unless `tls` is false; certificates are checked.

    `validity` tells for how long the numbers of mails hold: with another text they are new ones.

    Raises Misconfigured ADDRESS_WRONG; Unavailable SYSTEM_NOT_REACHED; Refused LOGIN_REFUSED.
    """

    def __init__(self, system: SystemMap, address: str, sign_on: SignOn, *, tls: bool = True):
        self._about = {"system": system.name, "address": address}
        given = _ADDRESS.fullmatch(address)
        if not given:
            raise Misconfigured("ADDRESS_WRONG", **self._about)
        host, port = given[1].strip("[]"), int(given[2])
        self._rpa: Any = None
        with self._reaching():
            connection = _connection(host, port, tls=tls, wait_s=system.deadline_s)
        try:
            with self._reaching():
                self._sign_on(connection, sign_on)
                self._rpa = _library()
                self._rpa.imap_conn = connection
                self._rpa.select_folder("INBOX")
                self.validity = _text(connection.response("UIDVALIDITY"))
                self._can = _text(connection.capability()).upper().split()
        except BaseException:
            self.close()
            with suppress(OSError, imaplib.IMAP4.error):
                connection.shutdown()
            raise
        self._connection = connection

    def _sign_on(self, connection: imaplib.IMAP4, sign_on: SignOn) -> None:
        try:
            connection.login(sign_on.operator, sign_on.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as refused:
            about = {"user": sign_on.operator, "detail": _said(refused)} | self._about
            raise Refused("LOGIN_REFUSED", **about) from refused

    def search(self, *, unread: bool) -> list[str]:
        """The numbers of the mails in the inbox, oldest first; with `unread`, of those only."""
        with self._reaching():
            self._connection.noop()
            wanted = "UNSEEN UNDELETED" if unread else "UNDELETED"
            found = _ok(self._connection.uid("SEARCH", wanted))
        return [number for line in found if line for number in line.decode().split()]

    def headers(self, numbers: Sequence[str]) -> Iterator[tuple[str, int, bytes]]:
        """Number, size in bytes and From header of each mail; unread mails stay so."""
        for start in range(0, len(numbers), _AT_ONCE):
            these = ",".join(numbers[start : start + _AT_ONCE])
            wanted = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM)])"
            with self._reaching():
                found = _ok(self._connection.uid("FETCH", these, wanted))
            for index, part in enumerate(found):
                if not isinstance(part, tuple):
                    continue
                after = found[index + 1] if index + 1 < len(found) else b""
                told = part[0] + (after if isinstance(after, bytes) else b"")
                number, size = _HEADER.search(told), _SIZE.search(told)
                if number and size:
                    yield number[1].decode(), int(size[1]), part[1]

    def fetch(self, number: str) -> bytes | None:
        """A whole mail, which stays unread; None when it is gone."""
        with self._reaching():
            found = _ok(self._connection.uid("FETCH", number, "(BODY.PEEK[])"))
        return next((part[1] for part in found if isinstance(part, tuple)), None)

    def mark_read(self, number: str) -> None:
        """Mark a mail as read."""
        with self._reaching():
            if self._rpa.mark_as_read({"uid": number}) != "OK":
                raise imaplib.IMAP4.error("the mail could not be marked as read")

    def move(self, number: str, folder: str) -> None:
        """Move a mail into `folder`, which is made when it is not there."""
        with self._reaching():
            quoted = f'"{folder}"'
            if "MOVE" in self._can:
                self._into(folder, "MOVE", number, quoted)
                return
            self._into(folder, "COPY", number, quoted)
            _ok(self._connection.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)"))
            if "UIDPLUS" in self._can:
                _ok(self._connection.uid("EXPUNGE", number))

    def _into(self, folder: str, command: str, number: str, quoted: str) -> None:
        done, _ = self._connection.uid(command, number, quoted)
        if done != "OK":
            self._rpa.create_folder(quoted)
            _ok(self._connection.uid(command, number, quoted))

    def close(self) -> None:
        """Sign off. Not by CLOSE, which would delete for good what people marked so."""
        if self._rpa is not None and self._rpa.imap_conn is not None:
            connection, self._rpa.imap_conn = self._rpa.imap_conn, None
            with suppress(OSError, imaplib.IMAP4.error):
                connection.logout()
            with suppress(OSError):  # logout leaves a socket open whose other side is gone
                connection.shutdown()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """What goes wrong on the way, as a failure."""
        try:
            yield
        except (OSError, EOFError, imaplib.IMAP4.error) as failed:
            about = {"detail": _said(failed)} | self._about
            raise Unavailable("SYSTEM_NOT_REACHED", **about) from failed


def _connection(host: str, port: int, *, tls: bool, wait_s: float) -> imaplib.IMAP4:
    if not tls:
        return imaplib.IMAP4(host, port, timeout=wait_s)
    context = ssl.create_default_context()  # the system's authorities, or SSL_CERT_FILE's
    return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=wait_s)


def _library() -> Any:
    with warnings.catch_warnings():  # it imports a parser under a name that has become old
        warnings.simplefilter("ignore", DeprecationWarning)
        from RPA.Email.ImapSmtp import ImapSmtp

        return ImapSmtp()


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server said, which must be that it did so."""
    done, said = answer
    if done != "OK":
        raise imaplib.IMAP4.error(said[0] if said else done)
    return said


def _text(answer: tuple[str, list[Any]]) -> str:
    """The last line that the server said, "" for none."""
    lines = [line for line in answer[1] if isinstance(line, bytes)]
    return lines[-1].decode("ascii", "replace") if lines else ""


def _said(failed: BaseException) -> str:
    first = failed.args[0] if failed.args else ""
    text = first.decode("ascii", "replace") if isinstance(first, bytes) else str(failed)
    return text or type(failed).__name__
