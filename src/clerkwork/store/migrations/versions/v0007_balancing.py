"""Systems that are paused, and signatures under what was balanced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cw_pauses",
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("environment", "system", name=op.f("pk_cw_pauses")),
    )
    op.create_table(
        "cw_signatures",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_signatures")),
    )
    op.create_index("ix_cw_signatures_about", "cw_signatures", ["about", "id"])
    # what was confirmed lately is counted
    op.create_index("ix_cw_item_states_at", "cw_item_states", ["to_state", "at"])
    # what was keyed of a day is found by the runs of that day
    op.create_index("ix_cw_runs_business_date", "cw_runs", ["business_date", "environment"])
