"""The contents of uploaded files, put back into a form that was taken from the browser."""

from __future__ import annotations

import re
from collections.abc import Mapping

_BOUNDARY = re.compile(r'multipart/form-data.*boundary="?([^";]+)', re.IGNORECASE)
_NAME = re.compile(rb'filename="([^"]*)"', re.IGNORECASE)


def with_files(body: bytes, headers: Mapping[str, str], files: Mapping[str, bytes]) -> bytes:
    """
    `body` with the content of each file part that came without it (RFC 7578).

    A browser that hands a request over leaves the contents of its files out.
    """
    found = _BOUNDARY.search(headers.get("content-type", ""))
    if not found or not files:
        return body
    edge = b"--" + found[1].encode("ascii")
    parts = body.split(edge)
    return edge.join(_filled(part, files) for part in parts)


def _filled(part: bytes, files: Mapping[str, bytes]) -> bytes:
    head, blank, content = part.partition(b"\r\n\r\n")
    named = _NAME.search(head)
    if not named or content != b"\r\n":
        return part
    for name, given in files.items():
        # how a form writes these three characters in a name (HTML, multipart encoding)
        written = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
        if named[1] == written.encode():
            return head + blank + given + b"\r\n"
    return part
