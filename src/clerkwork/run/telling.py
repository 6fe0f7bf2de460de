"""
What runs and items tell people by an alert: before it is written that it happened, so that
a crash in between has it told again, under the same key.
"""

from __future__ import annotations

from clerkwork.alert import Alert, raise_alert, shaped
from clerkwork.errors import Failure
from clerkwork.run.office import Office
from clerkwork.workspace import Bot

_DOCUMENTS = "file"  # said of what drifted in a document and not in a system


def tell_drift(office: Office, bot: Bot, run_id: str, drifted: Failure) -> None:
    """Something is not as mapped: once for each run and system."""
    places = {str(drifted.facts.get("system", "")), drifted.where.partition(" ")[0]}
    known = [name for name in (*bot.manifest.reads, *bot.manifest.writes) if name in places]
    system = known[0] if known else _DOCUMENTS
    _tell(office, bot, run_id, "drifted", system=system, code=drifted.code)


def tell_doubt(office: Office, bot: Bot, run_id: str) -> None:
    """Nobody can say whether an item was booked, not even its target: once for each run."""
    _tell(office, bot, run_id, "in_doubt")


def _tell(office: Office, bot: Bot, run_id: str, kind: str, **more: str) -> None:
    facts = {"bot": bot.name, "run": run_id, **more}
    about = {fact: shaped(fact, text) for fact, text in facts.items()}
    key = ":".join(filter(None, (kind, about["run"], about.get("system", ""))))
    with office.store.begin() as conn:
        raise_alert(conn, Alert(kind, key, about, bot.manifest.owner), at=office.clock())
