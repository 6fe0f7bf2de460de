"""The pages of the ledger: what each address answers, and who may see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from clerkwork.practice import manners
from clerkwork.practice.ledger.accounts import ACCOUNTS, CURRENCIES
from clerkwork.practice.ledger.books import Books, Voucher
from clerkwork.practice.ledger.checks import LENGTHS, draft_of
from clerkwork.practice.ledger.notices import Rejected, notice
from clerkwork.practice.ledger.operators import Operator, SignIns
from clerkwork.practice.web import cut

COOKIE = "LGSESSION"
SYSTEM = "ledger"
Page = Callable[[Request, Operator], Awaitable[Response]]
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def _money(minor: int) -> str:
    return f"{'-' * (minor < 0)}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


_TEMPLATES.filters["money"] = _money


class Pages:
    """The application: books, sign-ins and dates behind the addresses of `routes`."""

    def __init__(self, books: Books, sign_ins: SignIns, *, folder: Path, first: date, last: date):
        self._books = books
        self._sign_ins = sign_ins
        self._folder = folder
        self._first = first
        self._last = last
        self.times_submitted = 0

    def routes(self) -> list[Route]:
        """Every address, with the roles that may use it; the server enforces them."""
        everybody = ("looks", "keys", "releases")
        return [
            Route("/", self._sign_on_page),
            Route("/signin", self._sign_in, methods=["POST"]),
            Route("/signoff", self._sign_off),
            Route("/desk", self._only(everybody, self._desk)),
            Route("/menu", self._only(everybody, self._menu)),
            Route("/welcome", self._only(everybody, self._welcome)),
            Route("/search", self._only(everybody, self._search)),
            Route("/find", self._only(everybody, self._find)),
            Route("/entry", self._only(("keys",), self._entry)),
            Route("/voucher", self._only(("keys",), self._post), methods=["POST"]),
            Route("/held", self._only(("releases",), self._held)),
            Route("/release", self._only(("releases",), self._release), methods=["POST"]),
        ]

    def _only(self, roles: tuple[str, ...], page: Page) -> Callable[[Request], Any]:
        async def checked(request: Request) -> Response:
            operator = self._sign_ins.who(request.cookies.get(COOKIE, ""))
            if operator is None:
                return _page("expired.html", message=notice("LG1002"))
            if operator.role not in roles:
                message = notice("LG1003", operator=operator.name)
                return _page("denied.html", status=403, message=message)
            return await page(request, operator)

        return checked

    async def _sign_on_page(self, request: Request) -> Response:
        return _page("sign_on.html", message="")

    async def _sign_in(self, request: Request) -> Response:
        form = await request.form()
        token = self._sign_ins.sign_in(str(form.get("operator", "")), str(form.get("password", "")))
        if token is None:
            return _page("sign_on.html", message=notice("LG1001"))
        answer = RedirectResponse("/desk", status_code=303)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return answer

    async def _sign_off(self, request: Request) -> Response:
        self._sign_ins.sign_off(request.cookies.get(COOKIE, ""))
        answer = _page("sign_on.html", message=notice("LG0006"))
        answer.delete_cookie(COOKIE)
        return answer

    async def _desk(self, request: Request, operator: Operator) -> Response:
        return _page("desk.html")

    async def _menu(self, request: Request, operator: Operator) -> Response:
        return _page("menu.html", operator=operator)

    async def _welcome(self, request: Request, operator: Operator) -> Response:
        return _page("welcome.html", operator=operator, last=self._last.isoformat())

    async def _search(self, request: Request, operator: Operator) -> Response:
        return _page("search.html", lengths=LENGTHS)

    async def _find(self, request: Request, operator: Operator) -> Response:
        reference = request.query_params.get("reference", "").strip(" ")
        found = self._books.find(reference)
        code = "LG0004" if found else "LG0003"
        message = notice(code, count=len(found), reference=reference)
        return _page(
            "found.html", asked=reference, vouchers=found, message=message, lengths=LENGTHS
        )

    async def _entry(self, request: Request, operator: Operator) -> Response:
        return self._entry_page({"accounting_date": self._last.isoformat(), "colour": "blue"}, "")

    async def _post(self, request: Request, operator: Operator) -> Response:
        self.times_submitted += 1
        if manners.is_due(self._folder, SYSTEM, manners.ERROR_PAGE):
            return _page("down.html", status=503)
        form = await request.form()
        typed = {field: str(form.get(field, "")) for field in LENGTHS}
        try:
            draft = draft_of(typed, first=self._first, last=self._last)
        except Rejected as no:
            return self._entry_page(typed, str(no))
        voucher = self._books.book(draft, keyed_by=operator.name)
        if manners.is_due(self._folder, SYSTEM, manners.DROP_ANSWER):
            await cut(request)
        return _answer_page(voucher)

    def _entry_page(self, typed: dict[str, str], message: str) -> Response:
        values = dict.fromkeys(LENGTHS, "") | typed
        return _page(
            "entry.html",
            values=values,
            message=message,
            lengths=LENGTHS,
            currencies=CURRENCIES,
            accounts=ACCOUNTS,
        )

    async def _held(self, request: Request, operator: Operator) -> Response:
        return _page("held.html", vouchers=self._books.held(), message="")

    async def _release(self, request: Request, operator: Operator) -> Response:
        number = str((await request.form()).get("number", ""))
        try:
            self._books.release(number, released_by=operator.name)
            message = notice("LG0005", number=number)
        except Rejected as no:
            message = str(no)
        return _page("held.html", vouchers=self._books.held(), message=message)


def _answer_page(voucher: Voucher) -> Response:
    code = "LG0001" if voucher.state == "posted" else "LG0002"
    message = notice(code, number=voucher.number)
    return _page("answer.html", vouchers=[voucher], message=message, lengths=LENGTHS)


def _page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    text = _TEMPLATES.get_template(template).render(**values)
    return HTMLResponse(text, status, headers={"Cache-Control": "no-store"})
