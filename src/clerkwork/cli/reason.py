"""Why somebody orders something: it is asked for, and a blank is no reason."""

from __future__ import annotations

import typer

from clerkwork.cli.speak import text


def given_reason(why: str) -> str:
    """`why`, as it was given. Raises typer.BadParameter where nothing is said."""
    if not why.strip():
        said = text("say why; it stands in the audit log", "请说明原因，将记入审计记录")
        raise typer.BadParameter(said, param_hint="--why")
    return why
