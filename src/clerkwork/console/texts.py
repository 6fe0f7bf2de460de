"""Every text of the console, in both languages: `locale/<room>.toml`, [key] with en and zh."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "locale"
LANGUAGES = ("en", "zh")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """The texts by "room.key"."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        _add(found, path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    return found


def _add(found: dict[str, dict[str, str]], name: str, table: dict[str, object]) -> None:
    if "en" in table:
        found[name] = {language: str(table[language]) for language in LANGUAGES}
        return
    for key, inner in table.items():
        assert isinstance(inner, dict), f"{name}.{key}: a text has en and zh"
        _add(found, f"{name}.{key}", inner)


def text(key: str, language: str, **facts: object) -> str:
    """The text of `key` with its facts filled in; a key that nobody wrote is a defect."""
    written = catalogue()[key][language]
    return written.format(**facts) if facts else written


def environment(name: str, language: str) -> str:
    """What an environment is called: by a text of ours, else as the bank named it."""
    is_ours = f"shared.environment.{name}" in catalogue()
    return text(f"shared.environment.{name}", language) if is_ours else name


def preferred(accept_language: str, otherwise: str) -> str:
    """What a browser's Accept-Language likes best of our languages."""
    weighed: list[tuple[float, int, str]] = []
    for number, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        name = tag.lower().partition("-")[0]
        if name in LANGUAGES:
            weighed.append((_weight(quality), -number, name))
    return max(weighed)[2] if weighed else otherwise


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
