"""The outbox of alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cw_alerts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("raised_at", TIME, nullable=False),
        sa.Column("is_logged", sa.Boolean(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", TIME),
        sa.Column("over_at", TIME),
        sa.Column("acknowledged_at", TIME),
        sa.Column("acknowledged_by", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_alerts")),
        sa.UniqueConstraint("key", name=op.f("uq_cw_alerts_key")),
    )
    op.create_table(
        "cw_alert_deliveries",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", TIME),
        sa.Column("taken_until", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("failure", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["cw_alerts.id"], name=op.f("fk_cw_alert_deliveries_alert_id")
        ),
        sa.PrimaryKeyConstraint("alert_id", "person", name=op.f("pk_cw_alert_deliveries")),
    )
    op.create_index(op.f("ix_cw_alert_deliveries_state"), "cw_alert_deliveries", ["state"])


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
