"""What every answer carries and every request must keep to, whatever page it is for."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clerkwork.console.address import Address

LARGEST = 1024 * 1024  # bytes of a form; nothing is uploaded here
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the stylesheet's own small drawings
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # with no-referrer a browser says "Origin: null" of our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


class Guarded:
    """The application behind the rules: hosts of ours, forms of a size, headers on all answers."""

    def __init__(self, app: ASGIApp, address: Address):
        self._app = app
        self._address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        if not self._address.is_called(headers.get("host", "")):
            await PlainTextResponse("unknown host", 400)(scope, receive, send)
            return

        taken = 0

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return message if taken <= LARGEST else {"type": "http.disconnect"}

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        if int(headers.get("content-length") or 0) > LARGEST:
            await PlainTextResponse("too long", 413)(scope, receive, send_guarded)
            return
        await self._app(scope, receive_some, send_guarded)

    def _add(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        if self._address.is_secure:
            headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)


def form_token(seed: str) -> str:
    """
    What a form of the holder of `seed` (the cookie) carries.

    Masked anew each time: a compressed page that always had the same could be guessed at
    from its length (BREACH).
    """
    mask = secrets.token_bytes(hashlib.sha256().digest_size)
    masked = bytes(a ^ b for a, b in zip(mask, _own_token(seed), strict=True))
    return urlsafe_b64encode(mask + masked).decode()


def is_form_token(text: str, seed: str) -> bool:
    """Whether a form carried a token of this `seed`."""
    size = hashlib.sha256().digest_size
    try:
        given = urlsafe_b64decode(text.encode("ascii"))
    except (Error, UnicodeEncodeError):
        return False
    if not seed or len(given) != 2 * size:
        return False
    unmasked = bytes(a ^ b for a, b in zip(given[:size], given[size:], strict=True))
    return hmac.compare_digest(unmasked, _own_token(seed))


def _own_token(seed: str) -> bytes:
    return hmac.new(seed.encode(), b"form", hashlib.sha256).digest()


def local_path(text: str) -> str:
    """`text` where it is a path of this console, "/" where it would lead elsewhere."""
    is_plain = text.isascii() and text.isprintable() and "\\" not in text
    if not is_plain or not text.startswith("/") or text.startswith("//"):
        return "/"
    parts = urlsplit(text)
    return "/" if parts.scheme or parts.netloc else text
