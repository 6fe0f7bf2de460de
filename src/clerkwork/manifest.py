"""TOML that people write, as frozen tables: checked when loaded, wrong keys named."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from clerkwork.errors import Misconfigured


class Manifest(BaseModel):
    """A table of a manifest: unknown keys are errors, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


M = TypeVar("M", bound=Manifest)


def load_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises Misconfigured MANIFEST_MISSING or MANIFEST_BROKEN."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured("MANIFEST_MISSING", file=str(path)) from None
    except OSError as refused:  # a folder of that name, or a file that is not ours to read
        detail = refused.strerror or type(refused).__name__
        raise Misconfigured("MANIFEST_BROKEN", file=str(path), detail=detail) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise Misconfigured("MANIFEST_BROKEN", file=str(path), detail=str(broken)) from None
    except RecursionError:
        detail = "nested too deep"
        raise Misconfigured("MANIFEST_BROKEN", file=str(path), detail=detail) from None


def checked(model: type[M], tables: Any, path: Path, *, table: str = "") -> M:
    """
    `tables`, which stand in `table` where that is given, as `model`.

    Raises Misconfigured MANIFEST_WRONG naming file and key.
    """
    try:
        return model.model_validate(tables)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        key = ".".join([*filter(None, [table]), *map(str, first["loc"])])
        raise Misconfigured(
            "MANIFEST_WRONG", file=str(path), key=key, detail=first["msg"]
        ) from None
