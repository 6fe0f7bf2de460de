"""TOML that people write, as frozen tables: checked when loaded, wrong keys named."""

from clerkwork.manifest.load import Manifest, WrongValue, Zone, checked, load_toml

__all__ = ["Manifest", "WrongValue", "Zone", "checked", "load_toml"]
