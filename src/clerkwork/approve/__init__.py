"""Approval: who must agree to an instruction, and the decisions of people."""

from clerkwork.approve.decisions import decide, may_agree
from clerkwork.approve.policy import (
    Authority,
    Ground,
    grounds,
    load_authority,
    most_allowed,
    needs,
)

__all__ = [
    "Authority",
    "Ground",
    "decide",
    "grounds",
    "load_authority",
    "may_agree",
    "most_allowed",
    "needs",
]
