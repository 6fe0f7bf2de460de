"""
The keying protocol (design, section 6): each instruction is keyed exactly once.

    intend ──> look up ──found──────────────────────────> compare ──> receipt
                  │ absent                                   ^
                  ├──> fill, read back ──> guard ──> commit ──> look up again
                  │ a draft                  ^
                  └──> compare ──────────────┘

After the committing key nothing is retried blindly: whatever is not a clear answer
of the target is InDoubt, and the next attempt begins with "look up".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from clerkwork.errors import Drifted, InDoubt, Refused, Unavailable
from clerkwork.facts import Instruction, Receipt
from clerkwork.systems.port import Session

DRAFT = "draft"
OpenSession = Callable[[str, Callable[[Session], None]], Session]


@dataclass(frozen=True)
class Form:
    """
    How one form of a target is used; functions of `tasks/`.

    look_up gives the voucher that carries a reference, None when the target says that
    there is none, and raises when it cannot tell. One that the target keeps without
    having booked it is a receipt in state `DRAFT`, and the session stands where `post`
    can be pressed. fill types the fields and reads each back; post calls `guard` and
    presses the committing key through `Session.commit`.
    """

    sign_on: Callable[[Session], None]
    look_up: Callable[[Session, str], Receipt | None]
    fill: Callable[[Session, Mapping[str, str]], None]
    post: Callable[[Session, Callable[[], None]], object]


class Rehearsed(Exception):
    """Not a failure: everything was done up to, and without, the committing key."""


@dataclass(frozen=True)
class Keyboard:
    """
    What may type, for the one approved instruction whose digest is `approved`.

    open_session gives a session signed on by the form's own function; intend makes the
    intent durable before the first keystroke; guard raises when the committing key may
    not be pressed (lease lost, stopping, rehearsal). Without may_type it only looks up.
    """

    approved: str
    open_session: OpenSession
    intend: Callable[[Instruction], object]
    guard: Callable[[], None]
    may_type: bool = True

    def key_once(self, instruction: Instruction, form: Form) -> Receipt:
        """
        Key `instruction` unless the target has it, and give what the target shows.

        A draft that stands there, saved by an attempt that was cut off, is compared and
        booked; no second one is filled in. Raises Refused INSTRUCTION_NOT_APPROVED,
        RECEIPT_DIFFERS; InDoubt READ_BACK_FAILED, RECEIPT_ABSENT, RECEIPT_DRAFT;
        Unavailable REFERENCE_ABSENT, REFERENCE_DRAFT when it may only look up; and what
        the form raises.
        """
        if instruction.digest != self.approved:
            raise Refused("INSTRUCTION_NOT_APPROVED", reference=instruction.reference)
        if self.may_type:
            self.intend(instruction)
        session = self.open_session(instruction.target, form.sign_on)
        receipt = form.look_up(session, instruction.reference)
        if receipt is not None:
            _compare(instruction, receipt)
            if receipt.state != DRAFT:
                return receipt
        if not self.may_type:
            raise Unavailable(
                "REFERENCE_ABSENT" if receipt is None else "REFERENCE_DRAFT",
                target=instruction.target,
                reference=instruction.reference,
            )
        if receipt is None:
            form.fill(session, instruction.fields)
        form.post(session, self.guard)
        receipt = _read_back(session, instruction, form)
        _compare(instruction, receipt)
        return receipt


def _read_back(session: Session, instruction: Instruction, form: Form) -> Receipt:
    """The receipt after the committing key; anything unclear is InDoubt."""
    reference = instruction.reference
    try:
        receipt = form.look_up(session, reference)
    except (Unavailable, Drifted) as unseen:
        detail = unseen.message("en")
        raise InDoubt("READ_BACK_FAILED", reference=reference, detail=detail) from unseen
    if receipt is None or receipt.state == DRAFT:
        raise InDoubt(
            "RECEIPT_ABSENT" if receipt is None else "RECEIPT_DRAFT",
            target=instruction.target,
            reference=reference,
        )
    return receipt


def _compare(instruction: Instruction, receipt: Receipt) -> None:
    """Field by field; a difference is an exception, never "close enough"."""
    for field, wanted in instruction.fields.items():
        shown = receipt.fields.get(field)
        if shown != wanted:
            raise Refused(
                "RECEIPT_DIFFERS",
                where=f"{instruction.target} {receipt.number}",
                field=field,
                shown="-" if shown is None else shown,
                wanted=wanted,
            )
