"""Approval: who must agree to an instruction, and the decisions of people."""

from clerkwork.approve.decisions import decide
from clerkwork.approve.policy import Authority, load_authority, needs

__all__ = ["Authority", "decide", "load_authority", "needs"]
