"""The reconciliation statements (余额调节表) of a run, with the names under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clerkwork.errors import Refused
from clerkwork.facts import BalanceStatement, Plan
from clerkwork.people import Person, display_name
from clerkwork.run.office import Office
from clerkwork.run.signing import (
    CHECKER,
    MAKER,
    Signature,
    about_statement,
    digest_of,
    sign,
    signatures_on,
    standing,
)


@dataclass(frozen=True)
class Signed:
    """A statement of a run, what a signature is bound to, and every signature so far."""

    statement: BalanceStatement
    digest: str
    signatures: tuple[Signature, ...]

    def stands(self, part: str) -> Signature | None:
        """The signature of "maker" or "checker" that is good now."""
        return standing(self.signatures, part)


def statements_of(office: Office, run: Any, plan: Plan) -> list[Signed]:
    """Every statement of the run's plan, in its order."""
    found = []
    for statement in plan.balance_statements:
        lines = _lines(statement)
        about = about_statement(run.id, statement.account, statement.currency)
        signed = tuple(signatures_on(office, about, lines))
        found.append(Signed(statement, digest_of(lines), signed))
    return found


def put_name_under(
    office: Office,
    run: Any,
    plan: Plan,
    which: tuple[str, str],
    person: Person,
    *,
    part: str,
    seen: str,
) -> None:
    """
    Sign the statement of `which` (account, currency), whose two sides adjust to one balance.

    Raises Refused STATEMENT_UNKNOWN, STATEMENT_UNEQUAL, and as `signing.sign`.
    """
    account, currency = which
    same = (one for one in plan.balance_statements if (one.account, one.currency) == which)
    statement = next(same, None)
    if statement is None:
        raise Refused("STATEMENT_UNKNOWN", account=account, run=run.id)
    if not statement.is_equal:
        raise Refused("STATEMENT_UNEQUAL", account=account)
    about = about_statement(run.id, account, currency)
    makers = (run.started_by,)
    sign(office, about, _lines(statement), person, part=part, seen=seen, makers=makers)


def names_under(office: Office, run: Any, plan: Plan, language: str) -> dict[str, tuple[str, str]]:
    """Who signed each statement as maker and as checker, by "account currency"; "" for nobody."""
    found = {}
    for one in statements_of(office, run, plan):
        stands = (one.stands(MAKER), one.stands(CHECKER))
        maker, checker = (
            f"{display_name(office.store, each.by, language)}"
            f" {each.at.astimezone(office.workspace.zone):%Y-%m-%d %H:%M}"
            if each
            else ""
            for each in stands
        )
        found[f"{one.statement.account} {one.statement.currency}"] = (maker, checker)
    return found


def _lines(statement: BalanceStatement) -> dict[str, str]:
    """Balances and open items, as they are signed."""
    said = {
        "as of": statement.as_of.isoformat(),
        "ours": str(statement.our_balance),
        "theirs": str(statement.their_balance),
        "adjusted": str(statement.adjusted("ours")),
    }
    for item in statement.breaks:
        said[f"{item.books} {item.entry.id}"] = f"{item.reason} {item.difference}"
    return said
