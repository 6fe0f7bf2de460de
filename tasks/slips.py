"""
Payment slips (凭条) on the systems that key them: core, counter, branch, desktop program.

Their maps give the same names to the same things, so one task drives all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NoReturn

from clerkwork.errors import Drifted, InDoubt, Refused, Unavailable
from clerkwork.facts import Receipt
from clerkwork.systems.port import Screen, Session

FIELDS = ("account", "payee", "amount", "purpose", "reference")


def sign_on(session: Session) -> None:
    """
    Sign on with the session's credential.

    Raises what the system answers: Refused for a wrong or expired password, Unavailable
    where the operator is signed on elsewhere.
    """
    session.expect("sign_on")
    session.set("operator", session.credential.operator)
    session.set("password", session.credential.password)
    session.press("enter")


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
        _unclear(screen)
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
    return _receipt(screen)


def fill(session: Session, fields: Mapping[str, str]) -> None:
    """
    Fill a fresh slip, each field read back. Raises Refused FIELDS_DIFFER when `fields`
    are not exactly the form's.
    """
    if set(fields) != set(FIELDS):
        names = ", ".join(sorted(set(fields) ^ set(FIELDS)))
        raise Refused(
            "FIELDS_DIFFER",
            where=f"{session.system} slip",
            en="the instruction and the form differ in: {names}; correct the bot",
            zh="录入指令与录入界面的栏位不一致：{names}；请更正机器人",
            names=names,
        )
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
    try:
        return _receipt(screen)
    except (Drifted, Unavailable) as unread:  # the key is pressed: only a look-up can tell
        detail = unread.message("en")
        raise InDoubt(
            "ANSWER_UNREAD",
            where=f"{session.system} {screen.name}",
            en="the answer could not be read ({detail}); it will be looked up",
            zh="无法读取系统的应答（{detail}）；将查询核实",
            detail=detail,
        ) from unread


def read_list(session: Session) -> list[Mapping[str, str]]:
    """All slips of the system, oldest first, over all pages."""
    _to_menu(session)
    session.press("list")
    return list(session.all_rows("lines"))


def _to_menu(session: Session) -> None:
    """The menu, reached backwards."""
    while session.now().name != "menu":
        session.press("back")


def _receipt(screen: Screen) -> Receipt:
    """A slip as the system shows it, its amount as an instruction writes it."""
    shown = {name: screen.fields[name] for name in FIELDS}
    amount = shown["amount"].replace(",", "")
    if not all(shown.values()) or not amount.replace(".", "", 1).isdigit():
        _unclear(screen)
    shown["amount"] = f"{Decimal(amount):.2f}"
    return Receipt(shown["reference"], screen.fields["number"], "posted", shown)


def _unclear(screen: Screen) -> NoReturn:
    raise Drifted(
        "ANSWER_UNCLEAR",
        where=screen.name,
        en="the answer “{message}” and what is shown do not agree; compare with the evidence",
        zh="提示“{message}”与界面内容不一致；请核对留痕资料",
        message=screen.message,
    )
