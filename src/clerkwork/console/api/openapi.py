"""The description of the API (OpenAPI 3.1), made from the table of routes and its models."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from clerkwork import __version__
from clerkwork.console.api.call import Call, Problem
from clerkwork.console.visit import Visit

_PART = re.compile(r"{(\w+)}")
_REFS = "#/components/schemas/{model}"
_STATUSES = {
    "400": "What was sent is no JSON.",
    "401": "No token, or one that is not good any more.",
    "403": "Not for this person, or not for their desk.",
    "404": "There is no such thing.",
    "413": "What was sent is too long.",
    "422": "What was sent is not as described, or a rule says no.",
    "500": "A defect here; its number stands in the log.",
    "503": "Something that is needed does not serve now; nothing was changed.",
}
_INTRODUCTION = (
    "What people do in the console, for programs. Times are in UTC, amounts are texts. A token of "
    "`clerkwork people token` or of the page “Me” says who calls: it may what its owner may, in "
    "the roles that it was made for. Who may not is told 403, and why."
)


class Line(Protocol):
    """A line of the table of routes."""

    @property
    def method(self) -> str:
        """GET or POST."""
        ...

    @property
    def path(self) -> str:
        """The address, with its parts in braces."""
        ...

    @property
    def page(self) -> Any:
        """What answers it."""
        ...

    @property
    def needs(self) -> str:
        """What a person must be allowed."""
        ...


def show(visit: Visit) -> Response:
    """This description."""
    return visit.json(describe(tuple(visit.console.routes)))


@lru_cache(maxsize=4)
def describe(routes: tuple[Line, ...]) -> dict[str, Any]:
    """The description of the lines that are for programs."""
    lines = [(one, one.page) for one in routes if isinstance(one.page, Call)]
    refs, schemas = _schemas(lines)
    paths: dict[str, dict[str, Any]] = {}
    for line, call in lines:
        paths.setdefault(line.path, {})[line.method.lower()] = _operation(line, call, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Clerkwork", "version": __version__, "description": _INTRODUCTION},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                status: {"description": said, "content": _json(refs[Problem, "serialization"])}
                for status, said in _STATUSES.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


Refs = dict[tuple[Any, Any], dict[str, Any]]


def _schemas(lines: Sequence[tuple[Line, Call]]) -> tuple[Refs, dict[str, Any]]:
    """Where each model is described, and the descriptions."""
    wanted: dict[tuple[Any, Any], None] = {(Problem, "serialization"): None}
    for line, call in lines:
        if line.method == "POST":
            wanted[call.body, "validation"] = None
        if _is_model(call.gives):
            wanted[call.gives, "serialization"] = None
    refs, described = models_json_schema(list(wanted), ref_template=_REFS)
    return refs, described.get("$defs", {})


def _is_model(gives: Any) -> bool:
    return isinstance(gives, type) and issubclass(gives, BaseModel)


def _operation(line: Line, call: Call, refs: Refs) -> dict[str, Any]:
    told = (call.does.__doc__ or "").strip().splitlines()
    parts = _PART.findall(line.path)
    described: dict[str, Any] = {
        "operationId": _name(line),
        "summary": told[0] if told else "",
        "description": f"Asks for: {line.needs}.",
        "tags": [line.path.split("/")[2]],
        "parameters": [_of_path(name) for name in parts] + _of_query(call),
        "responses": {"200": _answer(call, refs)} | _refusals(line, call, bool(parts)),
    }
    if line.method == "POST":
        needed = any(field.is_required() for field in call.body.model_fields.values())
        content = _json(refs[call.body, "validation"])
        described["requestBody"] = {"required": needed, "content": content}
    return described


def _name(line: Line) -> str:
    """get_runs_run of GET /api/runs/{run}: the same as long as the address is."""
    words = re.findall(r"[a-z0-9]+", line.path.removeprefix("/api/"))
    return "_".join([line.method.lower(), *words])


def _of_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _of_query(call: Call) -> list[dict[str, Any]]:
    """What stands behind the ?, with the schemas in their places: they are small."""
    found = call.query.model_json_schema()
    needed = found.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _flat(schema)}
        for name, schema in found.get("properties", {}).items()
    ]


def _flat(schema: dict[str, Any]) -> dict[str, Any]:
    """Without null: what stands in an address is left out, never null."""
    kinds = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return kinds[0] if kinds else {k: v for k, v in schema.items() if k != "title"}


def _answer(call: Call, refs: Refs) -> dict[str, Any]:
    if _is_model(call.gives):
        return {"description": "Done.", "content": _json(refs[call.gives, "serialization"])}
    return {"description": "The content, as it is.", "content": {"*/*": {}}}


def _refusals(line: Line, call: Call, has_parts: bool) -> dict[str, Any]:
    told = ["401", "403", "422", "500", "503"]
    told += ["404"] if has_parts else []
    told += ["400", "413"] if line.method == "POST" else []
    return {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(told)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
