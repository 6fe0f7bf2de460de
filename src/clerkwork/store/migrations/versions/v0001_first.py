"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cw_artifacts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_artifacts")),
    )
    op.create_index(op.f("ix_cw_artifacts_item_id"), "cw_artifacts", ["item_id"])
    op.create_index(op.f("ix_cw_artifacts_run_id"), "cw_artifacts", ["run_id"])
    op.create_table(
        "cw_intents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("fields_digest", sa.Text(), nullable=False),
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("outcome_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_intents")),
    )
    op.create_index(op.f("ix_cw_intents_item_id"), "cw_intents", ["item_id"])
    op.create_index(op.f("ix_cw_intents_reference"), "cw_intents", ["reference"])
    op.create_table(
        "cw_leases",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("target", "operator", name=op.f("pk_cw_leases")),
    )
    op.create_table(
        "cw_open_breaks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("books", sa.Text(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("break", sa.Text(), nullable=False),
        sa.Column("references", sa.JSON(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("cleared_on", sa.Date()),
        sa.Column("cleared_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_open_breaks")),
    )
    op.create_index("ix_cw_open_breaks_since", "cw_open_breaks", ["environment", "since"])
    op.create_table(
        "cw_people",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cw_people")),
    )
    op.create_table(
        "cw_runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rehearse", sa.Boolean(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("business_date", sa.Date()),
        sa.Column("totals", sa.JSON()),
        sa.Column("failure", sa.JSON()),
        sa.Column("report", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_runs")),
    )
    op.create_table(
        "cw_items",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("edited_by", sa.JSON(), nullable=False),
        sa.Column("receipt", sa.Text()),
        sa.Column("failure", sa.JSON()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["cw_runs.id"], name=op.f("fk_cw_items_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_items")),
        sa.UniqueConstraint(
            "environment", "target", "reference", name=op.f("uq_cw_items_environment")
        ),
    )
    op.create_index(op.f("ix_cw_items_run_id"), "cw_items", ["run_id"])
    op.create_index(op.f("ix_cw_items_state"), "cw_items", ["state"])
    op.create_table(
        "cw_tokens",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.ForeignKeyConstraint(["person"], ["cw_people.name"], name=op.f("fk_cw_tokens_person")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_cw_tokens")),
    )
    op.create_index(op.f("ix_cw_tokens_person"), "cw_tokens", ["person"])
    op.create_table(
        "cw_decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["cw_items.id"], name=op.f("fk_cw_decisions_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_decisions")),
    )
    op.create_index(op.f("ix_cw_decisions_item_id"), "cw_decisions", ["item_id"])
    op.create_table(
        "cw_item_states",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["cw_items.id"], name=op.f("fk_cw_item_states_item_id")
        ),
        sa.PrimaryKeyConstraint("item_id", "seq", name=op.f("pk_cw_item_states")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
