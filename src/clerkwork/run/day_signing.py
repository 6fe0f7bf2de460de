"""A desk's balanced day, signed by its operator and countersigned by a checker."""

from __future__ import annotations

from clerkwork.errors import Refused
from clerkwork.people import Person
from clerkwork.run.balancing import Day
from clerkwork.run.office import Office
from clerkwork.run.signing import CHECKER, Signature, about_day, sign, signatures_on


def day_signatures(office: Office, day: Day) -> list[Signature]:
    """Every signature under the day, oldest first, held to how it stands now."""
    about = about_day(day.environment, day.on, day.desk)
    return signatures_on(office, about, day.signed_lines())


def sign_day(office: Office, day: Day, person: Person, *, part: str, seen: str) -> None:
    """
    Sign a balanced day. Raises Refused DAY_NOT_BALANCED, and as `signing.sign`.

    Who started a run of it or edited an item checks none of it.
    """
    if not day.is_balanced:
        raise Refused(
            "DAY_NOT_BALANCED",
            day=day.on.isoformat(),
            open=len(day.open),
            differing=len(day.differing),
        )
    about = about_day(day.environment, day.on, day.desk)
    makers = day.makers if part == CHECKER else ()
    sign(office, about, day.signed_lines(), person, part=part, seen=seen, makers=makers)
