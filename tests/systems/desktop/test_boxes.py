"""The desktop driver on the practice voucher program: real windows, its book as witness."""

from __future__ import annotations

import io
import re
import sys
from itertools import groupby

import pytest
from PIL import Image

from clerkwork.errors import Drifted, Refused
from clerkwork.systems.desktop import DesktopSession

from .desk import VOUCHER, Desk, Opened, fill, sign_on, yes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI and X are Linux")


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


def test_what_stood_in_a_box_is_typed_over(form: DesktopSession) -> None:
    """A box holds the last value, in both manners of typing, and may be emptied."""
    for value in ("一二三四", "first", "second one", "张三", ""):
        form.set("purpose", value)

        assert value == form.now().fields["purpose"]


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


def test_a_number_behind_the_window_in_front_hides_nothing_there(
    form: DesktopSession, desk: Desk
) -> None:
    """The form still has the card number; the window over it shows its own lines whole."""
    fill(form, purpose="6222021234567890128", reference=desk.reference())
    form.commit("post", yes)

    before, after = (each.image for each in desk.pictures if each.moment.endswith("-commit"))
    assert before is not None and after is not None
    assert [1, 1] == [black_boxes(before), black_boxes(after)]


def black_boxes(png: bytes) -> int:
    """How many black bars, as high as a line, stand one below the other in the lowest window."""
    with Image.open(io.BytesIO(png)) as picture:
        grey = picture.convert("L")
    column = [
        grey.getpixel((grey.width - 60, y)) for y in range(grey.height // 2 + 40, grey.height)
    ]
    bars = [len(list(run)) for is_black, run in groupby(column, lambda each: each == 0) if is_black]
    return sum(20 <= height <= 60 for height in bars)


def test_a_failure_leaves_the_elements_of_all_windows(opened: Opened, desk: Desk) -> None:
    """With states and labels, and neither password nor card number, wherever they stand."""
    session = opened()
    session.expect("sign_on")
    session.set("password", session.credential.password)
    session.set("operator", session.credential.password)
    with pytest.raises(Refused, match="FIELD_TOO_LONG"):
        session.set("operator", "x" * 13)
    session.set("operator", session.credential.operator)
    session.press("enter")
    session.press("slip")
    session.set("purpose", "6222021234567890128")
    with pytest.raises(Refused, match="FIELD_TOO_LONG"):
        session.set("account", "1" * 11)

    at_sign_on, at_slip = (each.source for each in desk.pictures if each.moment == "failure")
    assert at_sign_on and at_slip
    assert {"tree"} == {at_sign_on.kind, at_slip.kind}
    assert re.search(r'password text "?.*label "密码"', at_sign_on.text)
    assert session.credential.password not in at_sign_on.text
    assert 'text label "用途" text "622202*********0128" [editable, ' in at_slip.text
    assert 'menu item "凭条录入" [sensitive]' in at_slip.text  # of the window behind
