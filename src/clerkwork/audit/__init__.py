"""The audit log: events in a Merkle tree, signed checkpoints, and the proof that they hold."""

from clerkwork.audit.log import AuditLog, open_log
from clerkwork.audit.pseudonyms import people_by_pseudonym
from clerkwork.audit.verify import Verification, verify

__all__ = ["AuditLog", "Verification", "open_log", "people_by_pseudonym", "verify"]
