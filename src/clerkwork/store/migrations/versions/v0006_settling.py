"""Runs that are stopped or retried, items that reverse others, breaks that are settled by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.add_column("cw_runs", sa.Column("stop", JSON))
    op.add_column("cw_runs", sa.Column("retries", sa.Text()))
    op.add_column("cw_items", sa.Column("reverses", sa.Text()))
    op.create_index("ix_cw_items_reverses", "cw_items", ["reverses"])
    op.create_table(
        "cw_hand_matches",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("breaks", JSON, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", TIME),
        sa.Column("decided_why", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_hand_matches")),
    )
    op.create_index("ix_cw_hand_matches_state", "cw_hand_matches", ["environment", "state", "day"])
