"""
Mails that arrive in a real mailbox: dovecot, over TLS. Left out where it is not installed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage

import pytest

from clerkwork.errors import Failure
from clerkwork.schedule import arrivals
from clerkwork.schedule.keeper import keeping
from clerkwork.store.tables import firings
from tests.postroom import Postroom, open_postroom, wait_until
from tests.real.dovecot import PASSWORD, USER, Dovecot, dovecot, program

pytestmark = pytest.mark.skipif(program() is None, reason="dovecot is not installed")

PARTNER = "Statements <statements@partner.example>"
ON_MAIL = """
[mail]
system = "mailbox"
senders = ["statements@partner.example", "@branch.example"]
into = "inbox"
pattern = "*.pdf"
every_s = 0.2
"""
PARAMETERS = '[parameters]\nfile = "{file}"\nsender = "{sender}"\n'


def mail(*files: tuple[str, bytes], sender: str = PARTNER) -> bytes:
    """A mail with attachments."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = "clerk@bank.example"
    made["Subject"] = "对账单 2026-06-11"
    made.set_content("As agreed.")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return made.as_bytes()


@dataclass
class Letters:
    """A postroom, and the mailbox that it watches."""

    postroom: Postroom
    server: Dovecot

    def delivered(self) -> dict[str, bytes]:
        """What stands in our folder, by name; also what is hidden."""
        return {one.name: one.read_bytes() for one in self.postroom.inbox.iterdir()}


@pytest.fixture
def letters(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letters]:
    """A schedule `incoming` waits for PDF attachments of two senders."""
    with ExitStack() as stack:
        server = stack.enter_context(dovecot())
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        monkeypatch.setenv("CLERKWORK_SECRET_MAILBOX", f"{USER}:{PASSWORD}")
        postroom = stack.enter_context(open_postroom(tmp_path))
        postroom.system("mailbox", "imap", server.address, 'desk = "mailbox"')
        postroom.add("incoming", ON_MAIL + PARAMETERS)
        yield Letters(postroom, server)
        postroom.close()


def test_attachments_of_a_known_sender_are_delivered_and_the_mail_is_marked(letters: Letters):
    """Two files are two documents; what does not fit the pattern stays in the mail."""
    letters.server.deliver(mail(("a.pdf", b"1"), ("b.pdf", b"2"), ("photo.png", b"3")))
    letters.postroom.look()
    letters.postroom.look()

    assert {"a.pdf": b"1", "b.pdf": b"2"} == letters.delivered()
    assert ["a.pdf", "b.pdf"] == letters.postroom.files()
    assert 0 == letters.server.count("UNSEEN")
    assert {"statements@partner.example"} == {
        row.params["sender"] for row in letters.postroom.firings()
    }


@pytest.mark.parametrize(
    "sender",
    [
        "eve@evil.example",
        '"statements@partner.example" <eve@evil.example>',
        "statements@partner.example <eve@evil.example>",
        "statements@partner.example.evil.example",
        "statements@partner.example, eve@evil.example",
        "eve@sub.branch.example",
    ],
)
def test_mails_of_others_are_left_as_they_are(letters: Letters, sender: str):
    """A display name is no sender; the mail stays unread."""
    raw = mail(("a.pdf", b"1")).replace(PARTNER.encode(), sender.encode())
    letters.server.deliver(raw)
    letters.postroom.look()

    assert {} == letters.delivered()
    assert 1 == letters.server.count("UNSEEN")


def test_a_whole_domain_may_be_a_sender(letters: Letters):
    """Whoever writes from it, in letters of any size."""
    letters.server.deliver(mail(("a.pdf", b"1"), sender="Wang Fang <Wang.Fang@BRANCH.example>"))
    letters.postroom.look()

    assert ["a.pdf"] == letters.postroom.files()


def test_the_same_attachment_in_two_mails_is_one_document(letters: Letters):
    """Sent again, under another name, it is marked and delivered no second time."""
    letters.server.deliver(mail(("a.pdf", b"1")), mail(("a again.pdf", b"1")))
    letters.postroom.look()
    letters.postroom.restart()
    letters.server.deliver(mail(("a.pdf", b"1")))
    letters.postroom.look()

    assert {"a.pdf": b"1"} == letters.delivered()
    assert ["a.pdf"] == letters.postroom.files()
    assert 0 == letters.server.count("UNSEEN")


def test_other_content_under_the_same_name_overwrites_nothing(letters: Letters):
    """Both stand in the folder."""
    letters.server.deliver(mail(("a.pdf", b"1")), mail(("a.pdf", b"2")))
    letters.postroom.look()

    assert [b"1", b"2"] == sorted(letters.delivered().values())
    assert 2 == len(set(letters.postroom.files()))


def test_names_of_attachments_cannot_leave_the_folder(letters: Letters):
    """Paths, control characters and endless names become plain ones."""
    names = ["../../evil.pdf", "C:\\boot\\ini.pdf", "a\u202efdp.pdf", "长" * 200 + ".pdf"]
    letters.server.deliver(*(mail((name, name.encode())) for name in names))
    letters.postroom.look()

    assert {"evil.pdf", "ini.pdf", "afdp.pdf"} < set(letters.delivered())
    assert 4 == len(letters.delivered()) == len(letters.postroom.files())
    assert all(len(name.encode()) <= 150 for name in letters.delivered())
    assert not (letters.postroom.root.parent / "evil.pdf").exists()


def test_a_taken_mail_is_moved_where_the_schedule_says_so(letters: Letters):
    """Into a folder that is made; what a person has read before is taken as well."""
    letters.postroom.add("incoming", ON_MAIL + 'done = "Taken by clerkwork"\n' + PARAMETERS)
    letters.server.deliver(mail(("a.pdf", b"1")), mail(("photo.png", b"3")))
    session = letters.server.open()
    session.select("INBOX")
    session.store("1", "+FLAGS", r"\Seen")
    session.logout()
    letters.postroom.look()

    assert ["a.pdf"] == letters.postroom.files()
    assert 1 == letters.server.count("ALL", '"Taken by clerkwork"')
    assert 1 == letters.server.count("ALL")


def test_a_crash_between_the_firing_and_the_mark_doubles_nothing(letters: Letters):
    """The mail is unread still: it is read again, and only marked."""
    letters.server.deliver(mail(("a.pdf", b"1")))
    letters.postroom.look()
    session = letters.server.open()
    session.select("INBOX")
    session.store("1", "-FLAGS", r"\Seen")
    session.logout()
    letters.postroom.restart()
    letters.postroom.look()

    assert ["a.pdf"] == letters.postroom.files()
    assert {"a.pdf": b"1"} == letters.delivered()
    assert 0 == letters.server.count("UNSEEN")


def test_nothing_is_marked_before_its_firing_is_written(letters: Letters):
    """Delivered, and the store says no: the mail stays unread, and the next look settles it."""
    letters.server.deliver(mail(("a.pdf", b"1")))
    with letters.postroom.office.store.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE cw_firings RENAME TO away")
    with pytest.raises(Exception, match="cw_firings"):
        letters.postroom.look()
    assert 1 == letters.server.count("UNSEEN")

    with letters.postroom.office.store.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE away RENAME TO cw_firings")
    letters.postroom.look()

    assert ["a.pdf"] == letters.postroom.files()
    assert {"a.pdf": b"1"} == letters.delivered()


def test_a_damaged_mail_is_told_and_left_and_the_others_go_on(letters: Letters):
    """Half an attachment is no document."""
    content = bytes(range(256)) * 20
    damaged = mail(("a.pdf", content)).replace(b"AAECAwQF", b"AAECAwQ", 1)
    letters.server.deliver(damaged, mail(("b.pdf", b"2")))
    letters.postroom.look()

    assert ["b.pdf"] == letters.postroom.files()
    assert ["MAIL_DAMAGED"] == [code for _, code in letters.postroom.told]
    assert 1 == letters.server.count("UNSEEN")


def test_a_certificate_that_nobody_vouches_for_is_refused(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
):
    """The password is not sent then."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Failure) as failed:
        letters.postroom.look()

    assert "SYSTEM_NOT_REACHED" == failed.value.code
    assert "certificate" in failed.value.message("en")


def test_a_wrong_password_is_refused(letters: Letters, monkeypatch: pytest.MonkeyPatch):
    """It is no matter of trying again soon: the account would be locked."""
    monkeypatch.setenv("CLERKWORK_SECRET_MAILBOX", f"{USER}:wrong")
    with pytest.raises(Failure) as failed:
        letters.postroom.look()

    assert ("Refused", "LOGIN_REFUSED") == (failed.value.kind, failed.value.code)


def test_a_mailbox_that_goes_and_comes_back_loses_nothing_and_doubles_nothing(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
):
    """Killed again and again while mails come and the scheduler works: one run for each."""
    monkeypatch.setattr(arrivals, "_BACK_OFF_S", (0.2, 0.4))
    total = 121

    def told() -> list[str]:
        return [one.name for one in letters.postroom.events("trigger.")]

    with keeping(letters.postroom.office) as keeper:
        assert keeper is not None
        thread = threading.Thread(target=keeper.keep)
        thread.start()
        try:
            for start in range(0, total - 1, 30):
                numbers = range(start, start + 30)
                letters.server.deliver(*(mail((f"{n:03}.pdf", b"%d" % n)) for n in numbers))
                letters.server.kill()
                time.sleep(0.5)
                letters.server.start()
            # only a look at the server that came back last can take this one
            letters.server.deliver(mail((f"{total - 1:03}.pdf", b"%d" % (total - 1))))
            wait_until(lambda: len(letters.postroom.firings()) >= total)
            wait_until(lambda: not letters.server.count("UNSEEN"))
            wait_until(lambda: told()[-1:] == ["trigger.back"])
        finally:
            keeper.stopping.set()
            thread.join()

    expected = [f"{number:03}.pdf" for number in range(total)]
    assert expected == letters.postroom.files() == sorted(letters.delivered())
    assert letters.postroom.events("trigger.failing")
    assert ["trigger.failing", "trigger.back"] * (len(told()) // 2) == told()


def test_a_thousand_mails_at_once(letters: Letters):
    """A document each, and every mail marked."""
    letters.server.deliver(*(mail((f"{n:04}.pdf", b"%d" % n)) for n in range(1000)))
    began = time.monotonic()
    letters.postroom.look()
    took_s = time.monotonic() - began

    assert 1000 == len(set(letters.postroom.files())) == len(letters.delivered())
    assert 0 == letters.server.count("UNSEEN")
    with letters.postroom.office.store.connect() as conn:
        assert 1000 == len(conn.execute(firings.select()).all())
    print(f"1,000 mails: {took_s:.1f} s")
