"""
The tables of the store, the same on SQLite and PostgreSQL.

Times are UTC and aware; amounts are whole minor units. Columns that hold a fact as
`facts.codec.to_json` wrote it are sealed text (instruction, receipt, break); the others that
hold more than one value are JSON. DBOS keeps its own tables beside these.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from clerkwork.store.sealing import Sealed


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC: SQLite has no zones, PostgreSQL gives its session's."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """`value` in UTC. A time without a zone is a defect: ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """The stored time, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON(none_as_null=True)

# Names of constraints are ours: a migration can then change them on both databases.
metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

runs = sa.Table(
    "cw_runs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # stem + sequence
    sa.Column("stem", sa.Text, nullable=False),  # bot + digest of its parameters
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("bot", sa.Text, nullable=False),
    sa.Column("params", Json, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # queued, running, done, failed, stopped
    sa.Column("rehearse", sa.Boolean, nullable=False, default=False),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("started_at", UtcTime),
    sa.Column("ended_at", UtcTime),
    sa.Column("business_date", sa.Date),
    sa.Column("totals", Json),
    sa.Column("failure", Json),  # kind, code, en, zh
    sa.Column("report", Json),  # path by name
    sa.Column("stop", Json),  # by, why, at: while somebody's stop stands
    sa.Column("retries", sa.Text),  # the run that this one does again
    sa.UniqueConstraint("stem", "sequence"),
    sa.Index("ix_cw_runs_state", "state", "ended_at"),
    sa.Index("ix_cw_runs_ended_at", "bot", "ended_at"),
    # lists, newest first: of all, of a bot, of a state, of both
    sa.Index("ix_cw_runs_created_at", "created_at", "id"),
    sa.Index("ix_cw_runs_bot", "bot", "created_at", "id"),
    sa.Index("ix_cw_runs_state_created_at", "state", "created_at", "id"),
    sa.Index("ix_cw_runs_bot_state", "bot", "state", "created_at", "id"),
    sa.Index("ix_cw_runs_business_date", "business_date", "environment"),
)

# Systems that nobody signs on to until they are resumed.
pauses = sa.Table(
    "cw_pauses",
    metadata,
    sa.Column("environment", sa.Text, primary_key=True),
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

# Who signed under what, as it was then; never changed. What has changed since voids it.
signatures = sa.Table(
    "cw_signatures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("about", sa.Text, nullable=False),  # run.signing.about_day, about_statement
    sa.Column("part", sa.Text, nullable=False),  # maker, checker
    sa.Column("digest", sa.Text, nullable=False),  # of `lines`
    sa.Column("lines", Sealed, nullable=False),  # what was signed: JSON, text by name
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_cw_signatures_about", "about", "id"),
)

schedules = sa.Table(
    "cw_schedules",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("settled_until", UtcTime, nullable=False),  # every due time up to it is settled
    sa.Column("paused_at", UtcTime),
    sa.Column("paused_by", sa.Text),
    sa.Column("paused_why", sa.Text),
)

# One due moment of a schedule. Its key, the due time or what arrived, is what makes one run.
firings = sa.Table(
    "cw_firings",
    metadata,
    sa.Column("schedule", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column(
        "trigger", sa.Text, nullable=False
    ),  # clock, after, file, mail, run, item, call, person
    sa.Column("due_at", UtcTime, nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # to which its work belongs
    sa.Column("state", sa.Text, nullable=False),  # waiting, started, skipped, missed
    sa.Column("why", Json),  # code and facts of messages/schedule.toml
    sa.Column("by", sa.Text),  # who skipped it, or ran it now
    sa.Column("params", Json, nullable=False),  # what an arrival gives the run
    sa.Column("run_id", sa.Text, sa.ForeignKey("cw_runs.id"), index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("settled_at", UtcTime),
    sa.Index("ix_cw_firings_due_at", "schedule", "due_at"),
    sa.Index("ix_cw_firings_state", "state", "settled_at"),
)

# What lies where files arrive, as it was last read: nothing is fetched or hashed twice.
arrivals = sa.Table(
    "cw_arrivals",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),  # environment/system
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),  # SHA-256 of the content, in hex
)

items = sa.Table(
    "cw_items",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # short, a person types it
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, sa.ForeignKey("cw_runs.id"), nullable=False, index=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("instruction", Sealed, nullable=False),  # facts.Instruction
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),  # store.items.TRANSITIONS
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("needs", Json, nullable=False),  # roles that must agree
    sa.Column("edited_by", Json, nullable=False, default=list),  # everybody who ever edited it
    sa.Column("receipt", Sealed),  # facts.Receipt
    sa.Column("failure", Json),
    sa.Column("version", sa.Integer, nullable=False, default=1),  # one more with each move
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("reverses", sa.Text, index=True),  # the item that it takes back
    sa.UniqueConstraint("environment", "target", "reference"),
    sa.Index("ix_cw_items_updated_at", "target", "state", "updated_at"),
    sa.Index("ix_cw_items_created_at", "created_at", "id"),  # lists, newest first
)

item_states = sa.Table(
    "cw_item_states",
    metadata,
    sa.Column("item_id", sa.Text, sa.ForeignKey("cw_items.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),  # the item's version after the move
    sa.Column("from_state", sa.Text, nullable=False),
    sa.Column("to_state", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Index("ix_cw_item_states_at", "to_state", "at"),
)

decisions = sa.Table(
    "cw_decisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("item_id", sa.Text, sa.ForeignKey("cw_items.id"), nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),  # of the item when it was decided
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),  # agree, send_back, refuse
    sa.Column("digest", sa.Text, nullable=False),  # of what the person saw
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

intents = sa.Table(
    "cw_intents",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("item_id", sa.Text, nullable=False, index=True),
    sa.Column("reference", sa.Text, nullable=False, index=True),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("fields_digest", sa.Text, nullable=False),
    sa.Column("executor", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("outcome_at", UtcTime),
)

leases = sa.Table(
    "cw_leases",
    metadata,
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("operator", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
)

open_breaks = sa.Table(
    "cw_open_breaks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("side", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("books", sa.Text, nullable=False),
    sa.Column("difference_minor", sa.BigInteger, nullable=False),
    sa.Column("break", Sealed, nullable=False),  # facts.Break
    sa.Column("references", Json, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("cleared_on", sa.Date),
    sa.Column("cleared_by", sa.Text),
    sa.Index("ix_cw_open_breaks_since", "environment", "since"),
    sa.Index("ix_cw_open_breaks_cleared_on", "cleared_on", "since"),
)

# Lines of both sides that a person says belong together; a line stands in one of them.
hand_matches = sa.Table(
    "cw_hand_matches",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # the accounting date that has all of its lines
    sa.Column("breaks", Json, nullable=False),  # ids of the open breaks that it clears
    sa.Column("content", Sealed, nullable=False),  # facts.HandMatch
    sa.Column("amount_minor", sa.BigInteger, nullable=False),  # of the larger side
    sa.Column("difference_minor", sa.BigInteger, nullable=False),  # theirs less ours
    sa.Column("state", sa.Text, nullable=False),  # proposed, agreed, sent_back
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", UtcTime),
    sa.Column("decided_why", sa.Text),
    sa.Index("ix_cw_hand_matches_state", "environment", "state", "day"),
)

# What people say of an item or an open break, and whom they give it to; never changed.
remarks = sa.Table(
    "cw_remarks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("about", sa.Text, nullable=False),  # item:ID or break:ID
    sa.Column("kind", sa.Text, nullable=False),  # comment, assignment
    sa.Column("person", sa.Text, nullable=False),  # to whom it was given; "" for nobody
    sa.Column("text", Sealed, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_cw_remarks_about", "about", "id"),
)

people = sa.Table(
    "cw_people",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),  # what is typed at sign-in
    sa.Column("en", sa.Text, nullable=False),
    sa.Column("zh", sa.Text, nullable=False),
    sa.Column("roles", Json, nullable=False),
    sa.Column("password", sa.Text, nullable=False),  # argon2id
    sa.Column("disabled", sa.Boolean, nullable=False, default=False),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("locked_until", UtcTime),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("desks", Json, nullable=False, default=["*"]),  # owners of bots; "*" is all
    sa.Column("language", sa.Text),  # chosen in the console: en, zh
    sa.Column("totp_secret", Sealed),  # base32, once the second factor is set up
    sa.Column("totp_step", sa.BigInteger),  # of the last code taken: each is good once
)

tokens = sa.Table(
    "cw_tokens",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),  # SHA-256 of the token
    sa.Column("person", sa.Text, sa.ForeignKey("cw_people.name"), nullable=False, index=True),
    sa.Column("purpose", sa.Text, nullable=False),  # session, token, console
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("revoked_at", UtcTime),
    sa.Column("used_at", UtcTime),  # of console: left alone too long, it is over
    sa.Column("label", sa.Text),  # of token: what its owner calls it
    sa.Column("roles", Json),  # of token: the owner's roles it is narrowed to, null for all
)

# Links that are good once: the first administrator's, and those of people who are invited.
links = sa.Table(
    "cw_links",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),  # SHA-256 of what stands in the link
    sa.Column("purpose", sa.Text, nullable=False),  # first, invitation
    sa.Column("person", sa.Text, nullable=False),  # "" for the first
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
)

artifacts = sa.Table(
    "cw_artifacts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),  # HMAC-SHA-256 of the content under `salt`
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),  # of the key that wraps the data key
    sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False, index=True),  # "" for none
    sa.Column("item_id", sa.Text, nullable=False, index=True),
)

alerts = sa.Table(
    "cw_alerts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False),  # what is raised again under it is not a second one
    sa.Column("kind", sa.Text, nullable=False),  # alert.kinds.KINDS
    sa.Column("about", Json, nullable=False),  # its facts, as its kind has them
    sa.Column("owner", sa.Text, nullable=False),  # of the schedule or bot, "" for none
    sa.Column("state", sa.Text, nullable=False),  # alert.outbox.STATES
    sa.Column("raised_at", UtcTime, nullable=False),
    sa.Column("is_logged", sa.Boolean, nullable=False, default=False),
    sa.Column("step", sa.Integer, nullable=False, default=0),  # how many of its route are told
    sa.Column("next_at", UtcTime),  # when the next of its route are; the first are at once
    sa.Column("over_at", UtcTime),
    sa.Column("acknowledged_at", UtcTime),
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("why", sa.Text),
    sa.UniqueConstraint("key"),
)

alert_deliveries = sa.Table(
    "cw_alert_deliveries",
    metadata,
    sa.Column("alert_id", sa.Integer, sa.ForeignKey("cw_alerts.id"), primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),  # as resources/rules/alerts.toml names them
    sa.Column("state", sa.Text, nullable=False, index=True),  # waiting, sent, failed, dropped
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_at", UtcTime),  # not before: quiet hours, back-off
    sa.Column("taken_until", UtcTime),  # somebody is sending it
    sa.Column("sent_at", UtcTime),
    sa.Column("failure", Json),  # of the last attempt: code, en, zh
)
