"""The pages of the counter: what each address answers, and its bad manners."""

from __future__ import annotations

import asyncio
import csv
import io
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from clerkwork.practice import manners
from clerkwork.practice.accounts import BRANCH
from clerkwork.practice.counter.notices import holder_of, notice
from clerkwork.practice.counter.operators import Operator, SignOns
from clerkwork.practice.slips import LENGTHS, Rejected, Slip, SlipBook, page_of
from clerkwork.practice.web import cut

COOKIE = "CTSESSION"
SYSTEM = "counter"
Page = Callable[[Request, Operator], Awaitable[Response]]
_COMPLETES_S = 0.15  # how long the server takes to find who holds an account
_TRUNCATED = 12  # what a rude reference field holds
_NOTHING = Slip("", "", "", 0, "", "", "")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


class Pages:
    """The application: slips and sign-ons behind the addresses of `routes`."""

    def __init__(self, slips: SlipBook, sign_ons: SignOns, folder: Path):
        self._slips = slips
        self._sign_ons = sign_ons
        self._folder = folder

    def routes(self) -> list[Route]:
        """Every address; those behind the sign-on are `_signed_on`."""
        return [
            Route("/", self._sign_on_page),
            Route("/signon", self._sign_on, methods=["POST"]),
            Route("/signoff", self._sign_off),
            Route("/expired", self._expired),
            Route("/teller", self._signed_on(self._teller)),
            Route("/menu", self._signed_on(self._menu)),
            Route("/welcome", self._signed_on(self._welcome)),
            Route("/slip", self._signed_on(self._slip)),
            Route("/complete", self._signed_on(self._complete)),
            Route("/post", self._signed_on(self._post), methods=["POST"]),
            Route("/posted/{number}", self._signed_on(self._posted_again)),
            Route("/search", self._signed_on(self._search)),
            Route("/find", self._signed_on(self._find)),
            Route("/list", self._signed_on(self._list)),
            Route("/export", self._signed_on(self._export)),
        ]

    def _is_due(self, manner: str) -> bool:
        return manners.is_due(self._folder, SYSTEM, manner)

    def _signed_on(self, page: Page) -> Callable[[Request], Any]:
        """`page` for a session that is open, with what may happen to every page of it."""

        async def checked(request: Request) -> Response:
            is_post = request.method == "POST"
            if is_post:
                form = await request.form()
                self._slips.note_submit({name: str(value) for name, value in form.items()})
            is_asked = is_post or request.url.path in ("/slip", "/search", "/find", "/list")
            if is_asked and self._is_due(manners.SESSION_LOST):
                self._sign_ons.expire_all()
            if is_asked and self._is_due(manners.HOST_RESTARTED):
                self._sign_ons.expire_all()
                await cut(request)
            operator = self._sign_ons.who(request.cookies.get(COOKIE, ""))
            if operator is None:
                return _page("lost.html")
            if is_asked and self._is_due(manners.ERROR_PAGE):
                return _page("error.html", message=notice("4901"))
            return await page(request, operator)

        return checked

    async def _sign_on_page(self, request: Request) -> Response:
        return _page("sign_on.html", message="")

    async def _expired(self, request: Request) -> Response:
        return _page("sign_on.html", message=notice("4104"))

    async def _sign_on(self, request: Request) -> Response:
        form = await request.form()
        operator = self._sign_ons.check(
            str(form.get("operator", "")), str(form.get("password", ""))
        )
        if operator is None:
            return _page("sign_on.html", message=notice("4101"))
        if self._is_due(manners.SIGNED_ON_ELSEWHERE):
            return _page("sign_on.html", message=notice("4102"))
        if self._is_due(manners.PASSWORD_EXPIRED):
            return _page("password_expired.html", message=notice("4103"))
        answer = RedirectResponse("/teller", status_code=303)
        token = self._sign_ons.open(operator)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return answer

    async def _sign_off(self, request: Request) -> Response:
        self._sign_ons.sign_off(request.cookies.get(COOKIE, ""))
        answer = _page("sign_on.html", message=notice("4000"))
        answer.delete_cookie(COOKIE)
        return answer

    async def _teller(self, request: Request, operator: Operator) -> Response:
        return _page("teller.html")

    async def _menu(self, request: Request, operator: Operator) -> Response:
        has_moved = self._is_due(manners.MENU_MOVED)
        return _page("menu.html", operator=operator.name, has_moved=has_moved)

    async def _welcome(self, request: Request, operator: Operator) -> Response:
        return _page("welcome.html")

    async def _slip(self, request: Request, operator: Operator) -> Response:
        if self._is_due(manners.WRONG_SCREEN):
            return self._list_page(1, "")
        return self._slip_page({}, "")

    def _slip_page(self, typed: dict[str, str], message: str) -> Response:
        lengths = dict(LENGTHS)
        if self._is_due(manners.FIELD_TRUNCATED):
            lengths["reference"] = _TRUNCATED
        values = dict.fromkeys(LENGTHS, "") | typed
        return self._painted(
            "slip.html", values=values, lengths=lengths, message=message, branch=BRANCH
        )

    async def _complete(self, request: Request, operator: Operator) -> Response:
        await asyncio.sleep(_COMPLETES_S)
        return JSONResponse({"name": holder_of(request.query_params.get("account", ""))})

    async def _post(self, request: Request, operator: Operator) -> Response:
        form = await request.form()
        typed = {field: str(form.get(field, "")) for field in LENGTHS}
        if not operator.may_post:
            return self._slip_page(typed, notice("4105"))
        try:
            if self._is_due(manners.LOST_SAVE):
                return self._posted_page(_lost(typed, operator))
            slip = self._slips.book(typed, keyed_by=operator.name)
        except Rejected as no:
            return self._slip_page(typed, notice(no.code, no.field))
        if self._is_due(manners.DROP_ANSWER):
            await cut(request)
        if self._is_due(manners.ANSWER_LATE):
            await asyncio.sleep(manners.LATE_S)
        if self._is_due(manners.WRONG_SCREEN):
            return _page("welcome.html")
        return self._posted_page(slip, comes_twice=self._is_due(manners.ANSWER_TWICE))

    def _posted_page(self, slip: Slip, *, comes_twice: bool = False) -> Response:
        message = notice("4001")
        return self._painted("posted.html", slip=slip, message=message, comes_twice=comes_twice)

    async def _posted_again(self, request: Request, operator: Operator) -> Response:
        number = request.path_params["number"]
        return self._posted_page(next(s for s in self._slips.all() if s.number == number))

    async def _search(self, request: Request, operator: Operator) -> Response:
        return self._painted("search.html", lengths=LENGTHS)

    async def _find(self, request: Request, operator: Operator) -> Response:
        asked = request.query_params.get("reference", "").strip()
        found = self._slips.find(asked)
        message = notice("4002" if found else "4003")
        slip = found[0] if found else _NOTHING
        return self._painted(
            "found.html", asked=asked, count=len(found), slip=slip, message=message
        )

    async def _list(self, request: Request, operator: Operator) -> Response:
        asked = int(request.query_params.get("page", "1"))
        _, pages = page_of(self._slips.all(), 1)
        if asked > pages:
            return self._list_page(pages, notice("4004"))
        return self._list_page(max(1, asked), notice("4005") if asked < 1 else "")

    def _list_page(self, number: int, message: str) -> Response:
        lines, pages = page_of(self._slips.all(), number)
        return self._painted("list.html", lines=lines, page=number, pages=pages, message=message)

    async def _export(self, request: Request, operator: Operator) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="slips.csv"'}
        content = _csv(self._slips.all())
        return Response(content, media_type="text/csv; charset=GB18030", headers=headers)

    def _painted(self, template: str, **values: Any) -> Response:
        """A page, in three parts with pauses when the counter paints late."""
        whole = _page(template, **values)
        if not self._is_due(manners.LATE_PAINT):
            return whole
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(_parts(bytes(whole.body)), 200, headers, "text/html")


def _page(template: str, **values: Any) -> HTMLResponse:
    # the ids are other ones on every load, as those of many a framework are
    tag = f"ctl{secrets.randbelow(90000) + 10000}_"
    text = _TEMPLATES.get_template(template).render(tag=tag, **values)
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


async def _parts(body: bytes) -> AsyncIterator[bytes]:
    third = len(body) // 3
    for part in (body[:third], body[third : 2 * third], body[2 * third :]):
        yield part
        await asyncio.sleep(manners.PAINT_S)


def _lost(typed: dict[str, str], operator: Operator) -> Slip:
    """The slip that the answer shows, and that is nowhere."""
    minor = int(Decimal(typed["amount"].replace(",", "")).scaleb(2))
    return Slip(
        "S9999999", typed["account"], typed["payee"], minor, typed["purpose"],
        typed["reference"], operator.name,
    )  # fmt: skip


def _csv(slips: Sequence[Slip]) -> bytes:
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["凭条号", "账号", "收款人", "金额", "用途", "业务编号"])
    rows.writerows([s.number, s.account, s.payee, s.amount, s.purpose, s.reference] for s in slips)
    return file.getvalue().encode("gb18030")
