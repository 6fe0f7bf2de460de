"""An OpenID provider on loopback that says whatever a test wants, signed with its own keys."""

from __future__ import annotations

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "console"


@dataclass
class Crooked:
    """What it answers: `claims` change the ID token, `sign` is how it is signed."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    published: list[RSAKey] = field(default_factory=list)
    sign: Callable[[Crooked, dict[str, Any]], str] | None = None
    about: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)  # of the token endpoint
    nonce: str = ""

    def rotate(self, kid: str) -> None:
        """Sign with a new key from now on, and publish that one alone."""
        self.key = RSAKey.generate_key(2048, {"kid": kid})
        self.published = [self.key]

    def token(self) -> str:
        """The ID token, as it is wanted."""
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "sub": "7",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "preferred_username": "anna",
        }
        claims = {k: v for k, v in (said | self.claims).items() if v is not None}
        if self.sign is not None:
            return self.sign(self, claims)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def answer(self, path: str, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """What it answers to a request."""
        if path.endswith("/openid-configuration"):
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
            } | self.about
        if path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.published]}
        if path == "/token":
            self.asked.append(sent)
            if sent.get("code") != "good":
                return 400, {"error": "invalid_grant", "error_description": "<b>no</b>"}
            return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.token()}
        return 404, {}


@contextmanager
def crooked_provider() -> Iterator[Crooked]:
    """It serves while the block runs."""
    crooked = Crooked()
    crooked.published = [crooked.key]

    class Handler(BaseHTTPRequestHandler):
        def _give(self, sent: dict[str, str]) -> None:
            status, said = crooked.answer(urlsplit(self.path).path, sent)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._give({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(text).items()}
            self._give(sent | {"authorization": self.headers.get("Authorization", "")})

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    crooked.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield crooked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def unsigned(_: Crooked, claims: dict[str, Any]) -> str:
    """With "alg": "none"."""
    return _joined({"alg": "none", "typ": "JWT"}, claims) + "."


def signed_with_the_public_key(crooked: Crooked, claims: dict[str, Any]) -> str:
    """HS256, the public key taken for a secret: who mixes the two up is fooled."""
    signed = _joined({"alg": "HS256", "kid": crooked.key.kid}, claims)
    made = hmac.digest(crooked.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(made).rstrip(b'=').decode()}"


def signed_by_another(_: Crooked, claims: dict[str, Any]) -> str:
    """By a key that the provider does not publish, under the name of one that it does."""
    other = RSAKey.generate_key(2048, {"kid": "first"})
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, other)


def with_its_own_key(_: Crooked, claims: dict[str, Any]) -> str:
    """The key in the token's own header."""
    other = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "jwk": other.as_dict(private=False)}
    return jwt.encode(header, claims, other)


def no_token(_: Crooked, _claims: dict[str, Any]) -> str:
    """Nothing like one."""
    return "a.b.c"


def _joined(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
