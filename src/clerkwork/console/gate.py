"""The gate: who comes, whether the form is ours, whether they may; and how no is said."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from clerkwork.console import texts
from clerkwork.console.api.call import Problem, as_json, problem
from clerkwork.console.security import is_form_token
from clerkwork.console.visit import NOBODY, Visit
from clerkwork.errors import Failure, Refused, Unavailable
from clerkwork.people import Person, token_owner
from clerkwork.people.sessions import Session, find_session

if TYPE_CHECKING:
    from clerkwork.console.app import Console
    from clerkwork.console.routes import Route

SIGN_IN = "/sign-in"
CODES = "/me/codes"
PROGRAMS = "/api/"
_BEARER = "Bearer "
_NO_FORM: Mapping[str, str] = {}
_STATUS = {
    "NOT_SIGNED_IN": HTTPStatus.UNAUTHORIZED,
    "TOKEN_REFUSED": HTTPStatus.UNAUTHORIZED,
    "NOT_ALLOWED": HTTPStatus.FORBIDDEN,
    "OTHER_DESK": HTTPStatus.FORBIDDEN,
    "SELF_APPROVAL": HTTPStatus.FORBIDDEN,
    "FORM_FOREIGN": HTTPStatus.FORBIDDEN,
    "TOKEN_NEEDED": HTTPStatus.FORBIDDEN,
    "BODY_NOT_JSON": HTTPStatus.BAD_REQUEST,
    # of a bot.toml they would be wrong themselves; here a person or a program gave them
    "PARAMETER_UNKNOWN": HTTPStatus.UNPROCESSABLE_ENTITY,
    "PARAMETER_MISSING": HTTPStatus.UNPROCESSABLE_ENTITY,
    "PARAMETER_WRONG": HTTPStatus.UNPROCESSABLE_ENTITY,
    "SECOND_FACTOR_NEEDED": HTTPStatus.FORBIDDEN,
    "PAGE_UNKNOWN": HTTPStatus.NOT_FOUND,
    "RUN_UNKNOWN": HTTPStatus.NOT_FOUND,
    "BREAK_UNKNOWN": HTTPStatus.NOT_FOUND,
    "LINE_UNKNOWN": HTTPStatus.NOT_FOUND,
    "LINES_UNKNOWN": HTTPStatus.NOT_FOUND,
    "MATCH_UNKNOWN": HTTPStatus.NOT_FOUND,
    "PICTURE_OF_PAGES_ONLY": HTTPStatus.NOT_FOUND,
    "ITEM_UNKNOWN": HTTPStatus.NOT_FOUND,
    "ARTIFACT_UNKNOWN": HTTPStatus.NOT_FOUND,
    "REPORT_UNKNOWN": HTTPStatus.NOT_FOUND,
    "LINK_OVER": HTTPStatus.NOT_FOUND,
    "BOT_UNKNOWN": HTTPStatus.NOT_FOUND,
    "SCHEDULE_UNKNOWN": HTTPStatus.NOT_FOUND,
    "AUDIT_EVENT_UNKNOWN": HTTPStatus.NOT_FOUND,
    "ALERT_UNKNOWN": HTTPStatus.NOT_FOUND,
    "DAY_WITHOUT_RUN": HTTPStatus.NOT_FOUND,
    "STATEMENT_UNKNOWN": HTTPStatus.NOT_FOUND,
    "SYSTEM_NOT_OURS": HTTPStatus.NOT_FOUND,
    "PERSON_UNKNOWN": HTTPStatus.NOT_FOUND,
    "TOKEN_UNKNOWN": HTTPStatus.NOT_FOUND,
}


def enter(
    console: Console,
    route: Route,
    request: Request,
    *,
    form: Mapping[str, str] = _NO_FORM,
    body: bytes = b"",
) -> Visit:
    """The visit of whoever sent the request: by the console's cookie, or by a token."""
    session = _session(console, request)
    person = session.person if session else _by_token(console, route, request)
    visit = Visit(
        console=console,
        route=route,
        request=request,
        form=form,
        body=body,
        session=session,
        person=person,
        language=language_of(console, request, person),
        seed=session.token if session else request.cookies.get(console.cookie("visitor"), ""),
    )
    if not visit.seed and not visit.is_signed_in and not route.is_for_programs:
        visit.seed = secrets.token_urlsafe(24)
        visit.cookies[console.cookie("visitor")] = visit.seed
    return visit


def answer(visit: Visit) -> Response:
    """The answer of the page, or why there is none."""
    refused = refusal(visit)
    if refused is not None:
        return refused
    try:
        answered = visit.route.page(visit)
    except Failure as failure:
        return tell(visit, failure)
    assert isinstance(answered, Response)
    return answered


def refusal(visit: Visit) -> Response | None:
    """Why the person does not come in; None when they do."""
    try:
        _check(visit)
    except Failure as failure:
        return tell(visit, failure)
    return None


def _check(visit: Visit) -> None:
    from clerkwork.console.routes import ANYBODY, SIGNED_IN

    if visit.request.method == "POST" and visit.route.is_for_programs:
        _check_program(visit)
    elif visit.request.method == "POST":
        _check_form(visit)
    if visit.route.needs == ANYBODY:
        return
    if not visit.is_signed_in:
        raise Refused("NOT_SIGNED_IN")
    if visit.route.needs == SIGNED_IN:
        return
    asks = visit.office.workspace.second_factor == "required"
    if asks and not visit.person.has_second_factor and visit.session is not None:
        raise Refused("SECOND_FACTOR_NEEDED")
    if visit.route.needs != "approve":
        visit.may(visit.route.needs)
    elif not visit.is_able("approve"):  # about an item; that is asked by the page, which knows it
        visit.may("approve")


def _check_program(visit: Visit) -> None:
    """By a token: what a browser sends by itself changes nothing here."""
    if visit.session is not None:
        raise Refused("TOKEN_NEEDED")
    if not visit.is_signed_in:
        raise Refused("NOT_SIGNED_IN")


def _check_form(visit: Visit) -> None:
    """From a page of ours, by what the browser says and by what only our page has."""
    headers = visit.request.headers
    origin = headers.get("origin")
    if origin is not None:
        is_ours = visit.console.address.is_own_origin(origin, headers.get("host", ""))
    else:
        is_ours = headers.get("sec-fetch-site") == "same-origin"
    if not is_ours or not is_form_token(visit.form.get("csrf", ""), visit.seed):
        raise Refused("FORM_FOREIGN")


def tell(visit: Visit, failure: Failure) -> Response:
    """Why not, with the fitting status: as a page, as JSON, or by the way to sign in."""
    status = status_of(failure)
    if visit.route.is_for_programs:
        return _tell_program(visit, failure, status)
    if failure.code == "NOT_SIGNED_IN":
        return _to_sign_in(visit)
    if failure.code == "SECOND_FACTOR_NEEDED" and visit.request.method == "GET":
        return visit.go(CODES, "said.codes_needed")
    return visit.page("refused.html", status=status, failure=failure)


def _tell_program(visit: Visit, failure: Failure, status: HTTPStatus) -> Response:
    answered = visit.json(as_json(problem(failure, visit.language)), status=status)
    if status == HTTPStatus.UNAUTHORIZED:
        answered.headers["WWW-Authenticate"] = _BEARER.strip()
    return answered


def tell_unknown(visit: Visit) -> Response:
    """That there is no such page, to who is signed in; else the way to sign in."""
    path = visit.request.url.path
    failure = Refused("PAGE_UNKNOWN")
    if path.startswith(PROGRAMS):
        takes = methods_of(visit.console, path)
        if takes:
            return _tell_method(visit, takes)
        return _tell_program(visit, failure, HTTPStatus.NOT_FOUND)
    if not visit.is_signed_in and visit.request.method == "GET":
        return _to_sign_in(visit)
    return visit.page("refused.html", status=HTTPStatus.NOT_FOUND, failure=failure)


def methods_of(console: Console, path: str) -> list[str]:
    """What the address at `path` takes; nothing where there is none."""
    held = [route for route in console.routes if route.holds(path)]
    named = [route for route in held if route.path == path]  # before one whose part it would be
    found = [route.method for route in named or held]
    return sorted({*found, "HEAD"} if "GET" in found else set(found))


def _tell_method(visit: Visit, takes: list[str]) -> Response:
    methods = ", ".join(takes)
    failure = Refused("METHOD_UNKNOWN", method=visit.request.method, methods=methods)
    answered = _tell_program(visit, failure, HTTPStatus.METHOD_NOT_ALLOWED)
    answered.headers["Allow"] = methods
    return answered


def tell_defect(visit: Visit, number: str) -> Response:
    """That something went wrong here, under a number that stands in the log, too."""
    if visit.request.url.path.startswith(PROGRAMS):
        message = visit.text("shared.defect_number", number=number)
        return visit.json(
            as_json(Problem(code="DEFECT", message=message, number=number)), status=500
        )
    return visit.page("defect.html", status=500, number=number)


def language_of(console: Console, request: Request, person: Person) -> str:
    """What the person chose; else what this browser was told; else what it likes."""
    told = request.cookies.get(console.cookie("language"), "")
    for chosen in (person.language, told):
        if chosen in texts.LANGUAGES:
            return chosen
    otherwise = console.office.workspace.language or "en"
    return texts.preferred(request.headers.get("accept-language", ""), otherwise)


def _session(console: Console, request: Request) -> Session | None:
    token = request.cookies.get(console.cookie("session"), "")
    if not token:
        return None
    by_itself = request.url.path == "/live" or request.headers.get("x-live") == "1"
    return find_session(console.office.store, token, counts_as_use=not by_itself)


def _by_token(console: Console, route: Route, request: Request) -> Person:
    """Who sent a token with a request for programs."""
    sent = request.headers.get("authorization", "")
    if not route.is_for_programs or not sent.startswith(_BEARER):
        return NOBODY
    try:
        return token_owner(console.office.store, sent.removeprefix(_BEARER).strip())
    except Refused:
        return NOBODY


def _to_sign_in(visit: Visit) -> Response:
    wanted = visit.request.url.path
    query = f"?next={quote(wanted)}" if visit.request.method == "GET" and wanted != "/" else ""
    if visit.request.headers.get("hx-request"):  # a part that is fetched anew: leave the page
        return Response(status_code=401, headers={"HX-Redirect": SIGN_IN})
    return visit.go(f"{SIGN_IN}{query}")


def status_of(failure: Failure) -> HTTPStatus:
    if failure.code in _STATUS:
        return _STATUS[failure.code]
    if isinstance(failure, Refused):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(failure, Unavailable):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.INTERNAL_SERVER_ERROR
