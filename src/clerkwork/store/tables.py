"""Our tables. They share a database with the durable engine's own, hence the prefix `cw_`."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
_TIME = sa.DateTime(timezone=True)

runs = sa.Table(
    "cw_runs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("bot", sa.Text, nullable=False),
    sa.Column("params", sa.JSON, nullable=False),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # queued, running, done, failed
    sa.Column("rehearse", sa.Boolean, nullable=False),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("started_at", _TIME),
    sa.Column("ended_at", _TIME),
    sa.Column("business_date", sa.Date),
    sa.Column("totals", sa.JSON),
    sa.Column("failure", sa.JSON),
    sa.Column("report", sa.JSON),
)

items = sa.Table(
    "cw_items",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False, index=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("instruction", sa.Text, nullable=False),  # JSON of facts.codec
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("needs", sa.JSON, nullable=False),  # roles that must agree
    sa.Column("edited_by", sa.Text),
    sa.Column("receipt", sa.Text),  # JSON of facts.codec
    sa.Column("failure", sa.JSON),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("updated_at", _TIME, nullable=False),
    sa.UniqueConstraint("environment", "target", "reference"),
)

item_states = sa.Table(
    "cw_item_states",
    metadata,
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("from_state", sa.Text, nullable=False),
    sa.Column("to_state", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

decisions = sa.Table(
    "cw_decisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item_id", sa.Text, nullable=False, index=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),  # agree, send_back, refuse
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
)

intents = sa.Table(
    "cw_intents",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item_id", sa.Text, nullable=False, index=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("fields_digest", sa.Text, nullable=False),
    sa.Column("executor", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("outcome_at", _TIME),
)

leases = sa.Table(
    "cw_leases",
    metadata,
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("operator", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("until", _TIME, nullable=False),
)

open_breaks = sa.Table(
    "cw_open_breaks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("environment", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("since", sa.Date, nullable=False, index=True),
    sa.Column("side", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("books", sa.Text, nullable=False),
    sa.Column("difference_minor", sa.BigInteger, nullable=False),
    sa.Column("break", sa.Text, nullable=False),  # JSON of facts.codec
    sa.Column("references", sa.JSON, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("cleared_on", sa.Date),
    sa.Column("cleared_by", sa.Text),
)
