"""What people say of items and breaks, and whom they give them to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cw_remarks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cw_remarks")),
    )
    op.create_index("ix_cw_remarks_about", "cw_remarks", ["about", "id"])
    # breaks that stand open are listed, among all that ever were
    op.create_index("ix_cw_open_breaks_cleared_on", "cw_open_breaks", ["cleared_on", "since"])
