"""The desktop driver on the practice voucher program: real windows, its book as witness."""

from __future__ import annotations

import sys

import pytest

from clerkwork.errors import Drifted, Misconfigured, Refused
from clerkwork.systems.desktop import DesktopSession

from .desk import SLIP, VOUCHER, Desk, Opened, fill, sign_on, yes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI and X are Linux")


def test_what_is_typed_is_posted(form: DesktopSession, desk: Desk) -> None:
    """Boxes, dialogs, answer: the book has what was typed, Chinese too, once; pictures show it."""
    reference = desk.reference()
    fill(form, reference=reference)
    screen = form.commit("post", yes)

    assert (screen.name, screen.message_code) == ("posted", "VD4001")
    shown = SLIP | {"reference": reference, "amount": "1,234.50", "number": screen.fields["number"]}
    assert shown == screen.fields
    (slip,) = desk.book.find(reference)
    assert (slip.account, slip.payee, slip.amount_minor, slip.purpose, slip.keyed_by) == (
        "6200000001", "深圳市龙岗五金厂", 123450, "货款 INVOICE", "VK01",
    )  # fmt: skip
    assert desk.book.times_submitted(reference) == 1
    before, after = desk.pictures
    assert (before.screen, before.moment) == ("slip", "before-commit")
    assert (after.screen, after.moment) == ("posted", "after-commit")
    assert before.image and after.image and before.image != after.image
    assert "金额 = 1234.50" in before.text
    assert "VD4001 已记账" in after.text


def test_a_posted_slip_is_found_by_its_reference(form: DesktopSession, desk: Desk) -> None:
    """Every field comes back as it was stored; a reference that nobody has finds none."""
    reference = desk.reference()
    fill(form, reference=reference)
    form.commit("post", yes)
    form.press("back")
    form.press("search")
    form.set("reference", reference)
    found = form.press("find")
    form.press("back")
    form.press("search")
    form.set("reference", "CW3NOBODYHASIT")
    none = form.press("find")

    assert (found.message_code, found.fields["count"], found.fields["asked"]) == (
        "VD4002", "1", reference,
    )  # fmt: skip
    assert found.fields["payee"] == SLIP["payee"]
    assert (none.message_code, none.fields["count"], none.fields["number"]) == ("VD4003", "0", "")


def test_a_table_is_read_page_by_page(opened: Opened, desk: Desk) -> None:
    """Cells by column, to the last page, which says so and stands still."""
    looks = opened(who="voucher-desk")
    sign_on(looks)
    screen = looks.press("list")
    numbers = []
    while screen.message_code != "VD4004":
        numbers += [row["number"] for row in looks.rows("lines")]
        first = looks.rows("lines")[0]
        screen = looks.press("forward")

    slips = desk.book.all()
    assert [slip.number for slip in slips] == numbers
    assert {"account", "payee", "amount", "reference", "number"} == first.keys()
    assert screen.fields["page"] == screen.fields["pages"]
    assert {"read"} == {picture.moment for picture in desk.pictures}


def test_a_table_with_other_columns_is_drift(opened: Opened) -> None:
    """The number of columns is the program's word; no cell slips into another column."""
    mapped = VOUCHER.screens["list"]
    lines = mapped.tables["lines"].model_copy(update={"cells": ("number", "account")})
    other = mapped.model_copy(update={"tables": {"lines": lines}})
    session = opened(
        system=VOUCHER.model_copy(update={"screens": VOUCHER.screens | {"list": other}})
    )
    sign_on(session)
    session.press("list")
    with pytest.raises(Drifted, match="TABLE_CHANGED"):
        session.rows("lines")


@pytest.mark.parametrize(
    "hostile",
    ["<b>&lt; \"'`$HOME`", "--help; rm -rf ~", "%s {0} \\n \\t ^C", "𠮷😀 alt+F4 {Ctrl}a"],
)
def test_hostile_text_is_data(form: DesktopSession, desk: Desk, hostile: str) -> None:
    """Quotes, options, key names and markup are typed, stored and shown as they are."""
    reference = desk.reference()
    fill(form, reference=reference, purpose=hostile)
    screen = form.commit("post", yes)

    assert [hostile] == [slip.purpose for slip in desk.book.find(reference)]
    assert hostile == screen.fields["purpose"]


def test_a_wrong_value_is_refused_before_a_key_goes_out(form: DesktopSession, desk: Desk) -> None:
    """Length in cells, type, character set and ends are checked; the slip stays as it was."""
    empty = form.now().fields
    wrong = [
        ("payee", "x" * 25, "FIELD_TOO_LONG"),
        ("payee", "深圳市龙岗五金厂深圳市龙岗", "FIELD_TOO_LONG"),
        ("account", "62000000011", "FIELD_TOO_LONG"),
        ("account", "62000x0001", "FIELD_NOT_NUMERIC"),
        ("amount", "12a.50", "FIELD_NOT_NUMERIC"),
        ("purpose", "a\ud800b", "FIELD_NOT_ENCODABLE"),
        ("purpose", "first\nsecond", "FIELD_NOT_ENCODABLE"),
        ("purpose", "a\tb", "FIELD_NOT_ENCODABLE"),
        ("purpose", "ends with a space ", "FIELD_PADDED"),
    ]
    for field, value, code in wrong:
        with pytest.raises(Refused, match=code) as refused:
            form.set(field, value)
        assert refused.value.message("zh")

    assert empty == form.now().fields
    assert len(wrong) == len(desk.pictures)


def test_what_stood_in_a_box_is_typed_over(form: DesktopSession) -> None:
    """A box holds the last value, in both manners of typing, and may be emptied."""
    for value in ("一二三四", "first", "second one", "张三", ""):
        form.set("purpose", value)

        assert value == form.now().fields["purpose"]


def test_a_protected_box_and_what_is_not_mapped(form: DesktopSession, opened: Opened) -> None:
    """What the program only shows is not typed into; the committing key is no plain key."""
    with pytest.raises(Drifted, match="FIELD_PROTECTED"):
        form.set("branch", "0756")
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        form.set("number", "1")
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        form.rows("lines")
    with pytest.raises(Misconfigured, match="KEY_COMMITS"):
        form.press("post")
    with pytest.raises(Misconfigured, match="KEY_UNKNOWN"):
        form.press("find")

    assert form.now().fields["branch"] == "0755"


def test_a_box_that_the_map_thinks_open_is_asked_itself(opened: Opened) -> None:
    """The program's own state decides: a protected box is drift even if the map is wrong."""
    slip = VOUCHER.screens["slip"]
    branch = slip.fields["branch"].model_copy(update={"readonly": False})
    wrong = slip.model_copy(update={"fields": slip.fields | {"branch": branch}})
    session = opened(
        system=VOUCHER.model_copy(update={"screens": VOUCHER.screens | {"slip": wrong}})
    )
    sign_on(session)
    session.press("slip")
    with pytest.raises(Drifted, match="FIELD_PROTECTED"):
        session.set("branch", "0756")


def test_a_no_of_the_program_is_a_refusal(form: DesktopSession, desk: Desk) -> None:
    """A mapped no after the committing key says that nothing was stored; what was typed stands."""
    reference = desk.reference()
    fill(form, reference=reference, account="62")
    with pytest.raises(Refused, match="VD4203") as refused:
        form.commit("post", yes)
    form.set("account", "6200000002")
    posted = form.commit("post", yes)

    assert "账号不是十位数字：账号" in refused.value.message("zh")
    assert posted.message_code == "VD4001"
    assert ["6200000002"] == [slip.account for slip in desk.book.find(reference)]


def test_the_desk_only_looks(opened: Opened, desk: Desk) -> None:
    """A session for looking has no committing key, and its operator no slip to key."""
    looks = opened(who="voucher-desk")
    sign_on(looks)
    with pytest.raises(Misconfigured, match="DESK_MAY_NOT_COMMIT"):
        looks.commit("post", yes)
    with pytest.raises(Refused, match="VD4105"):
        looks.press("slip")


def test_a_wrong_password_is_refused(opened: Opened, desk: Desk) -> None:
    """The message of the sign-on window is the failure, without waiting."""
    session = opened()
    session.expect("sign_on")
    session.set("operator", "VK01")
    session.set("password", "WRONG123")
    with pytest.raises(Refused, match="VD4101"):
        session.press("enter")


def test_no_picture_shows_a_password(opened: Opened, desk: Desk) -> None:
    """Typed where it belongs it is covered; typed elsewhere, there are no pixels at all."""
    session = opened()
    session.expect("sign_on")
    password = session.credential.password
    session.set("password", password)
    with pytest.raises(Refused, match="FIELD_TOO_LONG"):
        session.set("operator", "x" * 13)
    session.set("operator", password)
    with pytest.raises(Refused, match="FIELD_TOO_LONG"):
        session.set("operator", "x" * 13)

    in_place, exposed = desk.pictures
    assert in_place.image is not None
    assert exposed.image is None
    assert "***" in exposed.text
    assert not [p for p in desk.pictures if password in p.text]
    assert session.now().fields["password"] == ""


def test_the_guard_is_asked_last(form: DesktopSession, desk: Desk) -> None:
    """When the guard raises, the picture before is kept and nothing is sent."""

    class Stopped(Exception):
        pass

    def no() -> None:
        raise Stopped

    reference = desk.reference()
    fill(form, reference=reference)
    with pytest.raises(Stopped):
        form.commit("post", no)

    assert ["before-commit"] == [picture.moment for picture in desk.pictures]
    assert desk.book.times_submitted(reference) == 0
