"""A signed call as a person sends it: one line for a shell, or its parts for a program."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

import typer

from clerkwork.schedule.tokens import Call


def read_values(texts: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` each, every name once. Raises typer.BadParameter."""
    said: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name or name in said:
            raise typer.BadParameter(f"{text}: NAME=VALUE", param_hint="--param")
        said[name] = value
    return said


def curl_line(call: Call, to: str) -> str:
    """
    The call as a line for a shell.

    >>> curl_line(Call("POST", "/triggers/x", b"{}", {"x-nonce": "n"}), "http://localhost:1/")
    "curl -sS -X POST -H 'x-nonce: n' --data-binary '{}' http://localhost:1/triggers/x"
    """
    parts = ["curl", "-sS", "-X", call.method]
    for name, text in call.headers.items():
        parts += ["-H", f"{name}: {text}"]
    parts += ["--data-binary", call.body.decode()]
    return shlex.join([*parts, _url(call, to)])


def call_as_json(call: Call, to: str) -> str:
    """The call as JSON: method, url, headers, and the body as a text."""
    said = {"method": call.method, "url": _url(call, to), "headers": dict(call.headers)}
    return json.dumps(said | {"body": call.body.decode()})


def _url(call: Call, to: str) -> str:
    return to.rstrip("/") + call.path
