"""`--why`: the reason that stands in the audit log."""

from __future__ import annotations

from typing import Any

import typer

from clerkwork.cli.speak import text


def given(why: str) -> str:
    """The reason, as it was given. Raises typer.BadParameter where it says nothing."""
    if not why.strip():
        raise typer.BadParameter(text("say why", "请注明原因"), param_hint="--why")
    return why


WHY: Any = typer.Option(
    ..., "--why", callback=given, help="Why; it stands in the audit log / 原因，记入审计记录"
)
