"""What of an entry has to agree for two of them to be the same thing."""

from __future__ import annotations

from decimal import Decimal

from clerkwork.facts import Entry, normalised

Place = tuple[str, str]  # account, currency
Key = tuple[Place, str, Decimal]  # place, reference as it counts, amount

# What stands in a reference field when there is none: ISO 15022 field 61, ISO 20022 EndToEndId.
NONE = frozenset({"NONREF", "NOREF", "NOTPROVIDED", "NONE", "NA"})


def reference_key(printed: str) -> str:
    """
    A printed reference as it counts; "" when it names nothing.

    >>> reference_key("inv-2026/001"), reference_key("NONREF")
    ('INV2026001', '')
    """
    is_plain = printed.isascii() and printed.isalnum() and printed.upper() == printed
    key = printed if is_plain else normalised(printed)
    return "" if key in NONE else key


def place(entry: Entry) -> Place:
    """Where it is booked: account and currency."""
    return entry.account, entry.currency


def key(entry: Entry) -> Key:
    """What two lines of the same payment have in common."""
    return place(entry), reference_key(entry.reference), entry.amount
