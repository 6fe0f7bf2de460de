"""Files that arrive on a file server: fetched once, whole, into a folder of ours."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from clerkwork.errors import Failure
from clerkwork.store.tables import arrivals, firings
from tests.postroom import Postroom, open_postroom
from tests.sftp_server import PASSWORD, USER, Served, host_key, serving

ON_FILE = """
[file]
system = "partner"
pattern = "*.txt"
stable_s = 0.0
into = "inbox"
[parameters]
file = "{file}"
"""


@dataclass
class Partner:
    """A postroom, and the file server that it watches."""

    postroom: Postroom
    served: Served
    port: int

    def put(self, name: str, content: str) -> Path:
        """A file on the server."""
        path = self.served.folder / "out" / name
        path.write_text(content, encoding="utf-8")
        return path

    def fetched(self) -> dict[str, str]:
        """What stands in our folder, by name; also what is hidden."""
        return {one.name: one.read_text(encoding="utf-8") for one in self.postroom.inbox.iterdir()}


@pytest.fixture
def partner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Partner]:
    """A schedule `incoming` waits for text files in folder /out of a file server."""
    (tmp_path / "server" / "out").mkdir(parents=True)
    monkeypatch.setenv("CLERKWORK_SECRET_PARTNER", f"{USER}:{PASSWORD}")
    key, shown = host_key()
    with ExitStack() as stack:
        port, served = stack.enter_context(serving(tmp_path / "server", key=key))
        postroom = stack.enter_context(open_postroom(tmp_path))
        address = f"sftp://127.0.0.1:{port}/out"
        postroom.system("partner", "sftp", address, 'desk = "partner"', f'host_key = ["{shown}"]')
        postroom.add("incoming", ON_FILE)
        yield Partner(postroom, served, port)
        postroom.close()


def test_a_file_is_fetched_whole_and_once(partner: Partner):
    """Also when it comes again under another name, and after a restart."""
    content = "line\n" * 100_000
    partner.put("a.txt", content)
    partner.postroom.look()
    partner.put("b.txt", content)
    partner.postroom.look()
    partner.postroom.restart()
    partner.postroom.look()

    assert {"a.txt": content} == partner.fetched()
    assert ["a.txt"] == partner.postroom.files()
    assert ["a.txt", "b.txt"] == partner.served.opened
    (row,) = partner.postroom.firings()
    assert f"file {hashlib.sha256(content.encode()).hexdigest()}" == row.key


def test_the_same_content_twice_in_one_look_is_delivered_once(partner: Partner):
    """The second copy leaves nothing in the folder."""
    partner.put("a.txt", "same")
    partner.put("b.txt", "same")
    partner.postroom.look()

    assert {"a.txt": "same"} == partner.fetched()
    assert ["a.txt"] == partner.postroom.files()


def test_a_name_that_other_content_has_is_not_overwritten(partner: Partner):
    """The new document has the beginning of its digest in its name."""
    (partner.postroom.inbox / "a.txt").write_text("ours")
    partner.put("a.txt", "theirs")
    partner.postroom.look()

    named = f"a.{hashlib.sha256(b'theirs').hexdigest()[:12]}.txt"
    assert {"a.txt": "ours", named: "theirs"} == partner.fetched()
    assert [named] == partner.postroom.files()


def test_what_was_delivered_before_a_crash_is_not_delivered_again(partner: Partner):
    """Delivered, and the store knows nothing: the file that stands there is the one."""
    partner.put("a.txt", "content")
    partner.postroom.look()
    with partner.postroom.office.store.begin() as conn:
        conn.execute(firings.delete())
        conn.execute(arrivals.delete())
    partner.postroom.restart()
    partner.postroom.look()

    assert {"a.txt": "content"} == partner.fetched()
    assert ["a.txt", "a.txt"] == partner.postroom.files()  # the run's row was not deleted above


def test_a_file_that_changes_while_it_is_fetched_leaves_nothing(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
):
    """It is looked at again, and fetched when it is whole."""
    path = partner.put("a.txt", "half")
    (source,) = partner.postroom._sources.values()
    listed = source._place.list()  # type: ignore[attr-defined]
    path.write_text("half and the rest")
    monkeypatch.setattr(source._place, "list", lambda: listed)  # type: ignore[attr-defined]
    partner.postroom.look()
    assert {} == partner.fetched()

    monkeypatch.undo()
    monkeypatch.setenv("CLERKWORK_SECRET_PARTNER", f"{USER}:{PASSWORD}")
    partner.postroom.look()

    assert {"a.txt": "half and the rest"} == partner.fetched()


def test_one_file_that_the_server_keeps_back_stops_no_other(partner: Partner):
    """It is told, and fetched when the server gives it."""
    partner.served.denied.add("a.txt")
    partner.put("a.txt", "1")
    partner.put("b.txt", "2")
    partner.postroom.look()
    assert {"b.txt": "2"} == partner.fetched()
    assert [("a.txt", "FILE_NOT_READABLE")] == partner.postroom.told

    partner.served.denied.clear()
    partner.postroom.look()

    assert ["a.txt", "b.txt"] == partner.postroom.files()


def test_links_and_folders_of_the_server_are_left_alone(partner: Partner, tmp_path: Path):
    """What a link points to is not what was sent."""
    (tmp_path / "secret.txt").write_text("secret")
    (partner.served.folder / "out" / "a.txt").symlink_to(tmp_path / "secret.txt")
    (partner.served.folder / "out" / "b.txt").mkdir()
    partner.postroom.look()

    assert {} == partner.fetched()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("password", "LOGIN_REFUSED"),
        ("host key", "HOST_KEY_WRONG"),
        ("no host key", "HOST_KEY_MISSING"),
        ("folder", "FOLDER_MISSING"),
        ("port", "SYSTEM_NOT_REACHED"),
        ("address", "SFTP_ADDRESS_WRONG"),
    ],
)
def test_a_server_that_is_not_as_it_should_be(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, change: str, code: str
):
    """Each has its code; with a wrong key no password is sent."""
    postroom = partner.postroom
    folder = postroom.root / "resources/systems/partner/system.toml"
    text = folder.read_text(encoding="utf-8")
    if change == "password":
        monkeypatch.setenv("CLERKWORK_SECRET_PARTNER", f"{USER}:wrong")
    with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
        free = nobody.getsockname()[1]
    changed = {
        "host key": text.replace("SHA256:", "SHA256:x"),
        "no host key": text.replace("host_key", "# host_key"),
        "folder": text.replace("/out", "/nowhere"),
        "port": text.replace(f":{partner.port}", f":{free}"),
        "address": text.replace("sftp://", ""),
    }.get(change, text)
    folder.write_text(changed, encoding="utf-8")
    os.utime(folder, ns=(1, time.time_ns()))
    postroom.restart()

    with pytest.raises(Failure) as failed:
        postroom.look()

    assert code == failed.value.code
    assert failed.value.message("zh")


def test_a_server_that_goes_and_comes_back_loses_nothing(tmp_path: Path, monkeypatch):
    """The next look signs on afresh and fetches what came meanwhile, and nothing again."""
    (tmp_path / "server" / "out").mkdir(parents=True)
    monkeypatch.setenv("CLERKWORK_SECRET_PARTNER", f"{USER}:{PASSWORD}")
    key, shown = host_key()
    with open_postroom(tmp_path) as postroom:
        with serving(tmp_path / "server", key=key) as (port, served):
            address = f"sftp://127.0.0.1:{port}/out"
            more = ('desk = "partner"', f'host_key = ["{shown}"]')
            postroom.system("partner", "sftp", address, *more)
            postroom.add("incoming", ON_FILE)
            partner = Partner(postroom, served, port)
            partner.put("a.txt", "1")
            postroom.look()
        partner.put("b.txt", "2")
        (source,) = postroom._sources.values()
        with pytest.raises(Failure) as failed:
            postroom.look()
        source.close()
        with serving(tmp_path / "server", key=key, port=port) as (_, served):
            postroom.look()
            postroom.close()

        assert "SYSTEM_NOT_REACHED" == failed.value.code
        assert ["a.txt", "b.txt"] == postroom.files()
        assert ["b.txt"] == served.opened
