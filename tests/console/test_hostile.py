"""What others may try: forged forms, frames, redirects, paths, headers, markup, long bodies."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

import httpx
import pytest

from clerkwork.console.routes import ROUTES
from clerkwork.console.security import HEADERS, form_token, is_form_token, local_path

from .conftest import COOKIE, OWN, PASSWORD, House, post

POSTS = [route.path for route in ROUTES if route.method == "POST"]
ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "/%0d",
    "http:evil.example", "javascript:alert(1)", "///evil.example", "/\t/evil.example", "",
    "/runs\r\nSet-Cookie: a=b", "evil.example", "/\u2028evil",
)  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
def test_a_form_is_taken_from_a_page_of_ours_only(house: House, path: str):
    """Both must hold: where the browser says it comes from, and the token in it."""
    address = re.sub(r"{\w+}", "none", path)
    with house.visitor("checker.own") as client:
        good = {"csrf": form_token(client.cookies[COOKIE])}
        own = {"Origin": house.origin}
        forged = [
            ({}, own),
            ({"csrf": ""}, own),
            ({"csrf": "x" * 86}, own),
            ({"csrf": "é"}, own),
            ({"csrf": form_token("another-session")}, own),
            (good, {}),
            (good, {"Origin": "https://evil.example"}),
            (good, {"Origin": "null"}),
            (good, {"Origin": house.origin.replace("http:", "https:")}),
            (good, {"Sec-Fetch-Site": "cross-site"}),
            (good, {"Sec-Fetch-Site": "same-site"}),
        ]
        for data, headers in forged:
            answer = client.post(address, data=data, headers=headers)
            assert answer.status_code == 403, (data, headers)
            # to the API a browser's cookie is no way at all
            code = "TOKEN_NEEDED" if path.startswith("/api/") else "FORM_FOREIGN"
            assert code in answer.text


def test_a_token_of_a_form_is_another_each_time_and_good_for_its_session():
    """So that a compressed page gives it away to nobody who counts bytes."""
    made = {form_token("seed") for _ in range(50)}

    assert len(made) == 50
    assert all(is_form_token(token, "seed") for token in made)
    assert not any(is_form_token(token, "other") for token in made)
    assert not is_form_token(form_token(""), "")


def test_nobody_else_frames_scripts_or_sniffs_a_page(house: House):
    """Every answer has the headers: pages, refusals, errors, files, what is not there."""
    run = house.runs[OWN]
    screen = house.evidence("screen")
    with house.visitor("checker.own") as client:
        static = client.get("/").text.split('rel="stylesheet" href="')[1].split('"')[0]
        for path in (
            "/", "/runs", f"/runs/{run}", f"/runs/{run}/evidence/{screen}", "/nowhere", "/api/runs",
            "/api/nowhere", static, "/static/x/nothing.js", "/sign-in", "/me", f"/runs/{run}x",
        ):  # fmt: skip
            headers = client.get(path).headers
            for name in HEADERS:
                assert name in headers, (path, name)
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy, path
            is_page = headers.get("content-type", "").startswith("text/html")
            if is_page:
                assert "frame-ancestors 'none'" in policy, path
                assert "script-src 'self'" in policy, path
                assert "unsafe" not in policy, path
            assert "strict-transport-security" not in headers  # there is no TLS here
            if not path.startswith("/static"):
                assert headers["cache-control"] == "no-store", path
        assert "server" not in headers


def test_no_page_has_a_script_or_a_style_in_it(house: House):
    """What the policy forbids would not work; so it must not be there."""
    import re

    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", re.I)
    with house.visitor("boss") as client:
        for path in ("/", "/runs", f"/runs/{house.runs[OWN]}", "/me", "/me/codes", "/nowhere"):
            assert inline.findall(client.get(path).text) == [], path


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nothing_leads_elsewhere(house: House, target: str):
    """After signing in, after choosing a language: only paths of this console."""
    assert local_path(target).startswith("/")
    with house.visitor("checker.own") as client:
        shown = client.get("/sign-in", params={"next": target})
        assert leads_here(shown, house), shown.headers
        chosen = post(client, "/language", page="/me", language="en", next=target)
        assert leads_here(chosen, house), chosen.headers
        assert "a=b" not in str(chosen.headers.get_list("set-cookie"))
    with house.visitor() as stranger:
        done = post(stranger, "/sign-in", name="checker.own", password=PASSWORD, next=target)
        assert (done.status_code, leads_here(done, house)) == (303, True)


def leads_here(answer: httpx.Response, house: House) -> bool:
    """Whether a browser that follows stays with us."""
    location = answer.headers.get("location", "/")
    there = answer.request.url.join(location)
    return (there.scheme, there.host) == ("http", urlsplit(house.origin).hostname)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/x/../../../pyproject.toml",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static/x/..%2f..%2fapp.py",
        "/runs/{run}/reports/../../../../pyproject.toml",
        "/runs/{run}/reports/..%2f..%2f..%2fstore.db",
        "/runs/{run}/reports/%2fetc%2fpasswd",
        "/runs/{run}/evidence/..%2f..%2fkeys%2fstore.key",
        "/runs/..%2f..%2fetc/reports/en.html",
        "/runs/%00",
        "/runs/{run}%00",
        "//etc/passwd",
    ],
)
def test_no_path_leads_out(house: House, path: str):
    """Names are looked up, never opened; sent as they stand, no client tidies them."""
    with house.visitor("boss") as client:
        token = client.cookies[COOKIE]
    answer = raw(
        house,
        f"GET {path.format(run=house.runs[OWN])} HTTP/1.1\r\n"
        f"Host: {house.origin.removeprefix('http://')}\r\nCookie: {COOKIE}={token}\r\n"
        "Connection: close\r\n\r\n",
    )
    assert answer.split()[1] in (b"404", b"400"), answer[:200]
    assert b"root:" not in answer
    assert b"[project]" not in answer


def raw(house: House, request: str) -> bytes:
    """What comes back for exactly these bytes."""
    place = urlsplit(house.origin)
    with socket.create_connection((place.hostname, place.port), timeout=10) as line:
        line.sendall(request.encode("latin-1"))
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
    return answer


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:1", ""])
def test_a_foreign_name_that_leads_here_is_refused(house: House, host: str):
    """A page elsewhere whose name was turned to this address reads nothing (DNS rebinding)."""
    answer = raw(house, f"GET /sign-in HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")

    assert answer.split()[1] == b"400"
    assert b"csrf" not in answer


def test_what_people_type_is_shown_as_text(house: House):
    """In names, in addresses, in what is refused."""
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    with house.visitor() as client:
        shown = post(client, "/sign-in", name=evil, password="x")
        assert "<script>alert" not in shown.text
        assert "<img src=x" not in shown.text
    with house.visitor("boss") as client:
        for path in ("/runs", "/runs/x", "/nowhere"):
            shown = client.get(path, params={"before": evil, "bot": evil, "state": evil})
            assert shown.status_code in (200, 404)
            assert "<img src=x" not in shown.text


def test_a_typed_name_makes_no_second_line_in_the_audit_log(house: House):
    """It is a pseudonym there, whatever it is; the log holds."""
    from clerkwork.audit import verify

    last = max(position for position, _ in house.office.audit.read())
    with house.visitor() as client:
        post(client, "/sign-in", name='x"}\n{"event":"person.signed_in"\x00', password="x")
    found = [event for _, event in house.office.audit.read(after=last)]

    assert [event.name for event in found] == ["person.sign_in_refused"]
    assert "signed_in" not in str(found[0].fields)
    house.office.audit.checkpoint()
    assert verify(house.office.workspace.home).holds


def test_a_notice_says_only_what_the_console_itself_says(house: House):
    """The cookie names a text; another one's value shows nothing."""
    with house.visitor("boss") as client:
        client.cookies.set("clerkwork-said", "call this number: 12345")
        assert "12345" not in client.get("/me").text


def test_a_body_that_is_too_long_is_not_read(house: House):
    """Said beforehand or not: 1 MB is enough for every form."""
    with house.visitor() as client:
        told = client.post("/sign-in", content=b"x" * (1024 * 1024 + 1))
        assert told.status_code == 413

        def chunks():
            for _ in range(40):
                yield b"name=" + b"x" * 65536

        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            silent = client.post("/sign-in", content=chunks(), headers=headers)
            assert silent.status_code >= 400
        except httpx.TransportError:
            pass  # cut off
        assert client.get("/sign-in").status_code == 200


def test_what_is_uploaded_is_refused(house: House):
    """No form here has files."""
    with house.visitor() as client:
        sent = client.post("/sign-in", files={"file": ("x.txt", b"content")})
        assert sent.status_code in (400, 403)


def test_evidence_runs_nothing(house: House):
    """What comes from outside is shown in a sandbox, or given to be kept."""
    run = house.runs[OWN]
    with house.visitor("boss") as client:
        report = client.get(f"/runs/{run}/reports/en.html").headers
        assert report["content-disposition"].startswith("attachment")
        assert "sandbox" in report["content-security-policy"]
    with house.visitor("auditor.own") as client:
        kept = client.get(f"/runs/{run}/evidence/{house.evidence('document')}").headers
        assert kept["content-disposition"].startswith("attachment")
        assert kept["content-type"] == "application/octet-stream"
        screen = client.get(f"/runs/{run}/evidence/{house.evidence('screen')}").headers
        assert "sandbox" in screen["content-security-policy"]
