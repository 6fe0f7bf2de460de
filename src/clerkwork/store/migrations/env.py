"""Alembic's entry: migrate on the connection that `clerkwork.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from clerkwork.store.schema import VERSION_TABLE
from clerkwork.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
