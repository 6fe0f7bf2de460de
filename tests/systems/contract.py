"""
What every screen driver must do, told once; each driver's test file runs all of it.

A driver's file makes a fixture `stage`: one practice system that keys slips, running with
bad manners at hand, and sessions with it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from clerkwork.errors import Drifted, Failure, InDoubt, Misconfigured, Refused, Unavailable
from clerkwork.practice import manners
from tasks import slips
from tests.systems.hostile import hostile_values
from tests.systems.stage import SLIP, Stage

LATE_DEADLINE_S = 4.0  # less than a late answer takes


def go() -> None:
    """A guard that lets us."""


def failure_of(work: Callable[[], Any]) -> Failure:
    """How `work` fails."""
    with pytest.raises(Failure) as failed:
        work()
    return failed.value


class Contract:
    """The promises of the port (`clerkwork.systems.port.Session`)."""

    def test_a_slip_is_keyed_once_and_read_back_as_instructed(self, stage: Stage) -> None:
        """Every field, Chinese too, is in the books and on the screen as it was given."""
        with stage.session() as session:
            assert slips.look_up(session, SLIP["reference"]) is None
            slips.fill(session, stage.slip)
            receipt = slips.post(session, go)
            found = slips.look_up(session, SLIP["reference"])

        (booked,) = stage.keyed()
        assert stage.slip == receipt.fields
        assert found == receipt
        assert (booked.payee, booked.amount, booked.purpose) == (
            stage.slip["payee"],
            "1,234.50",
            stage.slip["purpose"],
        )
        assert 1 == stage.book.times_submitted(SLIP["reference"])

    def test_a_table_is_read_over_all_its_pages(self, stage: Stage) -> None:
        """Twenty-five slips on three pages, in order, none lost, none twice."""
        with stage.session() as session:
            read = slips.read_list(session)

        columns = ("number", "account", "amount", "reference", "payee")
        shown = columns if stage.chinese else columns[:-1]
        assert [tuple(getattr(slip, each) for each in shown) for slip in stage.book.all()] == [
            tuple(row[each] for each in shown) for row in read
        ]

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("reference", "R" * 17, "FIELD_TOO_LONG"),
            ("payee", "商" * 13, "FIELD_TOO_LONG"),
            ("account", "62220000AB", "FIELD_NOT_NUMERIC"),
            ("amount", "12O.00", "FIELD_NOT_NUMERIC"),
            ("purpose", "A\nB", "FIELD_NOT_ENCODABLE"),
            ("purpose", "A\x1bB", "FIELD_NOT_ENCODABLE"),
            ("purpose", "A\tB", "FIELD_NOT_ENCODABLE"),
        ],
    )
    def test_what_a_field_cannot_hold_is_refused_before_a_key_goes_out(
        self, stage: Stage, name: str, value: str, code: str
    ) -> None:
        """Too long, letters among digits, control characters: nothing is typed."""
        if not stage.chinese and not value.isascii():
            value = "P" * 26
        with stage.session() as session:
            session.press("slip")
            failure = failure_of(lambda: session.set(name, value))
            fields = session.now().fields

        assert (Refused, code) == (type(failure), failure.code)
        assert {""} == {fields[each] for each in slips.FIELDS}

    def test_a_protected_and_a_missing_field_are_drift(self, stage: Stage) -> None:
        """What the map or the system protects, and what is not mapped, takes no typing."""
        with stage.session() as session:
            session.press("slip")
            protected = failure_of(lambda: session.set("branch", "0001"))
            missing = failure_of(lambda: session.set("nothing", "1"))
            table = failure_of(lambda: list(session.all_rows("nothing")))

        assert (Drifted, "FIELD_MISSING") == (type(table), table.code)
        assert (Drifted, "FIELD_PROTECTED") == (type(protected), protected.code)
        assert (Drifted, "FIELD_MISSING") == (type(missing), missing.code)

    def test_a_session_for_looking_commits_nothing(self, stage: Stage) -> None:
        """The desk's session has no committing key; `press` presses none either."""
        looking = stage.open(stage.system, stage.sign_on, stage.pictures.append, may_commit=False)
        try:
            slips.sign_on(looking)
            slips.fill(looking, stage.slip)
            committed = failure_of(lambda: looking.commit("post", go))
            pressed = failure_of(lambda: looking.press("post"))
        finally:
            looking.close()

        assert (Misconfigured, "DESK_MAY_NOT_COMMIT") == (type(committed), committed.code)
        assert (Misconfigured, "KEY_COMMITS") == (type(pressed), pressed.code)
        assert 0 == stage.book.times_submitted(SLIP["reference"])

    def test_a_guard_that_says_no_keeps_the_key_from_being_pressed(self, stage: Stage) -> None:
        """The lease is lost between filling and committing: nothing is sent."""

        def lost() -> None:
            raise Unavailable("SESSION_CLOSED", system=stage.system.name)

        with stage.session() as session:
            slips.fill(session, stage.slip)
            failure = failure_of(lambda: slips.post(session, lost))

        assert (Unavailable, "SESSION_CLOSED") == (type(failure), failure.code)
        assert 0 == stage.book.times_submitted(SLIP["reference"])

    def test_a_slip_that_the_system_refuses_is_refused(self, stage: Stage) -> None:
        """The system's own no is a mapped message: Refused, and nothing is booked."""
        with stage.session() as session:
            slips.fill(session, stage.slip | {"account": "62220"})
            failure = failure_of(lambda: slips.post(session, go))

        assert (Refused, True) == (type(failure), failure.code.endswith("4203"))
        assert [] == stage.keyed()

    def test_there_is_a_picture_before_and_after_the_committing_key(self, stage: Stage) -> None:
        """Both show the values; no picture shows the password."""
        with stage.session() as session:
            slips.fill(session, stage.slip)
            slips.post(session, go)

        moments = [p.moment for p in stage.pictures if p.moment.endswith("-commit")]
        before = next(p for p in stage.pictures if p.moment == "before-commit")
        assert ["before-commit", "after-commit"] == moments
        assert stage.slip["payee"] in before.text
        assert not any(stage.sign_on.password in p.text for p in stage.pictures)

    def test_a_card_number_is_covered_in_evidence(self, stage: Stage) -> None:
        """Six first and four last digits; what is keyed is the whole number."""
        if stage.system.screens["slip"].fields["purpose"].length < 19:
            pytest.skip("no field that long")
        with stage.session() as session:
            slips.fill(session, stage.slip | {"purpose": "6222021234567890128"})
            slips.post(session, go)

        (booked,) = stage.keyed()
        assert "6222021234567890128" == booked.purpose
        assert not any("6222021234567890128" in p.text for p in stage.pictures)
        assert any("622202*********0128" in p.text for p in stage.pictures)

    def test_a_value_never_acts(self, stage: Stage) -> None:
        """Hostile strings land in their field as text, or are refused; nothing else moves."""
        count = int(os.environ.get("CLERKWORK_HOSTILE", "60"))
        landed = 0
        with stage.session() as session:
            session.press("slip")
            session.set("reference", "STAYS")
            for value in hostile_values(count):
                try:
                    session.set("purpose", value)
                except Refused:
                    expected = None
                else:
                    expected = value.strip()
                    landed += 1
                screen = session.now()
                assert ("slip", "STAYS", "") == (
                    screen.name,
                    screen.fields["reference"],
                    screen.fields["payee"],
                ), repr(value)
                if expected is not None:
                    assert expected == screen.fields["purpose"], repr(value)

        assert landed > count // 4
        assert [] == [slip for slip in stage.book.all() if slip.keyed_by != "SEED"]

    # -- bad manners before the committing key: nothing is sent --

    @pytest.mark.parametrize(
        ("manner", "kinds"),
        [
            (manners.WRONG_SCREEN, (Drifted,)),
            (manners.ERROR_PAGE, (Unavailable,)),
            (manners.MENU_MOVED, (Drifted,)),
            (manners.SESSION_LOST, (Unavailable,)),
            (manners.HOST_RESTARTED, (Unavailable,)),
            (manners.FIELD_TRUNCATED, (Refused,)),
            (manners.LOCKED_KEYBOARD, (Unavailable,)),
        ],
    )
    def test_a_bad_day_before_the_key_sends_nothing(
        self, stage: Stage, manner: str, kinds: tuple[type[Failure], ...]
    ) -> None:
        """The failure is of the right kind, and no form comes in."""
        always = manner in (manners.MENU_MOVED, manners.FIELD_TRUNCATED)
        if manner == manners.MENU_MOVED:
            stage.rude(manner, times=None)
        with stage.unsigned(deadline_s=LATE_DEADLINE_S) as session:

            def work() -> None:
                slips.sign_on(session)
                if manner != manners.MENU_MOVED:
                    stage.rude(manner, times=None if always else 1)
                slips.fill(session, stage.slip)

            failure = failure_of(work)

        assert type(failure) in kinds, failure
        assert [] == stage.keyed()
        assert 0 == stage.book.times_submitted(SLIP["reference"])
        stage.tell(manner, "before", f"{failure.kind}, 0 keyed")

    @pytest.mark.parametrize(
        ("manner", "kind"),
        [(manners.PASSWORD_EXPIRED, Refused), (manners.SIGNED_ON_ELSEWHERE, Unavailable)],
    )
    def test_a_sign_on_that_fails_says_why(
        self, stage: Stage, manner: str, kind: type[Failure]
    ) -> None:
        """An expired password is a person's; one signed on elsewhere is tried again later."""
        stage.rude(manner)
        with stage.unsigned() as session:
            failure = failure_of(lambda: slips.sign_on(session))

        assert kind is type(failure)
        stage.tell(manner, "sign-on", f"{failure.kind}, 0 keyed")

    # -- bad manners at the committing key: never sent twice, looked up --

    @pytest.mark.parametrize(
        ("manner", "booked"),
        [
            (manners.DROP_ANSWER, 1),
            (manners.ANSWER_LATE, 1),
            (manners.WRONG_SCREEN, 1),
            (manners.ERROR_PAGE, 0),
            (manners.SESSION_LOST, 0),
            (manners.HOST_RESTARTED, 0),
            (manners.LOCKED_KEYBOARD, 1),
        ],
    )
    def test_silence_after_the_key_is_in_doubt_and_the_books_tell(
        self, stage: Stage, manner: str, booked: int
    ) -> None:
        """A fresh session looks the reference up: there once, or proven absent."""
        with stage.session(deadline_s=LATE_DEADLINE_S) as session:
            slips.fill(session, stage.slip)
            stage.rude(manner)
            failure = failure_of(lambda: slips.post(session, go))

        assert InDoubt is type(failure), failure
        deadline = time.monotonic() + 2 * manners.LATE_S
        while len(stage.keyed()) < booked and time.monotonic() < deadline:
            time.sleep(0.05)
        with stage.session() as session:
            found = slips.look_up(session, SLIP["reference"])
        assert (booked, booked == 1) == (len(stage.keyed()), found is not None)
        stage.tell(manner, "commit", f"InDoubt, {booked} keyed")

    def test_an_answer_painted_twice_is_one_slip(self, stage: Stage) -> None:
        """The second painting of the answer is not taken for another screen."""
        with stage.session() as session:
            slips.fill(session, stage.slip)
            stage.rude(manners.ANSWER_TWICE)
            receipt = slips.post(session, go)
            found = slips.look_up(session, SLIP["reference"])

        assert (receipt, 1) == (found, len(stage.keyed()))
        stage.tell(manners.ANSWER_TWICE, "commit", "posted, 1 keyed")

    def test_a_lost_save_is_found_out_by_the_look_up(self, stage: Stage) -> None:
        """The system says that it booked, and did not."""
        with stage.session() as session:
            slips.fill(session, stage.slip)
            stage.rude(manners.LOST_SAVE)
            slips.post(session, go)
            found = slips.look_up(session, SLIP["reference"])

        assert (None, []) == (found, stage.keyed())
        stage.tell(manners.LOST_SAVE, "commit", "absent, 0 keyed")

    def test_a_screen_painted_in_parts_is_read_whole(self, stage: Stage) -> None:
        """Never half a table, never half an answer."""
        with stage.session() as session:
            stage.rude(manners.LATE_PAINT, times=None)
            read = slips.read_list(session)
            slips.fill(session, stage.slip)
            receipt = slips.post(session, go)

        assert len(stage.book.all()) == len(read) + 1
        assert stage.slip == receipt.fields
        stage.tell(manners.LATE_PAINT, "commit", "posted, 1 keyed")

    def test_a_host_that_is_somebody_else_gets_no_secret(self, stage: Stage) -> None:
        """Its certificate or host key is wrong: nothing is typed."""
        stage.rude(manners.CERTIFICATE_WRONG, times=None)

        def work() -> None:
            with stage.session():
                pass

        failure = failure_of(work)

        assert type(failure) in (Unavailable, Misconfigured), failure
        stage.tell(manners.CERTIFICATE_WRONG, "connect", f"{failure.kind}, 0 keyed")
