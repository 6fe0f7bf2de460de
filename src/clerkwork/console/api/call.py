"""
A call: what a line of the table of routes answers programs with.

The function says by its annotations what it takes and gives, and nothing else says it again:
what is checked, what is answered and what stands in `/api/openapi.json` are made from them.

    def list_them(visit: Visit, asked: Asked) -> Runs:       # asked: what stands behind the ?
    def comment(visit: Visit, body: Comment) -> Item:        # body: the JSON that was sent
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, get_type_hints

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from starlette.responses import Response

from clerkwork.console.visit import Visit
from clerkwork.errors import Failure, Refused

PAGE = 50
MOST = 200  # rows of one answer
_LONGEST = 4000  # characters of a text that somebody sends
_NO_JSON = "json_invalid"

# what a database could not keep (PostgreSQL takes no NUL) is no text
Text = Annotated[str, StringConstraints(max_length=_LONGEST, pattern=r"^[^\x00]*$")]
Amount = Annotated[str, Field(description="An exact amount in the units of its currency.")]


def _moment(text: object) -> datetime:
    """A moment as ISO 8601 has it, with its zone; a bare number is none."""
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError("it has no zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("there is no such time") from None


Moment = Annotated[datetime, BeforeValidator(_moment)]


class Query(BaseModel):
    """What stands behind the ? of an address; a name that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paged(Query):
    """A part of a list: `before` is the `older` of the part before it."""

    before: Text = ""
    limit: Annotated[int, Field(ge=1, le=MOST)] = PAGE


class Body(BaseModel):
    """What is sent, as JSON; a name that nobody knows is refused, and no number is a text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Answer(BaseModel):
    """What is given, as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Why(Body):
    """Why something is done; it stands in the audit log."""

    why: Annotated[Text, Field(min_length=1)]

    def line(self) -> str:
        """In one line. Raises Refused WHY_MISSING."""
        told = " ".join(self.why.split())
        if not told:
            raise Refused("WHY_MISSING")
        return told


class Said(Answer):
    """A text in both languages."""

    en: str
    zh: str


class Problem(Answer):
    """Why not: a code that stays, and a line for a person; `number` is that of a defect's log."""

    code: str
    message: str
    number: str | None = None


class Trouble(Answer):
    """Why something failed, as it was kept: its kind says what happens next."""

    kind: str
    code: str
    en: str
    zh: str


class Call:
    """The function of a line for programs, with the models that its annotations name."""

    def __init__(self, does: Callable[..., Any]):
        hints = get_type_hints(does)
        self.does = does
        self.query: type[Query] = hints.get("asked", Query)
        self.body: type[Body] = hints.get("body", Body)
        self.gives: type[Any] = hints["return"]
        self._names = [name for name in ("asked", "body") if name in hints]

    def __call__(self, visit: Visit) -> Response:
        """Answer what was asked. Raises Refused INPUT_WRONG, BODY_NOT_JSON, and what it does."""
        found = {"asked": _query(self.query, visit)}
        if visit.request.method == "POST":
            found["body"] = _body(self.body, visit)
        answered = self.does(visit, **{name: found[name] for name in self._names})
        if isinstance(answered, Response):
            return answered
        return visit.json(as_json(answered))


def _query(model: type[Query], visit: Visit) -> Any:
    try:
        return model.model_validate(dict(visit.request.query_params))
    except ValidationError as wrong:
        raise _refusal(wrong) from None


def _body(model: type[Body], visit: Visit) -> Any:
    try:
        return model.model_validate_json(visit.body or b"{}")
    except ValidationError as wrong:
        raise _refusal(wrong) from None


def _refusal(wrong: ValidationError) -> Refused:
    """The first thing that is wrong, in one line."""
    first = wrong.errors(include_url=False, include_input=False)[0]
    if first["type"] == _NO_JSON:
        return Refused("BODY_NOT_JSON", detail=first["msg"])
    where = ".".join(str(part) for part in first["loc"]) or "-"
    return Refused("INPUT_WRONG", name=where, detail=first["msg"])


def problem(failure: Failure, language: str) -> Problem:
    """A failure as it is told."""
    return Problem(code=failure.code, message=failure.message(language))


def as_json(said: BaseModel) -> Any:
    """An answer as JSON has it."""
    return said.model_dump(mode="json", by_alias=True)


def place(text: str) -> tuple[datetime, str] | None:
    """
    Where the part before ended: (moment, id); None for the first part.

    Raises Refused CURSOR_WRONG.
    """
    if not text:
        return None
    at, _, name = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise Refused("CURSOR_WRONG") from None
    if moment.tzinfo is None or not name:
        raise Refused("CURSOR_WRONG")
    return moment, name


def number(text: str) -> int:
    """Where the part before ended, by its number; 0 for the first. Raises CURSOR_WRONG."""
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= 18 and int(text)):
        raise Refused("CURSOR_WRONG")
    return int(text)
