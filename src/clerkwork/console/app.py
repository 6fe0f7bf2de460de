"""The application: every request is asked who it is from and whether they may, then answered."""

from __future__ import annotations

import inspect
import secrets
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route as Answering

from clerkwork.console import gate
from clerkwork.console.address import Address
from clerkwork.console.assets import Asset, load_assets
from clerkwork.console.live import Feed
from clerkwork.console.routes import ROUTES, SIGNED_IN, Route
from clerkwork.console.security import Guarded
from clerkwork.console.visit import NOBODY, Visit
from clerkwork.people import Person
from clerkwork.people.authoriser import is_able
from clerkwork.people.oidc import Provider, Way
from clerkwork.run.office import Office
from clerkwork.schedule.book import Book
from clerkwork.secrets import secret

_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass
class Console:
    """What all requests share."""

    office: Office
    address: Address
    feed: Feed
    assets: Mapping[str, Asset] = field(default_factory=load_assets)
    routes: Sequence[Route] = ROUTES
    _book: Book | None = None
    _way: Way | None = None
    _loading: threading.Lock = field(default_factory=threading.Lock)

    def book(self) -> Book:
        """The schedules as their files say now."""
        with self._loading:
            if self._book is None:
                self._book = Book(self.office)
            self._book.is_new()
            return self._book

    def way(self) -> Way | None:
        """The way to the house's OpenID provider; None where it has none."""
        oidc = self.office.workspace.oidc
        with self._loading:
            if self._way is None and oidc is not None:
                known = secret(oidc.secret, home=self.office.workspace.home).reveal()
                self._way = Way(
                    Provider(
                        oidc.issuer, oidc.client_id, known, oidc.claim, oidc.domain, oidc.scopes
                    )
                )
            return self._way

    def cookie(self, name: str) -> str:
        """The whole name of a cookie; with TLS the browser lets only this host set it."""
        return f"__Host-clerkwork-{name}" if self.address.is_secure else f"clerkwork-{name}"

    def asset(self, name: str) -> str:
        """The address of a script or a style."""
        return self.assets[name].address

    def navigation(self, person: Person) -> list[Route]:
        """The pages that stand in the navigation of this person."""
        return [each for each in self.routes if each.nav and is_able(person, each.needs)]


def application(office: Office, address: Address, *, routes: Sequence[Route] = ROUTES) -> Guarded:
    """The console of an office, served at `address`. Raises CONSOLE_ASSETS_MISSING."""
    console = Console(office, address, Feed(office.workspace.home), routes=routes)
    answering = [
        Answering(route.path, _answer(console, route), methods=[route.method]) for route in routes
    ]
    app = Starlette(
        routes=[Answering("/static/{digest}/{name}", _give_asset(console)), *answering],
        middleware=[Middleware(GZipMiddleware, minimum_size=600, compresslevel=5)],
        exception_handlers={404: _unknown(console), 405: _unknown(console), 500: _defect(console)},
    )
    app.router.redirect_slashes = False
    return Guarded(app, address)


def _answer(console: Console, route: Route) -> Callable[[Request], Awaitable[Response]]:
    is_slow = inspect.iscoroutinefunction(route.page)

    async def answer(request: Request) -> Response:
        form, body = {}, b""
        try:
            if request.method == "POST" and route.is_for_programs:
                body = await request.body()
            elif request.method == "POST":
                async with request.form(max_files=0, max_fields=200) as sent:
                    form = {name: str(value) for name, value in sent.items()}
        except ClientDisconnect:  # gone, or cut off for sending too much
            return PlainTextResponse("too long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        visit = await run_in_threadpool(gate.enter, console, route, request, form=form, body=body)
        if is_slow:
            refusal = await run_in_threadpool(gate.refusal, visit)
            answered = refusal or await route.page(visit)  # type: ignore[misc]
        else:
            answered = await run_in_threadpool(gate.answer, visit)
        return _with_cookies(console, visit, answered)

    return answer


def _with_cookies(console: Console, visit: Visit, answered: Response) -> Response:
    sites: tuple[tuple[dict[str, str], Literal["strict", "lax"]], ...]
    sites = ((visit.cookies, "strict"), (visit.lax_cookies, "lax"))
    for cookies, site in sites:
        for name, value in cookies.items():
            answered.set_cookie(
                name,
                value,
                max_age=None if value else 0,
                path="/",
                secure=console.address.is_secure,
                httponly=True,
                samesite=site,
            )
    return answered


def _give_asset(console: Console) -> Callable[[Request], Awaitable[Response]]:
    by_address = {asset.address: asset for asset in console.assets.values()}

    async def give(request: Request) -> Response:
        asset = by_address.get(request.url.path)
        if asset is None:
            return PlainTextResponse("", HTTPStatus.NOT_FOUND)
        takes_packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if takes_packed:
            headers["Content-Encoding"] = "gzip"
        content = asset.packed if takes_packed else asset.content
        return Response(content, headers=headers, media_type=asset.kind)

    return give


def _unknown(console: Console) -> Callable[[Request, Exception], Awaitable[Response]]:
    """A path that the table does not have; who is not signed in learns no more than that."""

    async def unknown(request: Request, _missing: Exception) -> Response:
        is_for_programs = request.url.path.startswith(gate.PROGRAMS)
        path = gate.PROGRAMS if is_for_programs else "/"
        nowhere = Route("GET", path, gate.tell_unknown, SIGNED_IN)
        visit = await run_in_threadpool(gate.enter, console, nowhere, request)
        return await run_in_threadpool(gate.tell_unknown, visit)

    return unknown


def _defect(console: Console) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Something that nobody foresaw: its trace goes to standard error, its number to the page."""

    async def failed(request: Request, defect: Exception) -> Response:
        number = secrets.token_hex(4)
        trace = "".join(traceback.format_exception(defect))
        sys.stderr.write(f"defect {number} at {request.method} {request.url.path!r}\n{trace}")
        visit = Visit(
            console=console,
            route=console.routes[0],
            request=request,
            form={},
            session=None,
            person=NOBODY,
            language=gate.language_of(console, request, NOBODY),
            seed=number,
        )
        return await run_in_threadpool(gate.tell_defect, visit, number)

    return failed
