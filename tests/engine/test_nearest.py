"""The nearest lines of the other side, and why they did not match."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from clerkwork.facts import Entry
from clerkwork.reconcile import nearest

DAY = date(2026, 6, 11)


def line(amount: str, reference: str = "", *, on: date = DAY, account: str = "1", id: str = ""):
    """An entry in CNY."""
    return Entry(account, on, "CNY", Decimal(amount), reference, id=id or f"{amount}{reference}")


def test_the_same_reference_comes_before_the_same_amount():
    """A slip of the pen is nearer than somebody else's payment of the same size."""
    same, other, far = line("90.00", "INV-1"), line("100.00", "INV-2"), line("70.00", "INV-3")

    found = nearest(line("100.00", "INV-1"), [far, other, same], {})

    assert [same, other, far] == [each.entry for each in found]
    assert [("amount",), ("reference",), ("amount", "reference")] == [e.why_not for e in found]


def test_what_is_matched_already_is_named_and_stands_behind_an_open_one():
    """Of two equal lines the one that is still free comes first."""
    taken, free = line("100.00", "A", id="a"), line("100.00", "B", id="b")

    found = nearest(line("100.00"), [taken, free], {"a": "exact"})

    assert ["b", "a"] == [each.entry.id for each in found]
    assert ("no_reference",) == found[0].why_not
    assert ("exact", ("taken", "no_reference")) == (found[1].taken_by, found[1].why_not)


def test_another_account_is_never_near():
    """Account and currency are no question of nearness."""
    assert () == nearest(line("100.00"), [line("100.00", account="2")], {})


def test_days_and_the_other_direction_are_said():
    """Money that goes the other way is another thing."""
    (found,) = nearest(line("100.00", "A"), [line("-100.00", "A", on=date(2026, 6, 12))], {})

    assert (Decimal("-200.00"), 1) == (found.apart, found.days)
    assert ("sign", "amount", "day") == found.why_not
