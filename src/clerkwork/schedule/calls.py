"""
Calls of other programs that make schedules due: `POST /triggers/<schedule>`, signed.

The answer is one line of JSON: 202 the run was placed, 200 it was before (a call that is
repeated is one run), 400 the body does not fit, 401 not signed by the right secret, 404 no
schedule waits for such a call, 409 it will not run, 413 too long, 503 the secret is not there.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clerkwork.errors import Failure, Refused, Unavailable
from clerkwork.run.office import Office
from clerkwork.schedule.arrivals import is_alive, is_paused
from clerkwork.schedule.book import Book
from clerkwork.schedule.firings import is_busy_with, settling
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.parameters import given
from clerkwork.schedule.rules import Verdict, when_come
from clerkwork.schedule.signing import facts_of, secret_of
from clerkwork.schedule.tokens import Call
from clerkwork.store.tables import firings

TRIGGER = "call"
LARGEST = 64 * 1024  # bytes of a body
_BODY_S = 10.0  # how long a body may take
_CALLERS = 32  # at once
_STATUS = {"started": 202, "waiting": 202, "skipped": 409, "missed": 409}


@dataclass(frozen=True)
class Answer:
    """What a caller is told."""

    status: int
    about: Mapping[str, object]


def answer(office: Office, book: Book, name: str, call: Call) -> Answer:
    """
    Settle a call of schedule `name`; what the caller is told.

    Raises Misconfigured when the secret is not there.
    """
    planned = book.planned.get(name)
    if planned is None or planned.plan.call is None or not is_alive(planned, office):
        return _told(404, "SCHEDULE_NOT_CALLED")
    if not call.is_signed(secret_of(office, planned), now_s=office.clock().timestamp()):
        return _told(401, "CALL_NOT_SIGNED")
    try:
        facts = facts_of(planned, call.body)
    except Refused as refused:
        return Answer(400, _failure(refused))
    key = f"{TRIGGER} {call.nonce}"
    known = _known(office, planned, key)
    is_new = False
    if known is None:
        try:
            is_new = _fire(office, book, planned, key, facts)
        except Failure as failure:
            return Answer(409, _failure(failure))
        known = _known(office, planned, key)
    if given(planned, known.due_at, facts) != _asked(planned, known.params):
        return _told(409, "CALL_DIFFERS")
    return _of_firing(known, is_new=is_new)


def _known(office: Office, planned: Planned, key: str) -> Any:
    wanted = sa.select(firings).where(firings.c.schedule == planned.name, firings.c.key == key)
    with office.store.connect() as conn:
        return conn.execute(wanted).one_or_none()


def _fire(office: Office, book: Book, planned: Planned, key: str, facts: dict[str, str]) -> bool:
    """
    Fire the schedule; False when the same call was quicker elsewhere.

    Raises Failure, and writes nothing, when the bot does not take these parameters.
    """
    if not planned.asked:  # else a screen says some of them, later
        book.order(planned, given(planned, office.clock(), facts))
    try:
        with settling(office, book.order) as work:
            is_busy = planned.plan.overlap == "skip" and is_busy_with(work.conn, planned.name)
            due, verdict = when_come(planned, work.now, work.now, is_busy=is_busy)
            if is_paused(work.conn, planned.name):
                verdict = Verdict("skipped", "SCHEDULE_IS_PAUSED")
            return work.fire(planned, key, trigger=TRIGGER, due=due, verdict=verdict, facts=facts)
    except sa.exc.IntegrityError:
        return False


def _asked(planned: Planned, params: Mapping[str, str]) -> dict[str, str]:
    """Of the parameters of a firing, those that were filled when it was settled."""
    return {name: text for name, text in params.items() if name not in planned.asked}


def _of_firing(row: Any, *, is_new: bool) -> Answer:
    """What became of a call, the first time or when it is repeated."""
    about: dict[str, object] = {"state": row.state, "run": row.run_id}
    if row.why:
        about |= {"code": row.why["code"]}
    status = _STATUS[row.state]
    return Answer(status if is_new or status != 202 else 200, about)


def _told(status: int, code: str) -> Answer:
    return Answer(status, _failure(Refused(code)))


def _failure(failure: Failure) -> dict[str, object]:
    return {"code": failure.code, "en": failure.message("en"), "zh": failure.message("zh")}


def application(office: Office, book: Book) -> Starlette:
    """The web application that takes calls."""

    async def called(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _json(_told(413, "CALL_TOO_LONG"))
        path = request.scope.get("raw_path", b"").partition(b"?")[0].decode("ascii")
        call = Call(request.method, path or request.url.path, body, request.headers)
        name = request.path_params["schedule"]
        try:
            return _json(await run_in_threadpool(answer, office, book, name, call))
        except Failure as failure:  # such as a secret that is not there
            return _json(Answer(503, {"code": failure.code}))

    async def failed(_request: Request, _defect: Exception) -> Response:
        return _json(Answer(500, {"code": "DEFECT"}))

    return Starlette(
        routes=[Route("/triggers/{schedule}", called, methods=["POST"])],
        exception_handlers={500: failed},
    )


async def _body(request: Request) -> bytes | None:
    """The body; None when it is too long, or takes too long."""
    body = b""
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return body


def _json(said: Answer) -> Response:
    return JSONResponse(dict(said.about), status_code=said.status)


@contextmanager
def taking_calls(office: Office, book: Book, *, host: str, port: int) -> Iterator[int]:
    """
    Take calls at (host, port) while the block runs, in a thread; gives the port.

    Raises Unavailable PORT_TAKEN.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as taken:
        detail = taken.strerror or str(taken)
        raise Unavailable("PORT_TAKEN", host=host, port=port, detail=detail) from None
    config = uvicorn.Config(
        application(office, book), lifespan="off", ws="none", log_config=None, access_log=False,
        server_header=False, limit_concurrency=_CALLERS, timeout_graceful_shutdown=10,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="calls", daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
