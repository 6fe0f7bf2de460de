"""The audit log: events in a Merkle tree, signed checkpoints, and the proof that they hold."""

from clerkwork.audit.log import AuditLog, open_log
from clerkwork.audit.proof import Proof, prove
from clerkwork.audit.pseudonyms import people_by_pseudonym, pseudonym_of
from clerkwork.audit.search import Found, Wanted, find_event, search
from clerkwork.audit.verify import Verification, verify

__all__ = [
    "AuditLog",
    "Found",
    "Proof",
    "Verification",
    "Wanted",
    "find_event",
    "open_log",
    "people_by_pseudonym",
    "prove",
    "pseudonym_of",
    "search",
    "verify",
]
