"""The store: tables and their migrations, items and their states, encrypted artifacts."""

from clerkwork.store.artifacts import Artifact, Artifacts
from clerkwork.store.database import Store, open_store

__all__ = ["Artifact", "Artifacts", "Store", "open_store"]
