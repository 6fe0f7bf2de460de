"""The keying protocol on targets that keep a move before they book it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from clerkwork.errors import InDoubt, Refused, Unavailable
from clerkwork.facts import Instruction, Receipt
from clerkwork.rekey import DRAFT, Form, Keyboard

FIELDS = {"amount": "12.50", "narrative": "手续费"}
INSTRUCTION = Instruction(
    target="books",
    form="move",
    purpose="order",
    kind="fee",
    reference="CW01",
    fields=FIELDS,
    sources=("ORDER-1",),
    amount=Decimal("12.50"),
    currency="CNY",
)


@dataclass
class Books:
    """A target that saves a move as a draft first, and may lose the step that books it."""

    moves: list[Receipt] = field(default_factory=list)
    books: bool = True
    done: list[str] = field(default_factory=list)

    def look_up(self, _session: Any, reference: str) -> Receipt | None:
        """The move with this reference."""
        return next((move for move in self.moves if move.reference == reference), None)

    def fill(self, _session: Any, fields: Mapping[str, str]) -> None:
        """Fill in a new move."""
        self.done.append("fill")
        self.moves.append(Receipt("CW01", "", DRAFT, dict(fields)))

    def post(self, _session: Any, guard: Any) -> None:
        """Book the last move."""
        guard()
        self.done.append("post")
        if self.books:
            self.moves[-1] = replace(self.moves[-1], number="1", state="posted")

    def key(self, *, may_type: bool = True) -> Receipt:
        """Key the instruction."""
        keyboard = Keyboard(
            approved=INSTRUCTION.digest,
            open_session=lambda _target, _task: None,  # type: ignore[arg-type, return-value]
            intend=lambda _instruction: None,
            guard=lambda: None,
            may_type=may_type,
        )
        form = Form(lambda _session: None, self.look_up, self.fill, self.post)
        return keyboard.key_once(INSTRUCTION, form)


def draft(**changes: str) -> Receipt:
    """What an attempt that was cut off has left."""
    return Receipt("CW01", "", DRAFT, FIELDS | changes)


def test_a_draft_is_compared_and_booked_not_filled_in_again() -> None:
    """The move that stands there is the one that is booked."""
    books = Books([draft()])

    assert books.key() == Receipt("CW01", "1", "posted", FIELDS)
    assert books.done == ["post"]
    assert len(books.moves) == 1


def test_a_draft_with_other_fields_is_for_a_person() -> None:
    """Neither booked nor made anew."""
    books = Books([draft(amount="99.00")])
    with pytest.raises(Refused, match="RECEIPT_DIFFERS.*amount"):
        books.key()

    assert books.done == []


def test_looking_up_a_draft_books_nothing() -> None:
    """Without leave to type it is only told that a draft stands there."""
    books = Books([draft()])
    with pytest.raises(Unavailable, match="REFERENCE_DRAFT"):
        books.key(may_type=False)

    assert books.done == []


def test_what_is_still_a_draft_after_the_key_is_in_doubt() -> None:
    """The committing key was pressed: whether it arrives is looked up later."""
    books = Books(books=False)
    with pytest.raises(InDoubt, match="RECEIPT_DRAFT"):
        books.key()

    assert books.done == ["fill", "post"]
