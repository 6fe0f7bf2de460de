"""Schedules, their firings and what arrives for them; the sequence of a run apart from its id."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("cw_runs", sa.Column("stem", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "cw_runs", sa.Column("sequence", sa.Integer(), nullable=False, server_default="0")
    )
    _split_ids(op.get_bind())
    with op.batch_alter_table("cw_runs") as runs:
        runs.alter_column("stem", server_default=None)
        runs.alter_column("sequence", server_default=None)
        runs.create_unique_constraint(op.f("uq_cw_runs_stem"), ["stem", "sequence"])
    op.create_table(
        "cw_schedules",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settled_until", TIME, nullable=False),
        sa.Column("paused_at", TIME),
        sa.Column("paused_by", sa.Text()),
        sa.Column("paused_why", sa.Text()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cw_schedules")),
    )
    op.create_table(
        "cw_firings",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.JSON(none_as_null=True)),
        sa.Column("by", sa.Text()),
        sa.Column("params", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("run_id", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("settled_at", TIME),
        sa.ForeignKeyConstraint(["run_id"], ["cw_runs.id"], name=op.f("fk_cw_firings_run_id")),
        sa.PrimaryKeyConstraint("schedule", "key", name=op.f("pk_cw_firings")),
    )
    op.create_index("ix_cw_firings_due_at", "cw_firings", ["schedule", "due_at"])
    op.create_index(op.f("ix_cw_firings_run_id"), "cw_firings", ["run_id"])
    op.create_index("ix_cw_firings_state", "cw_firings", ["state", "settled_at"])
    op.create_index("ix_cw_runs_state", "cw_runs", ["state", "ended_at"])
    op.create_table(
        "cw_arrivals",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "name", name=op.f("pk_cw_arrivals")),
    )
    op.create_index("ix_cw_runs_ended_at", "cw_runs", ["bot", "ended_at"])
    op.create_index("ix_cw_items_updated_at", "cw_items", ["target", "state", "updated_at"])


def _split_ids(conn: sa.Connection) -> None:
    """Stem and sequence of the runs that are there, from their ids."""
    runs = sa.table("cw_runs", sa.column("id"), sa.column("stem"), sa.column("sequence"))
    for run_id in conn.execute(sa.select(runs.c.id)).scalars().all():
        stem, _, sequence = run_id.rpartition(".")
        values = {"stem": stem, "sequence": int(sequence)}
        conn.execute(sa.update(runs).where(runs.c.id == run_id).values(**values))
