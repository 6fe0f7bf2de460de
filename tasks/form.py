"""What the forms of all systems have in common: sign-on, the names of fields, the answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from clerkwork.errors import Drifted, InDoubt, Refused, Unavailable
from clerkwork.systems.port import Screen, Session


def sign_on(session: Session, key: str) -> None:
    """Sign on with the session's credential; `key` sends it. Raises what the system answers."""
    session.expect("sign_on")
    session.set("operator", session.credential.operator)
    session.set("password", session.credential.password)
    session.press(key)


def check_names(fields: Mapping[str, str], names: Collection[str], *, where: str) -> None:
    """
    Raises Refused FIELDS_DIFFER when `fields` are not exactly the form's: a default of the
    system is nobody's decision.
    """
    if set(fields) != set(names):
        differing = ", ".join(sorted(set(fields) ^ set(names)))
        raise Refused(
            "FIELDS_DIFFER",
            where=where,
            en="the instruction and the form differ in: {names}; correct the bot",
            zh="录入指令与录入界面的栏位不一致：{names}；请更正机器人",
            names=differing,
        )


@contextmanager
def reading_answer(where: str) -> Iterator[None]:
    """
    Reads the answer to a committing key inside. Raises InDoubt ANSWER_UNREAD when it cannot
    be read: the key is pressed, only a look-up can tell.
    """
    try:
        yield
    except (Drifted, Unavailable) as unread:
        detail = unread.message("en")
        raise InDoubt(
            "ANSWER_UNREAD",
            where=where,
            en="the answer could not be read ({detail}); it will be looked up",
            zh="无法读取系统的应答（{detail}）；将查询核实",
            detail=detail,
        ) from unread


def unclear(screen: Screen, system: str) -> NoReturn:
    """Raises Drifted ANSWER_UNCLEAR: what `system` says and what it shows do not agree."""
    raise Drifted(
        "ANSWER_UNCLEAR",
        where=f"{system} {screen.name}",
        en="the answer “{message}” and what is shown do not agree; compare with the evidence",
        zh="提示“{message}”与界面内容不一致；请核对留痕资料",
        message=screen.message,
    )
