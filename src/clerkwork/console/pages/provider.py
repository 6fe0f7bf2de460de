"""Signing in by the house's OpenID provider: there, and back."""

from __future__ import annotations

import secrets
from urllib.parse import quote, unquote

from starlette.responses import Response

from clerkwork.console.pages.sign_in import begin_session
from clerkwork.console.security import local_path
from clerkwork.console.visit import Visit
from clerkwork.errors import Failure, Refused
from clerkwork.people.oidc import Way, begin, person_by, plain_error, take_state

BACK = "/sign-in/provider/back"
_SEED, _NEXT = "oidc", "oidc-next"


def go(visit: Visit) -> Response:
    """On to the provider; what comes back must come by this browser, once, and soon."""
    way = _way(visit)
    seed = secrets.token_urlsafe(32)
    state = begin(visit.office.store, seed, now=visit.office.clock())
    address = way.address(state, seed, _back(visit))
    visit.lax_cookies[visit.console.cookie(_SEED)] = seed
    next_path = local_path(visit.asked("next", "/"))
    visit.lax_cookies[visit.console.cookie(_NEXT)] = quote(next_path)
    return visit.leave(address)


def back(visit: Visit) -> Response:
    """
    Who came back, signed in under a new session.

    The way on is a page, not a redirect: in a chain that began elsewhere a browser would not
    send the cookie, which is for pages of ours only.
    """
    seed = visit.request.cookies.get(visit.console.cookie(_SEED), "")
    next_path = local_path(unquote(visit.request.cookies.get(visit.console.cookie(_NEXT), "/")))
    for name in (_SEED, _NEXT):
        visit.lax_cookies[visit.console.cookie(name)] = ""
    try:
        way = _way(visit)
        state = visit.asked("state")
        take_state(visit.office.store, state, seed, now=visit.office.clock())
        if visit.asked("error"):
            raise Refused("OIDC_CODE_REFUSED", detail=plain_error(visit.asked("error")))
        if visit.asked("iss") not in ("", way.provider.issuer):  # RFC 9207
            raise Refused("OIDC_TOKEN_WRONG", detail="iss")
        claims = way.claims(visit.asked("code"), state, seed, _back(visit))
        record = visit.office.audit.record
        person = person_by(visit.office.store, way.provider, claims, record=record)
    except Failure as failure:
        return visit.page(
            "sign_in/sign_in.html", status=_status(failure), failure=failure, next="/", name=""
        )
    begin_session(visit, person)
    return visit.page("sign_in/arrived.html", next=next_path)


def _status(failure: Failure) -> int:
    from clerkwork.console.gate import status_of

    return status_of(failure)


def _back(visit: Visit) -> str:
    return f"{visit.console.address.origin}{BACK}"


def _way(visit: Visit) -> Way:
    way = visit.console.way()
    if way is None:
        raise Refused("PAGE_UNKNOWN")
    return way
