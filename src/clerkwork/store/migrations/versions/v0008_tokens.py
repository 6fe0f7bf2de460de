"""What a token is called and the roles that it was narrowed to; items listed newest first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("cw_tokens", sa.Column("label", sa.Text()))
    op.add_column("cw_tokens", sa.Column("roles", sa.JSON(none_as_null=True)))
    op.create_index("ix_cw_items_created_at", "cw_items", ["created_at", "id"])
