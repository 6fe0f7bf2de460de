"""`clerkwork audit`: the audit log, proven."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import typer

from clerkwork.audit import Verification, verify
from clerkwork.cli.speak import language, say
from clerkwork.errors import Refused
from clerkwork.run.evidence import check_evidence
from clerkwork.run.office import open_office
from clerkwork.workspace import load

app = typer.Typer(no_args_is_help=True, add_completion=False)

DOES_NOT_HOLD = 4


@app.callback()
def audit() -> None:
    """The audit log / 审计记录。"""


@app.command("verify")
def verify_log(
    key: str = typer.Option("", help="The verifier key to expect / 预期的验证公钥"),
    checkpoint: list[Path] = typer.Option(
        [], help="A checkpoint kept elsewhere; may be repeated / 另处保存的检查点"
    ),
    as_json: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
) -> int:
    """
    Verify every event, their order and every signed checkpoint; exit 4 when one does not hold.

    Whoever may read the files may verify them: nobody needs to sign in. / 验证审计记录。
    """
    workspace = load()
    found = verify(workspace.home, key=key, kept=checkpoint)
    if found.holds and (workspace.home / "store.db").exists():
        with open_office(workspace) as office:
            altered = [
                Refused("EVIDENCE_ALTERED", what=what, detail=failure.message(language()))
                for what, failure in check_evidence(office)
            ]
        found = replace(found, problems=tuple(altered))
    if as_json:
        typer.echo(json.dumps(_as_json(found), ensure_ascii=False))
    elif found.holds:
        say(
            f"the audit log holds: {found.events} events, {found.checkpoints} signed checkpoints",
            f"审计记录验证通过：{found.events} 条，签名检查点 {found.checkpoints} 个",
        )
        say(f"signed by {found.signer or '-'}", f"签名者 {found.signer or '-'}")
    else:
        _complain(found)
    return 0 if found.holds else DOES_NOT_HOLD


def _complain(found: Verification) -> None:
    """One line that names the place."""
    first, more = found.problems[0], len(found.problems) - 1
    others = (f" (and {more} more: --json)", f"（另有 {more} 处：--json）") if more else ("", "")
    say(
        f"the audit log does not hold: {first.message('en')}{others[0]}",
        f"审计记录验证不通过：{first.message('zh')}{others[1]}",
    )


def _as_json(found: Verification) -> dict[str, object]:
    problems = [
        {"code": problem.code, "message": problem.message(language()), **problem.facts}
        for problem in found.problems
    ]
    return {
        "holds": found.holds,
        "events": found.events,
        "checkpoints": found.checkpoints,
        "signer": found.signer,
        "problems": problems,
    }
