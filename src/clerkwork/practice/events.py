"""What happens at the practice bank: events, and the postings they leave on either side."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from clerkwork.practice.accounts import Nostro
from clerkwork.practice.books import Difference


@dataclass(frozen=True)
class Posting:
    """
    One line that an event leaves in one side's books.

    `amount` is signed into the account, in minor units; a red posting stands in the
    column of the opposite sign. `at` is in seconds of the day, None until the event
    has its place in the order of business; `days` and `value_days` count from the
    event's day.
    """

    amount: int
    reference: str
    text: str
    at: int | None = None
    days: int = 0
    value_days: int = 0
    red: bool = False

    @property
    def is_in(self) -> bool:
        """Whether it stands in the column of money into the account."""
        return (self.amount > 0) != self.red

    @property
    def figure(self) -> Decimal:
        """The figure as printed in its column, negative when red."""
        return money(-abs(self.amount) if self.red else abs(self.amount))


@dataclass(frozen=True)
class Event:
    """
    One thing that happened, with what each side wrote about it.

    A planted event carries its `difference`, which both sides' books have settled by
    themselves `settled_after` days later; None: only a voucher of ours settles it.
    """

    ours: tuple[Posting, ...] = ()
    theirs: tuple[Posting, ...] = ()
    difference: Difference | None = None
    settled_after: int | None = None


def money(minor: int) -> Decimal:
    """
    Minor units as an amount; every currency of this world has two decimals.

    >>> money(123450)
    Decimal('1234.50')
    """
    return Decimal(minor).scaleb(-2)


@dataclass
class Draw:
    """
    Amounts, references and texts for one account on one day, no amount twice.

    The remainder of an amount by 13 says what it may be mistaken for: pairs without a
    printed reference have 12, planted differences that of their day (0 to 11). So
    neither equals the other, nor a difference still open from the days before.
    """

    PLAIN = -1
    UNREFERENCED = 12

    rng: Random
    nostro: Nostro
    on: date
    used: set[int] = field(default_factory=set)
    references: set[str] = field(default_factory=set)

    @property
    def planted(self) -> int:
        """The remainder of amounts planted on this day."""
        return self.on.toordinal() % 12

    def amount(self, low: int, high: int, *, remainder: int = PLAIN) -> int:
        """An unused amount of minor units in [low, high) with that remainder by 13."""
        while True:
            amount = self.rng.randrange(low, high)
            if remainder != self.PLAIN:
                amount -= (amount - remainder) % 13
            if amount >= low and self.claim(amount):
                return amount

    def claim(self, amount: int) -> bool:
        """Take `amount` for one use; False when it is taken."""
        if amount in self.used:
            return False
        self.used.add(amount)
        return True

    def sign(self) -> int:
        """In (1) or out (-1)."""
        return self.rng.choice((1, -1))

    def reference(self) -> str:
        """A reference that both sides print, not used before on this day."""
        while True:
            serial = "".join(self.rng.choices(self.nostro.serial, k=5))
            reference = self.nostro.reference_form.format(day=self.on, serial=serial)
            if reference not in self.references:
                self.references.add(reference)
                return reference
