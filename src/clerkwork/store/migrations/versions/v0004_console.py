"""The console: second factors, desks and languages of people, idle sessions, one-time links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    everything = sa.text("'[\"*\"]'")  # who was known before desks were sees what they saw
    op.add_column(
        "cw_people",
        sa.Column("desks", sa.JSON(none_as_null=True), nullable=False, server_default=everything),
    )
    op.add_column("cw_people", sa.Column("language", sa.Text()))
    op.add_column("cw_people", sa.Column("totp_secret", sa.Text()))
    op.add_column("cw_people", sa.Column("totp_step", sa.BigInteger()))
    op.add_column("cw_tokens", sa.Column("used_at", TIME))
    with op.batch_alter_table("cw_people") as people:
        people.alter_column("desks", server_default=None)
    op.create_table(
        "cw_links",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_cw_links")),
    )
    op.create_index("ix_cw_runs_created_at", "cw_runs", ["created_at", "id"])
    op.create_index("ix_cw_runs_bot", "cw_runs", ["bot", "created_at", "id"])
    op.create_index("ix_cw_runs_state_created_at", "cw_runs", ["state", "created_at", "id"])
    op.create_index("ix_cw_runs_bot_state", "cw_runs", ["bot", "state", "created_at", "id"])
