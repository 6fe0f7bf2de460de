"""The desktop driver on a program with bad manners: what happens next, by kind of failure."""

from __future__ import annotations

import sys

import pytest

from clerkwork.errors import Drifted, Failure, InDoubt, Refused, Unavailable
from clerkwork.practice import manners, voucher

from .desk import SLIP, Desk, Opened, changed_key, fill, sign_on, yes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI and X are Linux")


@pytest.mark.parametrize(
    ("manner", "booked"),
    [
        (manners.DROP_ANSWER, 1),
        (manners.ANSWER_LATE, 1),
        (manners.WRONG_SCREEN, 1),
        (manners.ERROR_PAGE, 0),
        (manners.SESSION_LOST, 0),
        (manners.HOST_RESTARTED, 0),
    ],
)
def test_after_the_committing_key_silence_is_in_doubt(
    opened: Opened, desk: Desk, manner: str, booked: int
) -> None:
    """Whatever is not a mapped answer is looked up, and was sent once."""
    session = opened(deadline_s=2)
    sign_on(session)
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    desk.be_rude(manner)
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        session.commit("post", yes)

    assert (booked, 1) == (len(desk.book.find(reference)), desk.book.times_submitted(reference))
    assert ["before-commit", "failure"] == [picture.moment for picture in desk.pictures]


@pytest.mark.parametrize(
    ("manner", "kind", "code"),
    [
        (manners.WRONG_SCREEN, Drifted, "SCREEN_UNEXPECTED"),
        (manners.ERROR_PAGE, Unavailable, "VD4901"),
        (manners.SESSION_LOST, Unavailable, "VD4104"),
        (manners.HOST_RESTARTED, Unavailable, "PROGRAM_ENDED"),
    ],
)
def test_before_the_committing_key_nothing_was_changed(
    opened: Opened, desk: Desk, manner: str, kind: type[Failure], code: str
) -> None:
    """The failure says what happens next."""
    session = opened(deadline_s=2)
    sign_on(session)
    desk.be_rude(manner)
    with pytest.raises(kind, match=code):
        session.press("slip")

    assert desk.pictures[-1].moment == "failure"


@pytest.mark.parametrize(
    ("manner", "kind", "code"),
    [
        (manners.PASSWORD_EXPIRED, Refused, "VD4103"),
        (manners.SIGNED_ON_ELSEWHERE, Unavailable, "VD4102"),
        (manners.MENU_MOVED, Drifted, "SCREEN_UNKNOWN"),
    ],
)
def test_a_sign_on_that_does_not_come_to_the_menu(
    opened: Opened, desk: Desk, manner: str, kind: type[Failure], code: str
) -> None:
    """Each reason has its kind; a menu of another release is not used."""
    session = opened(deadline_s=2)
    desk.be_rude(manner)
    with pytest.raises(kind, match=code):
        sign_on(session)


def test_a_box_that_takes_less_is_seen_before_anything_is_sent(opened: Opened, desk: Desk) -> None:
    """Cut silently by the program, the value is not read back."""
    session = opened()
    sign_on(session)
    desk.be_rude(manners.FIELD_TRUNCATED)
    session.press("slip")
    with pytest.raises(Refused, match="FIELD_NOT_READ_BACK") as refused:
        session.set("reference", SLIP["reference"])

    assert refused.value.facts["shown"] == SLIP["reference"][:12]


def test_a_dialog_that_comes_twice_is_one_slip(opened: Opened, desk: Desk) -> None:
    """Two equal dialogs stand; the slip is there once, and the way back is one key."""
    session = opened(deadline_s=5)
    sign_on(session)
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    desk.be_rude(manners.ANSWER_TWICE)
    posted = session.commit("post", yes)

    assert posted.fields["reference"] == reference
    assert "menu" == session.press("back").name
    assert 1 == len(desk.book.find(reference))


def test_a_lost_save_is_found_by_looking_it_up(opened: Opened, desk: Desk) -> None:
    """The program says that it booked; the look-up knows better."""
    session = opened()
    sign_on(session)
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    desk.be_rude(manners.LOST_SAVE)
    posted = session.commit("post", yes)
    session.press("back")
    session.press("search")
    session.set("reference", reference)

    assert posted.message_code == "VD4001"
    assert session.press("find").message_code == "VD4003"


def test_windows_that_are_painted_in_parts_are_read_whole(opened: Opened, desk: Desk) -> None:
    """A screen is taken when all of it stands: every field, every row, the right answer."""
    session = opened()
    manners.switch_on(desk.folder, voucher.SYSTEM, manners.LATE_PAINT)
    sign_on(session)
    session.press("list")
    rows = session.rows("lines")
    session.press("back")
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    posted = session.commit("post", yes)

    assert [slip.number for slip in desk.book.all()[:10]] == [row["number"] for row in rows]
    assert (posted.fields["reference"], posted.fields["amount"]) == (reference, "1,234.50")


def test_another_question_is_not_agreed_to(opened: Opened, desk: Desk) -> None:
    """A dialog with other words after the key is in doubt, and nothing was booked."""
    session = opened(system=changed_key("slip", "post", confirms="确认冲正？"), deadline_s=3)
    sign_on(session)
    session.press("slip")
    reference = desk.reference()
    fill(session, reference=reference)
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        session.commit("post", yes)

    assert desk.book.times_submitted(reference) == 0


def test_an_unexpected_screen_is_named(opened: Opened) -> None:
    """A mapped screen that should not come now is drift, with its name."""
    session = opened(deadline_s=2)
    sign_on(session)
    with pytest.raises(Drifted, match="SCREEN_UNEXPECTED") as drifted:
        session.press("search", "slip")

    assert {"shown": "search", "expected": "slip"}.items() <= drifted.value.facts.items()
