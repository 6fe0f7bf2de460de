"""`clerkwork serve` and `clerkwork console`: where they listen, and what they refuse."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from clerkwork.cli import run
from clerkwork.console import assets
from clerkwork.console.address import Address
from clerkwork.errors import Misconfigured, Refused, Unavailable
from clerkwork.run.office import open_office
from tests.certificates import certificate

from .conftest import PASSWORD, ROOT, House, make_workspace, post, served


@contextmanager
def command(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command of Clerkwork in that workspace, stopped at the end as a person stops it."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "src"),
        "CLERKWORK_LANG": "en",
        "CLERKWORK_HOME": "",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "clerkwork.cli", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(90)
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="stops by SIGINT")
def test_serve_prints_the_address_and_the_first_persons_link(tmp_path):
    """Console, scheduler and worker live; the link works; all are gone at the end."""
    make_workspace(tmp_path / "here")
    with command(tmp_path / "here", "serve", "--port", "0") as process:
        assert process.stdout is not None
        origin = re.search(r"http://127\.0\.0\.1:\d+$", process.stdout.readline().strip())
        link = re.search(r"http://\S+/first/\S+", process.stdout.readline())
        assert origin is not None
        assert not origin[0].endswith(":8765")
        assert link is not None
        with httpx.Client(base_url=origin[0], verify=False) as client:
            path = link[0].removeprefix(origin[0])
            form = {"name": "boss", "password": PASSWORD, "again": PASSWORD}
            assert post(client, path, **form).status_code == 303
            deadline = time.monotonic() + 60
            while client.get("/").text.count("not at work") and time.monotonic() < deadline:
                time.sleep(0.5)
            assert client.get("/").text.count("at work") == 2
            assert "not at work" not in client.get("/").text
    assert process.returncode == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(origin[0])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--bind", "0.0.0.0"], "CONSOLE_ADDRESS_OPEN"),
        (["--bind", "192.0.2.1", "--port", "0"], "CONSOLE_ADDRESS_OPEN"),
        (["--bind", "::"], "CONSOLE_ADDRESS_OPEN"),
        (["--bind", "bank.example"], "CONSOLE_ADDRESS_OPEN"),
        (["--behind-proxy", "http://bots.bank.example"], "CONSOLE_PROXY_WRONG"),
        (["--behind-proxy", "https://bots.bank.example/clerkwork"], "CONSOLE_PROXY_WRONG"),
        (["--tls-cert", __file__], "CONSOLE_KEY_ALONE"),
        (["--tls-cert", "none.pem", "--tls-key", "none.key"], "CONSOLE_FILE_MISSING"),
    ],
)
@pytest.mark.parametrize("name", ["serve", "console"])
def test_nothing_is_served_where_others_could_read_along(name, options, code, capsys, monkeypatch):
    """One line, exit code 2, before anything begins."""
    monkeypatch.setenv("CLERKWORK_LANG", "en")

    assert run([name, *options]) == 2
    said = capsys.readouterr().err
    assert said.startswith(code)
    assert said.count("\n") == 1


def test_with_tls_the_cookies_are_the_hosts_and_browsers_stay_with_it(house: House, tmp_path):
    """Secure, __Host-, HSTS; on every address without being asked for a proxy."""
    pem = certificate(tmp_path, "localhost")
    with served(house.office, Address(port=0, certificate=pem, key=pem)) as secure:
        origin = secure.origin.replace("127.0.0.1", "localhost")
        trusted = ssl.create_default_context(cafile=str(pem))
        with httpx.Client(base_url=origin, verify=trusted) as client:
            done = post(client, "/sign-in", name="checker.own", password=PASSWORD)
            assert done.status_code == 303
            told = [c for c in done.headers.get_list("set-cookie") if "session" in c]
            assert told[0].startswith("__Host-clerkwork-session=")
            assert "; secure" in told[0].lower()
            assert "domain" not in told[0].lower()
            assert done.headers["strict-transport-security"].startswith("max-age=31536000")
            assert client.get("/").status_code == 200


def test_behind_a_proxy_only_its_name_counts(house: House):
    """Origin and host are the proxy's; the address behind it is nobody's to call."""
    name = "bots.bank.example"
    with served(house.office, Address(port=0, public=f"https://{name}")) as behind:
        assert behind.origin == f"https://{name}"
    address = Address(public=f"https://{name}")
    assert address.is_secure
    assert address.is_called(name)
    assert not address.is_called(f"127.0.0.1:{address.port}")
    assert address.is_own_origin(f"https://{name}", name)
    assert not address.is_own_origin(f"http://{name}", name)


def test_what_a_request_says_of_a_proxy_is_not_believed(house: House):
    """Neither another host nor another scheme: headers that anybody may send change nothing."""
    name = "bots.bank.example"
    told = {
        "X-Forwarded-Host": name, "X-Forwarded-Proto": "http", "X-Forwarded-For": "10.0.0.1",
        "Forwarded": f"host={name};proto=http",
    }  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        served(house.office, Address(port=port, public=f"https://{name}")),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert client.get("/sign-in", headers=told).status_code == 400
        there = client.get("/sign-in", headers=told | {"Host": name})
        assert there.status_code == 200
        assert "secure" in there.headers["set-cookie"].lower()
    with house.visitor(headers=told) as client:
        there = client.get("/")
        assert there.headers["location"].startswith("/sign-in")
        assert name not in there.text + str(there.headers)


def test_a_port_that_is_taken_is_said_in_one_line(house: House, tmp_path):
    """Not a trace."""
    port = int(house.origin.rpartition(":")[2])
    from threading import Event

    from clerkwork.console.serve import serve

    with pytest.raises(Unavailable, match="CONSOLE_PORT_TAKEN"):
        serve(house.office, Address(port=port), Event(), tell=lambda *_: None)


def test_scripts_and_styles_that_are_missing_or_others_are_said(tmp_path, monkeypatch):
    """The file is named, and the command that fetches it."""
    monkeypatch.setattr(assets, "FETCHED", tmp_path)
    (tmp_path / "htmx.js").write_text("alert(1)", encoding="utf-8")

    assert {pin.name for pin in assets.missing(tmp_path)} == {pin.name for pin in assets.pins()}
    monkeypatch.setattr(assets, "missing", lambda: [*assets.pins()][:1])
    with pytest.raises(Misconfigured) as told:
        assets.check_assets()
    assert "htmx.js" in told.value.message("en")
    assert "clerkwork doctor --install" in told.value.message("zh")


def test_without_npm_it_is_said_who_fetches_them(tmp_path, monkeypatch):
    """One need, one remedy."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Misconfigured, match="NPM_MISSING"):
        assets.fetch(tmp_path / "assets")


def test_what_npm_brings_is_taken_only_when_it_is_the_very_file(tmp_path, monkeypatch):
    """A registry that gives another content under the same version is not believed."""
    bad = tmp_path / "bin/npm"
    bad.parent.mkdir()
    bad.write_text(
        "#!/bin/sh\nfor last; do :; done\nmkdir -p package/dist package/css\n"
        "echo evil >package/dist/htmx.min.js; echo evil >package/css/pico.min.css\n"
        "tar czf evil.tgz package\n",
        encoding="utf-8",
    )
    bad.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bad.parent}:{os.environ['PATH']}")

    with pytest.raises(Unavailable, match="CONSOLE_ASSETS_NOT_FETCHED"):
        assets.fetch(tmp_path / "assets")
    assert list((tmp_path / "assets").iterdir()) == []


def test_a_defect_shows_its_number_and_nothing_of_itself(tmp_path, capfd):
    """The trace is in the log, under the same number; programs get the number, too."""
    from clerkwork.console.app import application
    from clerkwork.console.routes import ANYBODY, Route

    def broken(_visit: object) -> object:
        raise RuntimeError("card 4000 0000 0000 0002")

    routes = [
        Route("GET", "/broken", broken, ANYBODY),  # type: ignore[arg-type]
        Route("GET", "/api/broken", broken, ANYBODY),  # type: ignore[arg-type]
        Route("GET", "/refuses", refuses, ANYBODY),
    ]
    with open_office(make_workspace(tmp_path / "here")) as office:
        app = application(office, Address(), routes=routes)
        told = [ask(app, path) for path in ("/broken", "/api/broken", "/refuses")]
    assert [answer.status_code for answer in told] == [500, 500, 422]
    number = told[1].json()["number"]
    assert f"defect {number} at GET '/api/broken'" in capfd.readouterr().err
    for answer in told:
        assert "4000" not in answer.text
        assert "content-security-policy" in answer.headers


def refuses(_visit: object) -> object:
    """A page whose room says no."""
    raise Refused("WHY_MISSING")


def ask(app: object, path: str) -> httpx.Response:
    """One answer of the application itself."""
    import asyncio

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    return asyncio.run(asked())
