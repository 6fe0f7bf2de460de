"""The browser reaches its systems through the worker, so that a dead worker sends nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clerkwork.errors import InDoubt, Unavailable
from clerkwork.systems.browser import open_session
from clerkwork.systems.port import SignOn
from tests.engine.site import FORM, IS_FORM, Site, yes

GO = 'keys.go = {label = "Go", commits = true, next = ["done"]}'
WORKER = """
import sys
from pathlib import Path
from clerkwork.systems.browser import open_session
from clerkwork.systems.maps import load_system
from clerkwork.systems.port import SignOn

system = load_system(Path(sys.argv[1]))
session = open_session(system, sys.argv[2], SignOn("RB01", ""), keep=str, may_commit=True)
session.expect("form")
session.commit("go", lambda: None)
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The site, running."""
    with closing(Site(tmp_path)) as running:
        yield running


def test_a_worker_killed_while_it_sends_has_sent_once(site: Site) -> None:
    """
    kill -9 while the server has the form and has not answered: the browser that is left
    behind gets its held request back and would send it again.
    """
    sends = "fetch('/', {method: 'POST', body: 'x'}).then(() => location = '/done')"
    site.show(f"""<input type="submit" value="Go" onclick="{sends}">""")
    site.maps(FORM + IS_FORM + GO)
    site.answers.clear()
    command = (sys.executable, "-c", WORKER, str(site.folder), site.url)
    worker = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not site.posts and worker.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    time.sleep(3)

    assert len(site.posts) == 1


def test_names_lead_out_and_what_cannot_be_reached_is_told(site: Site) -> None:
    """A host by its name; one that takes no connection is told with its place and why."""
    site.show("")
    system, nobody = site.maps(FORM + IS_FORM), SignOn("RB01", "")
    named = site.url.replace("127.0.0.1", "localhost")
    with open_session(system, named, nobody, keep=str) as session:
        assert session.now().name == "form"
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    with pytest.raises(
        Unavailable, match=f"SYSTEM_NOT_REACHED.*127.0.0.1:{port}: Connection refused"
    ):
        open_session(system, f"http://127.0.0.1:{port}/", nobody, keep=str)
    with pytest.raises(Unavailable, match="SYSTEM_NOT_REACHED.*example:80: .*too long"):
        open_session(system, f"http://{'a' * 64}.example/", nobody, keep=str)


def test_a_place_that_cannot_be_reached_later_is_told_too(site: Site) -> None:
    """By a link as well as by the first address; and no other place is told instead of it."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    site.show(f"""<img src="http://nowhere.invalid/"><a href="http://127.0.0.1:{port}/">Go</a>""")
    session = site.open(FORM + IS_FORM + 'keys.go = {label = "Go", next = ["done"]}')
    with pytest.raises(
        Unavailable, match=f"SYSTEM_NOT_REACHED.*127.0.0.1:{port}: Connection refused"
    ):
        session.press("go")


def test_a_host_that_does_not_answer_is_given_up_by_the_deadline(site: Site) -> None:
    """What the browser does besides is not its failure; nothing of the outlet is left."""
    system, nobody = site.maps(FORM + IS_FORM), SignOn("RB01", "")
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent, closing(socket.socket()) as a:
        place = silent.getsockname()
        a.connect(place)  # the one that waits: nobody else is let in
        with pytest.raises(Unavailable, match=f"SYSTEM_NOT_REACHED.*127.0.0.1:{place[1]}: timed"):
            open_session(system, f"http://127.0.0.1:{place[1]}/", nobody, keep=str)

        ours = [thread for thread in threading.enumerate() if thread.name == "browser-outlet"]
        for thread in ours:
            thread.join(2)

        assert not [thread for thread in ours if thread.is_alive()]


@pytest.mark.parametrize("wait_ms", [0, 1500])
def test_what_is_still_under_way_at_the_deadline_is_sent_once(site: Site, wait_ms: int) -> None:
    """The key's answer is given up first; what it had sent is not sent again for that."""
    sends = "fetch('/', {method: 'POST', body: 'x'}).then(() => location = '/done')"
    key = f"""<input type="button" value="Go" onclick="setTimeout(() => {sends}, {wait_ms})">"""
    site.show(key)
    session = site.open(FORM + IS_FORM + GO)
    site.answers.clear()
    with pytest.raises(InDoubt):
        session.commit("go", yes)
    time.sleep(1)

    assert len(site.posts) == 1
