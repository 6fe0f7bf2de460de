"""
Signing in by an OpenID provider: authorisation code with PKCE (OpenID Connect Core 1.0, 3.1).

    we: state, nonce, challenge ──> provider: who is it? ──> code, state
    code + verifier ──> ID token, by its signature, issuer, audience, time and nonce ──> person
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import sqlalchemy as sa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from clerkwork.errors import Misconfigured, Refused, Unavailable
from clerkwork.people.register import Person, Record, find_person
from clerkwork.people.signing_in import digest_of
from clerkwork.store import Store
from clerkwork.store.tables import links

LASTS = timedelta(minutes=10)  # from our page to the provider and back
_PURPOSE = "oidc"
_TIMEOUT_S = 10.0
_LEEWAY_S = 60
_KEPT_S = 3600.0  # what a provider says of itself
_SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_LARGEST = 1024 * 1024  # bytes of an answer


@dataclass(frozen=True)
class Provider:
    """The provider as the settings name it; `claim` says who it is, `domain` of mail addresses."""

    issuer: str
    client_id: str
    secret: str
    claim: str = "preferred_username"
    domain: str = ""
    scopes: tuple[str, ...] = ("openid", "profile")


@dataclass
class Way:
    """
    The provider, what it says of itself and its keys: fetched when needed, kept for an hour.

    A key that is not known is looked for once more: providers change them.
    """

    provider: Provider
    _about: Mapping[str, Any] | None = None
    _keys: KeySet | None = None
    _until: float = 0.0

    def address(self, state: str, seed: str, back: str) -> str:
        """Where the browser goes: `seed` is what it alone holds, `back` where it comes back."""
        verifier = _derived(seed, "verifier", state)
        challenge = hashlib.sha256(verifier.encode("ascii")).digest()
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": back,
            "scope": " ".join(self.provider.scopes),
            "state": state,
            "nonce": _derived(seed, "nonce", state),
            "code_challenge": _text(challenge),
            "code_challenge_method": "S256",
        }
        where = str(self.about()["authorization_endpoint"])
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    def claims(self, code: str, state: str, seed: str, back: str) -> Mapping[str, Any]:
        """
        What the provider says of who is back, verified.

        Raises Refused OIDC_CODE_REFUSED, OIDC_TOKEN_WRONG, Unavailable OIDC_UNAVAILABLE.
        """
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": _derived(seed, "verifier", state),
        }
        sign_on = (self.provider.client_id, self.provider.secret)
        answer = _ask("POST", str(self.about()["token_endpoint"]), data=sent, auth=sign_on)
        if answer.status_code != httpx.codes.OK:
            raise Refused("OIDC_CODE_REFUSED", detail=_error_of(answer))
        got = _json(answer)
        said = self._verified(str(got.get("id_token", "")), _derived(seed, "nonce", state))
        if self.provider.claim in said:
            return said
        return said | self._more(said, str(got.get("access_token", "")))

    def about(self) -> Mapping[str, Any]:
        """What the provider says of itself. Raises OIDC_UNAVAILABLE, Misconfigured OIDC_WRONG."""
        if self._about is None or time.monotonic() > self._until:
            issuer = self.provider.issuer
            found = _json(_good(_ask("GET", f"{issuer.rstrip('/')}{_DISCOVERY}")))
            if found.get("issuer") != issuer:
                raise Misconfigured("OIDC_WRONG", issuer=issuer, detail=str(found.get("issuer")))
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not is_safe(str(found.get(name, ""))):
                    raise Misconfigured("OIDC_WRONG", issuer=issuer, detail=name)
            self._about, self._keys = found, None
            self._until = time.monotonic() + _KEPT_S
        return self._about

    def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            decoded = self._decoded(token)
            _registry(self.provider, nonce).validate(decoded)
        except (JoseError, ValueError) as wrong:
            raise Refused("OIDC_TOKEN_WRONG", detail=type(wrong).__name__) from None
        audience = decoded.get("aud")
        is_for_many = isinstance(audience, list) and len(audience) > 1
        if is_for_many and decoded.get("azp") != self.provider.client_id:
            raise Refused("OIDC_TOKEN_WRONG", detail="azp")
        return decoded

    def _decoded(self, token: str) -> dict[str, Any]:
        """By the keys that are known; else by those that the provider has now."""
        told = self.about().get("id_token_signing_alg_values_supported") or ["RS256"]
        allowed = [name for name in _SIGNED_BY if name in told]
        try:
            return dict(jwt.decode(token, self._key_set(), algorithms=allowed).claims)
        except (JoseError, ValueError):
            self._keys = None
            return dict(jwt.decode(token, self._key_set(), algorithms=allowed).claims)

    def _key_set(self) -> KeySet:
        if self._keys is None:
            found = _json(_good(_ask("GET", str(self.about()["jwks_uri"]))))
            self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        return self._keys

    def _more(self, said: Mapping[str, Any], token: str) -> dict[str, Any]:
        """What the provider tells besides the ID token, of the same person."""
        where = str(self.about().get("userinfo_endpoint", ""))
        if not token or not is_safe(where):
            return {}
        found = _json(_good(_ask("GET", where, headers={"Authorization": f"Bearer {token}"})))
        if found.get("sub") != said["sub"]:
            raise Refused("OIDC_TOKEN_WRONG", detail="sub")
        return {name: value for name, value in found.items() if name not in said}


_DISCOVERY = "/.well-known/openid-configuration"


def _registry(provider: Provider, nonce: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": provider.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )


def begin(store: Store, seed: str, *, now: datetime) -> str:
    """A state that is good once, for the browser that holds `seed`, and not for long."""
    named = secrets.token_urlsafe(32)
    state = f"{named}.{_derived(seed, 'state', named)}"
    row = {"digest": digest_of(state), "purpose": _PURPOSE, "person": ""}
    with store.begin() as conn:
        old = (links.c.purpose == _PURPOSE) & (links.c.expires_at < now)
        conn.execute(sa.delete(links).where(old))
        conn.execute(sa.insert(links).values(**row, created_at=now, expires_at=now + LASTS))
    return state


def take_state(store: Store, state: str, seed: str, *, now: datetime) -> None:
    """Use up a state. Raises Refused OIDC_STATE: another browser's, used before, too old."""
    named, _, mark = state.partition(".")
    good = (
        (links.c.digest == digest_of(state))
        & (links.c.purpose == _PURPOSE)
        & links.c.used_at.is_(None)
        & (links.c.expires_at > now)
    )
    is_ours = bool(seed) and hmac.compare_digest(
        mark.encode(), _derived(seed, "state", named).encode()
    )
    if not is_ours:
        raise Refused("OIDC_STATE")
    with store.begin() as conn:
        if conn.execute(sa.update(links).where(good).values(used_at=now)).rowcount != 1:
            raise Refused("OIDC_STATE")


def person_by(
    store: Store, provider: Provider, claims: Mapping[str, Any], *, record: Record
) -> Person:
    """
    The person whom an administrator has added under the name that the provider says.

    Raises Refused OIDC_PERSON_UNKNOWN, which also who is disabled is told.
    """
    name = _name_of(provider, claims)
    person = find_person(store, name) if name else None
    if person is None or person.disabled:
        record("person.sign_in_refused", person=name, why="unknown")
        raise Refused("OIDC_PERSON_UNKNOWN", name=name or "-")
    record("person.signed_in", person=name)
    return person


def _name_of(provider: Provider, claims: Mapping[str, Any]) -> str:
    """The name that the claim says; of a mail address, verified, what stands before our domain."""
    said = claims.get(provider.claim)
    if not isinstance(said, str):
        return ""
    if provider.claim != "email":
        return said
    name, _, domain = said.rpartition("@")
    is_ours = claims.get("email_verified") is True and domain.lower() == provider.domain.lower()
    return name.lower() if is_ours and provider.domain else ""


def is_safe(address: str) -> bool:
    """Whether what is sent there is read by nobody on the way: TLS, or this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    is_here = host in ("127.0.0.1", "localhost", "::1")
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_here))


def _derived(seed: str, what: str, state: str) -> str:
    """What follows from the browser's seed: 43 characters, as PKCE wants them (RFC 7636, 4.1)."""
    return _text(hmac.new(seed.encode(), f"{what} {state}".encode(), hashlib.sha256).digest())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _ask(method: str, address: str, **sent: Any) -> httpx.Response:
    try:
        answer = httpx.request(method, address, timeout=_TIMEOUT_S, **sent)
    except (httpx.HTTPError, httpx.InvalidURL) as down:
        raise Unavailable("OIDC_UNAVAILABLE", detail=type(down).__name__) from None
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or len(answer.content) > _LARGEST:
        raise Unavailable("OIDC_UNAVAILABLE", detail=str(answer.status_code))
    return answer


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.status_code != httpx.codes.OK:
        raise Unavailable("OIDC_UNAVAILABLE", detail=str(answer.status_code))
    return answer


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable("OIDC_UNAVAILABLE", detail="no JSON")
    return found


def _error_of(answer: httpx.Response) -> str:
    """The error's name, as far as it is one."""
    try:
        found = answer.json()
    except ValueError:
        return str(answer.status_code)
    return plain_error(found.get("error") if isinstance(found, dict) else "")


def plain_error(text: object) -> str:
    """The name of an error as providers have them (RFC 6749, 4.1.2.1): nothing else is repeated."""
    said = str(text)
    is_plain = len(said) <= 40 and said.isascii() and said.replace("_", "").isalpha()
    return said if is_plain else "-"
