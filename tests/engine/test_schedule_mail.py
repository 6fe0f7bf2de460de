"""What mails say, read without a mailbox: senders, attachments, and the names of files."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest

from clerkwork.errors import Refused, Unavailable
from clerkwork.schedule.mail import attachments_of, is_from, sender_of
from clerkwork.systems.delivery import incoming, safe_name
from clerkwork.systems.files import is_unfinished

BOSS = "boss@bank.example"
ODD = """\
From: {sender}
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: application/pdf{name}
Content-Disposition: attachment{filename}
Content-Transfer-Encoding: base64

{content}
--b--
"""


def odd_mail(*, name: str = "", filename: str = "", content: bytes | str = b"content") -> bytes:
    """A mail as other programs write them; a `content` that is text is written as it is."""
    text = content if isinstance(content, str) else base64.b64encode(content).decode()
    return ODD.format(sender=BOSS, subject="x", name=name, filename=filename, content=text).encode(
        "gb18030"
    )


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        (b"From: boss@bank.example", BOSS),
        (b"From: The Boss <BOSS@Bank.Example>", BOSS),
        (b"From: J. Q. Boss <boss@bank.example>", BOSS),
        (b"from:\r\n boss@bank.example\r\n", BOSS),
        (b"From: =?gb2312?B?1dTG8w==?= <boss@bank.example>", BOSS),
        ("From: 赵企 <boss@bank.example>".encode("gb18030"), BOSS),
        (b'From: "boss@bank.example" <eve@evil.example>', "eve@evil.example"),
        (b"From: =?utf-8?q?boss=40bank.example?= <eve@evil.example>", "eve@evil.example"),
        (b"From: =?utf-8?q?boss=40bank.example=3E?= <eve@evil.example>", "eve@evil.example"),
        (b"From: boss@bank.example <eve@evil.example>", ""),
        (b"From: <boss@bank.example>@evil.example", ""),
        (b"From: boss@bank.example(x)<eve@evil.example>", ""),
        (b"From: boss@bank.example, eve@evil.example", ""),
        (b"From: boss@bank.example\r\nFrom: eve@evil.example", ""),
        (b"From: boss@bank.example\x00 <eve@evil.example>", ""),
        ("From: boss@bänk.example".encode(), ""),
        (b"From:", ""),
        (b"Subject: no sender", ""),
        (b"", ""),
    ],
)
def test_the_sender_is_the_one_sound_address_of_from(header: bytes, sender: str):
    """Display names never count; anything that could be read in two ways is nobody."""
    assert sender == sender_of(header + b"\r\n\r\n")


def test_a_rule_names_addresses_or_exactly_one_domain():
    """A domain below, or one that ends alike, is another one."""
    rule = (BOSS, "@branch.example")

    for sender in (BOSS, "any@branch.example"):
        assert is_from(sender, rule)
    for sender in ("", "any@bank.example", "a@sub.branch.example", "a@mybranch.example"):
        assert not is_from(sender, rule)


@pytest.mark.parametrize("noise", [b"", b"\xff", b"=?x?", b'<>,;:"\\()@[].\x00\r\n ', b"=?gbk?B?"])
def test_no_header_is_a_defect(noise: bytes):
    """Headers that are made to break the parser are from nobody."""
    for length in range(1, 12):
        header = b"From: " + (noise * length)[: length * 3] + b" <eve@evil.example"
        assert sender_of(header) in ("", "eve@evil.example")


@pytest.mark.parametrize(
    "given",
    [
        {"filename": "; filename*=UTF-8''%E5%AF%B9%E8%B4%A6%E5%8D%95.pdf"},
        {"filename": '; filename="=?gb18030?B?ttTVy7WlLnBkZg==?="'},
        {"filename": '; filename="=?utf-8?B?5a+56LSm5Y2VLnBkZg==?="'},
        {"filename": "; filename*0*=UTF-8''%E5%AF%B9; filename*1*=%E8%B4%A6%E5%8D%95.pdf"},
        {"name": '; name="=?utf-8?B?5a+56LSm5Y2VLnBkZg==?="'},
    ],
)
def test_chinese_names_of_attachments_are_read_as_programs_write_them(given: dict[str, str]):
    """By the standard (RFC 2231), and as older programs do instead."""
    _, (file,) = attachments_of(odd_mail(**given))

    assert ("对账单.pdf", b"content") == (file.name, file.content)


def test_a_file_in_a_forwarded_mail_is_an_attachment_too():
    """Whoever forwards it answers for it."""
    inner = EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("text")
    inner.add_attachment(b"1", maintype="application", subtype="pdf", filename="a.pdf")
    outer = EmailMessage()
    outer["Subject"] = "outer\u202e"
    outer.set_content("see below")
    outer.add_attachment(inner)

    subject, files = attachments_of(outer.as_bytes())

    assert ("outer", ["a.pdf"]) == (subject, [file.name for file in files])


@pytest.mark.parametrize("content", ["Zm9", "Zm9vY", "Zm9v!YmFy", "Zg=v"])
def test_half_an_attachment_is_refused(content: str):
    """What cannot be decoded whole is no document."""
    with pytest.raises(Refused) as refused:
        attachments_of(odd_mail(filename='; filename="a.pdf"', content=content))

    assert "MAIL_DAMAGED" == refused.value.code


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.pdf", "a.pdf"),
        ("对账单 2026.pdf", "对账单 2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\boot\\a.pdf", "a.pdf"),
        ("/", "document"),
        ("..", "document"),
        ("", "document"),
        (".hidden.pdf", "hidden.pdf"),
        ("a\r\nb\x00.pdf", "ab.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a<b>:\"|?*.pdf", "a_b______.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("nul", "_nul"),
        ("a.pdf. . ", "a.pdf"),
        ("e\u0301.pdf", "é.pdf"),
    ],
)  # fmt: skip
def test_a_strangers_name_becomes_a_plain_one(given: str, name: str):
    """No path, nothing that cannot be seen, nothing that a system takes for a device."""
    assert name == safe_name(given)


def test_a_long_name_keeps_its_ending():
    """Cut between characters, with room for a digest."""
    name = safe_name("长" * 300 + ".pdf")

    assert name.endswith("长.pdf") and len(name.encode()) <= 150
    assert len(safe_name("a." + "b" * 300).encode()) <= 150


def test_what_is_not_kept_leaves_nothing(tmp_path: Path):
    """Broken off in the middle, the folder is as it was."""
    with pytest.raises(KeyError), incoming(tmp_path) as coming:
        coming.write(b"half")
        assert [True] == [is_unfinished(one.name) for one in tmp_path.iterdir()]
        raise KeyError

    assert [] == list(tmp_path.iterdir())


def test_three_files_of_one_name_stand_beside_each_other(tmp_path: Path):
    """Each under its own name, and the same content once."""
    names = []
    for content in (b"1", b"2", b"3", b"2", b"1"):
        with incoming(tmp_path) as coming:
            coming.write(content)
            names.append(coming.keep("a.pdf"))

    assert names[:2] == [names[4], names[3]]
    assert {b"1", b"2", b"3"} == {one.read_bytes() for one in tmp_path.iterdir()}
    assert 3 == len(list(tmp_path.iterdir()))


def test_a_folder_that_is_missing_or_full_is_told(tmp_path: Path):
    """It is our own folder: a person must see to it."""
    with pytest.raises(Unavailable) as missing, incoming(tmp_path / "none"):
        pass
    assert "FOLDER_MISSING" == missing.value.code

    with pytest.raises(Unavailable) as full, incoming(tmp_path) as coming:
        coming.write(b"1")
        coming.keep("x" * 300)
    assert "FOLDER_NOT_WRITABLE" == full.value.code
