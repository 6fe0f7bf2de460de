"""
Mails that arrive: the attachments of known senders are delivered into a folder.

The sender is what the From header says, which anybody can write: the rule keeps other mail
out, it proves nothing. The bank's mail server must refuse mail that forges the bank's or its
partners' addresses (SPF, DKIM, DMARC).
"""

from __future__ import annotations

import binascii
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import (
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
    MessageError,
    ObsoleteHeaderDefect,
    UndecodableBytesDefect,
)
from email.message import EmailMessage
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path

from clerkwork.errors import Refused
from clerkwork.run.office import Office
from clerkwork.schedule.arrivals import (
    Arrival,
    Tell,
    is_alive,
    key_of,
    settle_arrivals,
    settled,
)
from clerkwork.schedule.firings import Prepare, settling
from clerkwork.schedule.manifest import OnMail, Planned
from clerkwork.systems.delivery import incoming, safe_name
from clerkwork.systems.imap import LARGEST, Mailbox

TRIGGER = "mail"
_SUBJECT = 200  # characters of a subject that are kept
# What the parser of the standard library raises on mails that are made to break it.
_BROKEN = (ValueError, LookupError, AttributeError, TypeError, MessageError, RecursionError)
# What honest senders do: a dot in a display name, or a name in an encoding that is not said.
_HARMLESS = (ObsoleteHeaderDefect, UndecodableBytesDefect)
_DAMAGED = (
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
)


@dataclass(frozen=True)
class Attachment:
    """A file in a mail, under a name that is safe to give to a file."""

    name: str
    content: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of its content, in hex."""
        return sha256(self.content).hexdigest()


def sender_of(header: bytes) -> str:
    """
    The one address of a From header, in small letters; "" when it does not say just one.

    A display name is no address, whatever it looks like.

    >>> sender_of(b'From: "boss@bank.example" <eve@evil.example>')
    'eve@evil.example'
    """
    try:
        message = message_from_bytes(header, policy=policy.default)
        found = message.get_all("from", [])
        addresses = [one for each in found for one in each.addresses]
        if len(found) != 1 or len(addresses) != 1:
            return ""
        if any(not isinstance(defect, _HARMLESS) for defect in found[0].defects):
            return ""  # such as `boss@bank.example <eve@evil.example>`
        address: str = addresses[0].addr_spec
    except _BROKEN:
        return ""
    return address.lower() if address.isascii() and address.isprintable() else ""


def is_from(sender: str, rule: Sequence[str]) -> bool:
    """Whether `sender` is one of the addresses of `rule`, or of one of its domains."""
    domain = "@" + sender.rpartition("@")[2]
    return bool(sender) and (sender in rule or domain in rule)


def attachments_of(content: bytes) -> tuple[str, list[Attachment]]:
    """
    The subject of a mail and the files in it.

    Raises Refused MAIL_DAMAGED when the mail, or one of the files, cannot be read whole.
    """
    try:
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        subject = "".join(
            one for one in str(message.get("subject", "")) if unicodedata.category(one)[0] != "C"
        )
        return subject[:_SUBJECT], list(_files(message))
    except _BROKEN as broken:
        raise Refused("MAIL_DAMAGED", detail=f"{type(broken).__name__}") from broken


def _files(message: EmailMessage) -> Iterator[Attachment]:
    for part in message.walk():
        name = "" if part.is_multipart() else part.get_filename()
        if not name:
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            raise TypeError("a file without bytes")
        damage = [defect for defect in part.defects if isinstance(defect, _DAMAGED)]
        if damage:
            raise binascii.Error(type(damage[0]).__name__)
        yield Attachment(safe_name(name), content)


class MailSource:
    """A mailbox in which documents arrive for `watchers`; see `arrivals.Source`."""

    def __init__(
        self,
        office: Office,
        name: str,
        *,
        sign_on: Callable[[], Mailbox],
        folder_of: Callable[[str], Path],
        watchers: Sequence[Planned],
        prepare: Prepare,
    ):
        self.name = name
        self.watchers = watchers
        self._office = office
        self._sign_on = sign_on
        self._folder_of = folder_of
        self._prepare = prepare
        self._mailbox: Mailbox | None = None
        # Mails that were looked at and lie there still, with whom they were shown to.
        self._seen: set[str] = set()
        self._shown_to: tuple[object, ...] = ()

    @property
    def every_s(self) -> float:
        """See `Source.every_s`."""
        return min((_on(one).every_s for one in self.watchers), default=60.0)

    def look(self, tell: Tell) -> None:
        """See `Source.look`."""
        if self._mailbox is None:
            self._mailbox = self._sign_on()
        watchers = [one for one in self.watchers if is_alive(one, self._office)]
        shown_to = (self._mailbox.validity, *((one.name, _on(one)) for one in watchers))
        if shown_to != self._shown_to:
            self._seen.clear()
            self._shown_to = shown_to
        unread = not any(_on(one).done for one in watchers)
        numbers = self._mailbox.search(unread=unread) if watchers else []
        self._seen &= set(numbers)
        new = [number for number in numbers if number not in self._seen]
        for number, size, header in list(self._mailbox.headers(new)):
            sender = sender_of(header)
            mine = [one for one in watchers if is_from(sender, _on(one).senders)]
            if not mine or not self._take(number, size, sender, watchers=mine, tell=tell):
                self._seen.add(number)

    def close(self) -> None:
        """See `Source.close`."""
        if self._mailbox is not None:
            self._mailbox.close()
            self._mailbox = None

    def _take(
        self, number: str, size: int, sender: str, *, watchers: Sequence[Planned], tell: Tell
    ) -> bool:
        """Take a mail; whether it is out of the way, and need not be known as looked at."""
        assert self._mailbox is not None
        try:
            if size > LARGEST:
                raise Refused("MAIL_TOO_LARGE", size=size, largest=LARGEST)
            content = self._mailbox.fetch(number)
            subject, files = attachments_of(content) if content is not None else ("", [])
        except Refused as refused:
            tell(f"mail {number}", refused.code)
            return False
        wanted = [
            (one, file)
            for one in watchers
            for file in files
            if fnmatchcase(file.name, _on(one).pattern)
        ]
        if not wanted:
            return False
        self._settle(wanted, {"sender": sender, "subject": subject})
        done = next((_on(one).done for one, _ in wanted if _on(one).done), "")
        if done:
            self._mailbox.move(number, done)
        else:
            self._mailbox.mark_read(number)
        return bool(done)

    def _settle(self, wanted: Sequence[tuple[Planned, Attachment]], facts: dict[str, str]) -> None:
        """Deliver what was not settled before, and settle it in one transaction."""
        names = {one.name for one, _ in wanted}
        had = settled(self._office, names, {key_of(TRIGGER, file.digest) for _, file in wanted})
        found: dict[tuple[str, str], Arrival] = {}
        stands: dict[tuple[str, str], str] = {}  # into, digest -> name there
        for one, file in wanted:
            key = (one.name, key_of(TRIGGER, file.digest))
            if key in had or key in found:
                continue
            into = _on(one).into
            folder = self._folder_of(into)
            if (into, file.digest) not in stands:
                with incoming(folder) as coming:
                    coming.write(file.content)
                    stands[into, file.digest] = coming.keep(file.name)
            about = {"file": stands[into, file.digest], "folder": str(folder)}
            found[key] = Arrival(one, file.digest, facts | about)
        with settling(self._office, self._prepare) as work:
            settle_arrivals(work, found.values(), trigger=TRIGGER)


def _on(planned: Planned) -> OnMail:
    assert planned.plan.mail is not None
    return planned.plan.mail
