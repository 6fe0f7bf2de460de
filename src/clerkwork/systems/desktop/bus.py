"""AT-SPI over D-Bus: many questions in one go, each answered by a deadline."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageFlag, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from clerkwork.systems.desktop.surface import Silent

ATSPI = "org.a11y.atspi."
_AT_ONCE = 200  # questions on their way: their answers must fit the socket's buffers


@dataclass(frozen=True)
class Handle:
    """An accessible object: the program's name on the bus, and the object's path."""

    program: str
    path: str


ROOT = Handle("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")


@dataclass(frozen=True)
class Question:
    """A method of an object, with its arguments by D-Bus signature."""

    of: Handle
    interface: str
    method: str
    signature: str | None = None
    arguments: tuple[object, ...] = ()


class Bus:
    """A connection to one accessibility bus. Raises Silent when there is none."""

    def __init__(self, session_address: str, *, wait_s: float):
        asked = Question(Handle("org.a11y.Bus", "/org/a11y/bus"), "org.a11y.Bus", "GetAddress")
        self._line = _connected(session_address)
        try:
            found = self.ask([asked], deadline=time.monotonic() + wait_s)[0]
        finally:
            self._line.close()
        if not found:
            raise Silent("org.a11y.Bus")
        self._line = _connected(found[0])

    def ask(self, questions: Sequence[Question], *, deadline: float) -> list[Any]:
        """
        The answer to each question, None where the object says no (it may be gone).

        Raises Silent when one is missing at `deadline` (of `time.monotonic`).
        """
        answers: list[Any] = []
        try:
            for first in range(0, len(questions), _AT_ONCE):
                answers += self._ask(questions[first : first + _AT_ONCE], deadline)
        except (OSError, TimeoutError) as silent:
            raise Silent(str(silent)) from None
        return answers

    def tell(self, question: Question) -> None:
        """Send without an answer: a press may answer only when its dialog has closed."""
        message = _message(question)
        message.header.flags = MessageFlag.no_reply_expected
        try:
            self._line.send(message)
        except OSError as lost:
            raise Silent(str(lost)) from None

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _ask(self, questions: Sequence[Question], deadline: float) -> list[Any]:
        waiting, said = {}, b""
        for number, question in enumerate(questions):
            serial = next(self._line.outgoing_serial)
            said += _message(question).serialise(serial=serial)
            waiting[serial] = number
        self._line.sock.sendall(said)
        answers: list[Any] = [None] * len(questions)
        while waiting:
            left = deadline - time.monotonic()
            reply = self._line.receive(timeout=max(left, 0))
            number = waiting.pop(reply.header.fields.get(HeaderFields.reply_serial, 0), -1)
            if number >= 0 and reply.header.message_type is MessageType.method_return:
                answers[number] = reply.body
        return answers


def _message(question: Question) -> Any:
    of = DBusAddress(question.of.path, question.of.program, question.interface)
    return new_method_call(of, question.method, question.signature, question.arguments)


def _connected(address: str) -> DBusConnection:
    try:
        return open_dbus_connection(address)
    except (OSError, TimeoutError) as failed:
        raise Silent(str(failed)) from None
