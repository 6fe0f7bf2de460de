"""
Payment slips (凭条) on the systems that key them: core, counter, branch, desktop program.

Their maps give the same names to the same things, so one task drives all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from clerkwork.errors import Refused
from clerkwork.facts import Receipt
from clerkwork.systems.port import Screen, Session
from tasks import form

FIELDS = ("account", "payee", "amount", "purpose", "reference")


def sign_on(session: Session) -> None:
    """
    Sign on with the session's credential.

    Raises what the system answers: Refused for a wrong or expired password, Unavailable
    where the operator is signed on elsewhere.
    """
    form.sign_on(session, "enter")


def look_up(session: Session, reference: str) -> Receipt | None:
    """
    The slip with exactly this reference; None when the system says that there is none.

    Raises Refused REFERENCE_TWICE, Drifted ANSWER_UNCLEAR when it cannot tell.
    """
    _to_menu(session)
    session.press("search")
    session.set("reference", reference)
    screen = session.press("find")
    count = screen.fields["count"]
    if screen.fields["asked"] != reference or not count.isascii() or not count.isdigit():
        form.unclear(screen, session.system)
    if int(count) > 1:
        raise Refused(
            "REFERENCE_TWICE",
            where=f"{session.system} {reference}",
            en="{count} slips have this reference; have the wrong one reversed by a person",
            zh="有 {count} 张凭条使用该编号；请人工冲正错误的凭条",
            count=count,
        )
    if int(count) == 0:
        return None
    return _receipt(screen, session.system)


def fill(session: Session, fields: Mapping[str, str]) -> None:
    """
    Fill a fresh slip, each field read back. Raises Refused FIELDS_DIFFER when `fields`
    are not exactly the form's.
    """
    form.check_names(fields, FIELDS, where=f"{session.system} slip")
    _to_menu(session)
    session.press("slip")
    for name, value in fields.items():
        session.set(name, value)


def post(session: Session, guard: Callable[[], None]) -> Receipt:
    """
    Post the filled slip: the one committing key. The receipt is the system's own answer.

    Raises what `Session.commit` raises; InDoubt when the answer cannot be read.
    """
    screen = session.commit("post", guard)
    with form.reading_answer(f"{session.system} {screen.name}"):
        return _receipt(screen, session.system)


def read_list(session: Session) -> list[Mapping[str, str]]:
    """All slips of the system, oldest first, over all pages."""
    _to_menu(session)
    session.press("list")
    return list(session.all_rows("lines"))


def _to_menu(session: Session) -> None:
    """The menu, reached backwards."""
    while session.now().name != "menu":
        session.press("back")


def _receipt(screen: Screen, system: str) -> Receipt:
    """A slip as the system shows it, its amount as an instruction writes it."""
    shown = {name: screen.fields[name] for name in FIELDS}
    amount = shown["amount"].replace(",", "")
    if not all(shown.values()) or not amount.replace(".", "", 1).isdigit():
        form.unclear(screen, system)
    shown["amount"] = f"{Decimal(amount):.2f}"
    return Receipt(shown["reference"], screen.fields["number"], "posted", shown)
