"""Instruction -> receipt: the keying protocol, its journal and its lease."""

from clerkwork.rekey.journal import Journal
from clerkwork.rekey.keyboard import DRAFT, Form, Keyboard, Rehearsed
from clerkwork.rekey.lease import Lease

__all__ = ["DRAFT", "Form", "Journal", "Keyboard", "Lease", "Rehearsed"]
