"""Bad manners of the practice core, as they are on the wire."""

from __future__ import annotations

import time

import pytest

from clerkwork.practice import core, manners
from tests.practice.core.bare import ROWS, SLIP, Bare, Serve, Terminals, rude, shown


@pytest.fixture
def form(serve: Serve, bare: Terminals) -> tuple[core.Host, Bare]:
    """A host, and a terminal with a filled slip."""
    host = serve()
    terminal = bare(host)
    terminal.sign_on()
    terminal.key("PF(4)")
    for row, value in zip(ROWS, SLIP, strict=True):
        terminal.type_at(row, value)
    return host, terminal


@pytest.mark.parametrize(
    ("manner", "expected", "booked"),
    [
        (manners.WRONG_SCREEN, "CB10 MENU", 1),
        (manners.ERROR_PAGE, "CB4901", 0),
        (manners.LOST_SAVE, "CB4001", 0),
        (manners.SESSION_LOST, "CB4104", 0),
        (manners.ANSWER_TWICE, "CB4001", 1),
        (manners.DROP_ANSWER, "", 1),
        (manners.HOST_RESTARTED, "", 0),
    ],
)
def test_what_comes_after_posting_on_a_bad_day(
    form: tuple[core.Host, Bare], manner: str, expected: str, booked: int
):
    """The form came in once; the books say what became of it; "" is a cut connection."""
    host, terminal = form
    rude(host, manner)
    rows = terminal.key("Enter()")

    assert shown(rows, expected) if expected else terminal.status[3] == "N"
    assert (booked, 1) == (len(host.slips.find(SLIP[4])), host.slips.times_submitted(SLIP[4]))


@pytest.mark.parametrize("manner", [manners.LOCKED_KEYBOARD, manners.ANSWER_LATE])
def test_a_keyboard_stays_locked_after_booking(form: tuple[core.Host, Bare], manner: str):
    """The answer is there and the keyboard is not; or both come late."""
    host, terminal = form
    rude(host, manner)
    terminal.run("Enter()")
    _, said = terminal.run("Wait(1,Unlock)")

    assert ("error", "L") == (said, terminal.status[0])
    assert 1 == len(host.slips.find(SLIP[4]))
    assert shown(terminal.run("Ascii()")[0], "CB4001") == (manner == manners.LOCKED_KEYBOARD)


def test_a_late_paint_unlocks_before_the_screen_is_whole(form: tuple[core.Host, Bare]):
    """The title comes first, the foot some 0.3 s later."""
    host, terminal = form
    rude(host, manners.LATE_PAINT)
    early = terminal.key("Enter()")
    time.sleep(3 * manners.PAINT_S)
    late = terminal.run("Ascii()")[0]

    assert shown(early, "CB41 SLIP POSTED") and not shown(early, "PF3=BACK")
    assert shown(late, SLIP[4]) and shown(late, "PF3=BACK") and shown(late, "CB4001")


@pytest.mark.parametrize(
    ("manner", "expected"),
    [(manners.PASSWORD_EXPIRED, "CB4103"), (manners.SIGNED_ON_ELSEWHERE, "CB4102")],
)
def test_a_sign_on_on_a_bad_day(serve: Serve, bare: Terminals, manner: str, expected: str):
    """A person's, or another day's; the operator is not signed on."""
    host = serve()
    terminal = bare(host)
    rude(host, manner)

    assert shown(terminal.sign_on(), expected)


@pytest.mark.parametrize(
    ("manner", "expected"),
    [
        (manners.WRONG_SCREEN, "CB42 SLIP SEARCH"),
        (manners.ERROR_PAGE, "CB99 ABEND"),
        (manners.SESSION_LOST, "CB01 SIGN-ON"),
    ],
)
def test_another_screen_comes_than_the_one_asked_for(
    serve: Serve, bare: Terminals, manner: str, expected: str
):
    """From the menu, before anything is typed."""
    host = serve()
    terminal = bare(host)
    terminal.sign_on()
    rude(host, manner)

    assert shown(terminal.key("PF(4)"), expected)


def test_a_menu_that_has_moved_leads_elsewhere(serve: Serve, bare: Terminals):
    """PF4 is the search then, and the menu says so."""
    host = serve()
    terminal = bare(host)
    rude(host, manners.MENU_MOVED)

    assert shown(terminal.sign_on(), "PF4  SLIP SEARCH")
    assert shown(terminal.key("PF(4)"), "CB42")


def test_a_reference_that_is_cut_off_takes_twelve(serve: Serve, bare: Terminals):
    """The field is shorter, nothing else tells."""
    host = serve()
    terminal = bare(host)
    terminal.sign_on()
    rude(host, manners.FIELD_TRUNCATED)
    terminal.key("PF(4)")
    terminal.type_at(16, "R" * 12)

    assert terminal.status[9] != "51"  # the cursor has left the field
