"""
The practice ledger: an old-style web application in which vouchers are keyed by hand.

It stands alone: its own sign-in, its own voucher numbers, its own SQLite file.
"""

from clerkwork.practice.ledger.books import Books, Voucher, database
from clerkwork.practice.ledger.host import Host, serve

__all__ = [
    "Books",
    "Host",
    "Voucher",
    "database",
    "serve",
]
