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
from dataclasses import dataclass, field
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
from functools import cached_property
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
_BATCH = 25  # mails settled in one transaction,
_BYTES = 20 << 20  # as long as they are not larger together
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

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of its content, in hex."""
        return sha256(self.content).hexdigest()


@dataclass
class _Letter:
    """A mail of a sender for whom schedules wait, and what of it each of them wants."""

    number: str
    size: int
    watchers: Sequence[Planned]
    facts: dict[str, str]
    wanted: list[tuple[Planned, Attachment]] = field(default_factory=list)


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
        letters = list(self._letters(new, watchers))
        for batch in _batches(letters):
            self._settle([one for one in batch if self._open(one, tell)])

    def close(self) -> None:
        """See `Source.close`."""
        if self._mailbox is not None:
            self._mailbox.close()
            self._mailbox = None

    def _letters(self, numbers: Sequence[str], watchers: Sequence[Planned]) -> Iterator[_Letter]:
        """The mails that somebody waits for, by their senders; the others are not asked again."""
        assert self._mailbox is not None
        for number, size, header in self._mailbox.headers(numbers):
            sender = sender_of(header)
            mine = [one for one in watchers if is_from(sender, _on(one).senders)]
            if mine:
                yield _Letter(number, size, mine, {"sender": sender})
            else:
                self._seen.add(number)

    def _open(self, letter: _Letter, tell: Tell) -> bool:
        """Whether anything in a mail is wanted; its files are in it then."""
        assert self._mailbox is not None
        try:
            if letter.size > LARGEST:
                raise Refused("MAIL_TOO_LARGE", size=letter.size, largest=LARGEST)
            content = self._mailbox.fetch(letter.number)
            if content is None:
                return False
            letter.facts["subject"], files = attachments_of(content)
        except Refused as refused:
            tell(f"mail {letter.number}", refused.code)
            self._seen.add(letter.number)
            return False
        letter.wanted = [
            (one, file)
            for one in letter.watchers
            for file in files
            if fnmatchcase(file.name, _on(one).pattern)
        ]
        if not letter.wanted:
            self._seen.add(letter.number)
        return bool(letter.wanted)

    def _settle(self, letters: Sequence[_Letter]) -> None:
        """Deliver what was not settled before, settle it in one transaction, mark the mails."""
        if not letters:
            return
        assert self._mailbox is not None
        wanted = [(one, file, letter) for letter in letters for one, file in letter.wanted]
        keys = {key_of(TRIGGER, file.digest) for _, file, _ in wanted}
        had = settled(self._office, {one.name for one, _, _ in wanted}, keys)
        found: dict[tuple[str, str], Arrival] = {}
        stands: dict[tuple[str, str], str] = {}  # into, digest -> name there
        for one, file, letter in wanted:
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
            found[key] = Arrival(one, file.digest, letter.facts | about)
        with settling(self._office, self._prepare) as work:
            settle_arrivals(work, found.values(), trigger=TRIGGER)
        for letter in letters:
            self._mark(letter)

    def _mark(self, letter: _Letter) -> None:
        assert self._mailbox is not None
        done = next((_on(one).done for one, _ in letter.wanted if _on(one).done), "")
        if done:
            self._mailbox.move(letter.number, done)
        else:
            self._mailbox.mark_read(letter.number)
            self._seen.add(letter.number)


def _batches(letters: Sequence[_Letter]) -> Iterator[Sequence[_Letter]]:
    """Parts of `letters` that are held in memory, and settled, together."""
    batch: list[_Letter] = []
    for one in letters:
        if batch and (len(batch) == _BATCH or sum(b.size for b in batch) + one.size > _BYTES):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _on(planned: Planned) -> OnMail:
    assert planned.plan.mail is not None
    return planned.plan.mail
