"""Manifests: read, and checked against their models."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from clerkwork.errors import Misconfigured
from clerkwork.manifest.words import first_wrong


class Manifest(BaseModel):
    """A table of a manifest: unknown keys are errors, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


M = TypeVar("M", bound=Manifest)


class WrongValue(ValueError):
    """What a validator of a manifest raises: what is wrong with the value, and the remedy."""

    def __init__(self, en: str, zh: str):
        self.zh = zh
        super().__init__(en)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise WrongValue(
            f"“{name}” is not a time zone, such as “Asia/Shanghai”",
            f"“{name}”不是时区；例如“Asia/Shanghai”",
        ) from None
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


def load_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises Misconfigured MANIFEST_*."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured("MANIFEST_MISSING", file=str(path)) from None
    except UnicodeDecodeError:
        raise Misconfigured("MANIFEST_NOT_UTF8", file=str(path)) from None
    except OSError as refused:  # a folder of that name, or a file that is not ours to read
        detail = refused.strerror or type(refused).__name__
        raise Misconfigured("MANIFEST_BROKEN", file=str(path), detail=detail) from None
    except tomllib.TOMLDecodeError as broken:
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
        place, (en, zh) = first_wrong(model, wrong)
        key = ".".join(filter(None, [table, place]))
        raise Misconfigured(
            "MANIFEST_WRONG",
            en="{file}: {detail}",
            zh="{file}: {detail_zh}",
            file=str(path),
            key=key,
            detail=f"{key}: {en}" if key else en,
            detail_zh=f"{key}：{zh}" if key else zh,
        ) from None
