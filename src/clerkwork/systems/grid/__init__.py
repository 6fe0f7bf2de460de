"""Screens of characters in rows: one session for every terminal, whatever its protocol."""

from clerkwork.systems.grid.session import GridSession

__all__ = ["GridSession"]
