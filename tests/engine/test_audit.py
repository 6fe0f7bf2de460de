"""The audit log: appending from everywhere, and every way of tampering named with its place."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from clerkwork.audit import AuditLog, Verification, open_log, people_by_pseudonym, verify
from clerkwork.audit.checkpoints import parse_verifier_key
from clerkwork.audit.tree import Frontier, leaf_hash, node_hash
from clerkwork.cli import run as clerkwork
from clerkwork.errors import Misconfigured, Refused, Unavailable
from clerkwork.facts.event import KINDS, PERSONAL, Event
from clerkwork.people import add_person
from clerkwork.store import open_store

NOW = datetime(2026, 6, 12, 1, 30, tzinfo=UTC)
CHECKPOINTS = (40, 100)  # after so many events
EVENTS = 120


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A home whose log has 120 events and checkpoints after 40 and 100."""
    home = tmp_path_factory.mktemp("written")
    with closing(open_log(home, clock=lambda: NOW)) as log:
        for number in range(1, EVENTS + 1):
            log.record("worker.started", executor=f"worker-{number}")
            if number in CHECKPOINTS:
                log.checkpoint()
    return home


@pytest.fixture
def home(written, tmp_path) -> Path:
    """A copy of it to tamper with."""
    return Path(shutil.copytree(written, tmp_path / "home"))


@pytest.fixture
def log(tmp_path) -> Iterator[AuditLog]:
    """A new log."""
    with closing(open_log(tmp_path / "new", clock=lambda: NOW)) as opened:
        yield opened


def tamper(home: Path, *statements: str) -> None:
    """What somebody with SQL can do to the log."""
    with closing(sqlite3.connect(home / "audit.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def found(verification: Verification) -> list[tuple[str, dict[str, object]]]:
    """Codes and places of the problems."""
    return [(problem.code, problem.facts) for problem in verification.problems]


def test_an_untouched_log_holds(home):
    """Every event and both checkpoints, and verifying changes nothing."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    verification = verify(home)

    assert (verification.holds, verification.events, verification.checkpoints) == (True, 120, 2)
    assert {path: path.read_bytes() for path in before} == before


def test_a_home_without_a_log_holds(tmp_path):
    """Nothing was recorded, nothing is missing."""
    assert verify(tmp_path) == Verification(0, 0, "", ())


@pytest.mark.parametrize("event", [1, 39, 40, 41, 77, 100, 101, 120])
def test_one_changed_byte_is_named(home, event):
    """In the middle of an event: before, at and after checkpoints, and in the last one."""
    path = home / "audit.db"
    content = path.read_bytes()
    place = content.index(f'"executor":"worker-{event}"'.encode()) + 14
    path.write_bytes(content[:place] + b"x" + content[place + 1 :])

    assert found(verify(home)) == [("AUDIT_EVENT_ALTERED", {"event": event})]


@pytest.mark.parametrize("column", ["event", "leaf"])
@pytest.mark.parametrize("value", ["x'00'", "'text'", "''", "event || 'x'", "7"])
def test_a_replaced_value_is_named(home, column, value):
    """Whatever it was replaced by."""
    tamper(home, f"UPDATE events SET {column} = {value} WHERE position = 77")

    assert found(verify(home)) == [("AUDIT_EVENT_ALTERED", {"event": 77})]


def test_an_event_that_was_replaced_with_its_leaf_is_named(home):
    """Who knows how leaves are made does not know what follows from them."""
    forged = b'{"at":"2026-06-12T01:30:00+00:00","event":"worker.started","executor":"x"}'
    tamper(
        home,
        f"UPDATE events SET event = x'{forged.hex()}', leaf = x'{leaf_hash(forged).hex()}'"
        " WHERE position = 77",
    )

    assert found(verify(home)) == [("AUDIT_EVENT_MISPLACED", {"event": 77})]


@pytest.mark.parametrize("event", [1, 40, 77, 119])
def test_a_deleted_event_is_named(home, event):
    """By the gap it leaves."""
    tamper(home, f"DELETE FROM events WHERE position = {event}")

    assert found(verify(home)) == [("AUDIT_EVENTS_MISSING", {"first": event, "last": event})]


def test_a_deleted_event_whose_gap_was_closed_is_named(home):
    """The next one does not follow; and the end is short of nothing that was signed."""
    tamper(
        home,
        "DELETE FROM events WHERE position = 77",
        "UPDATE events SET position = -position WHERE position > 77",
        "UPDATE events SET position = -position - 1 WHERE position < 0",
    )

    assert found(verify(home)) == [("AUDIT_EVENT_MISPLACED", {"event": 77})]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (39, 41), (77, 78), (101, 120)])
def test_two_swapped_events_are_named(home, one, other):
    """The first of the places, whether whole rows or only their contents change places."""
    tamper(
        home,
        f"UPDATE events SET position = -1 WHERE position = {one}",
        f"UPDATE events SET position = {one} WHERE position = {other}",
        f"UPDATE events SET position = {other} WHERE position = -1",
    )

    assert found(verify(home))[0] == ("AUDIT_EVENT_MISPLACED", {"event": one})


def test_two_swapped_contents_are_named(home):
    """Both places."""
    tamper(
        home,
        "CREATE TABLE was AS SELECT position, event FROM events WHERE position IN (70, 79)",
        "UPDATE events SET event = (SELECT event FROM was WHERE was.position = 149"
        " - events.position) WHERE position IN (70, 79)",
    )

    assert [facts for _, facts in found(verify(home))] == [{"event": 70}, {"event": 79}]


def test_an_inserted_event_is_named(home):
    """A copy of an earlier one, with room made for it."""
    tamper(
        home,
        "UPDATE events SET position = -position WHERE position > 76",
        "UPDATE events SET position = -position + 1 WHERE position < 0",
        "INSERT INTO events SELECT 77, event, leaf, chain FROM events WHERE position = 5",
    )

    assert found(verify(home))[0] == ("AUDIT_EVENT_MISPLACED", {"event": 77})


@pytest.mark.parametrize(
    ("left", "missing"),
    [(99, {"first": 100, "last": 100}), (40, {"first": 41, "last": 100}), (0, {"first": 1})],
)
def test_a_tail_cut_behind_a_checkpoint_is_named(home, left, missing):
    """The checkpoint has more events than the log."""
    tamper(home, f"DELETE FROM events WHERE position > {left}")

    assert found(verify(home)) == [("AUDIT_TAIL_CUT", {"last": 100} | missing)]


def test_a_log_that_is_gone_was_cut(home):
    """The checkpoints know that there was one."""
    for file in home.glob("audit.db*"):
        file.unlink()

    assert found(verify(home)) == [("AUDIT_TAIL_CUT", {"first": 1, "last": 100})]


def rewrite(home: Path, event: int) -> None:
    """Change an event and make everything behind it consistent: leaf, chain, frontier."""
    with closing(sqlite3.connect(home / "audit.db")) as connection, connection:
        rows = connection.execute("SELECT position, event, leaf, chain FROM events").fetchall()
        chain = bytes(32)
        for position, content, *_ in rows:
            new = content.replace(b"worker-", b"forger-") if position == event else content
            chain = sha256(chain + leaf_hash(new)).digest()
            connection.execute(
                "UPDATE events SET event = ?, leaf = ?, chain = ? WHERE position = ?",
                (new, leaf_hash(new), chain, position),
            )


@pytest.mark.parametrize(
    ("event", "range_"),
    [(7, {"first": 1, "last": 40}), (77, {"first": 41, "last": 100})],
)
def test_a_log_that_was_rewritten_from_somewhere_on_is_found_by_a_checkpoint(home, event, range_):
    """The place is between the checkpoint that fits and the one that does not."""
    rewrite(home, event)

    assert found(verify(home)) == [("AUDIT_REWRITTEN", range_)]


def test_a_forged_checkpoint_is_named(home):
    """Neither its size nor its root can be changed, and no signature copied."""
    first, second = sorted((home / "checkpoints").glob("*.note"))
    first.chmod(0o600)
    original = first.read_text(encoding="utf-8")
    other = second.read_text(encoding="utf-8")
    root = original.split("\n")[2]
    forgeries = [
        original.replace("\n40\n", "\n41\n"),
        original.replace(root, base64.b64encode(bytes(32)).decode()),
        original.split("\n\n")[0] + "\n\n" + other.split("\n\n")[1],
        original.split("\n\n")[0] + "\n",
        original.replace("\n\n", "\nextension\n\n"),
        "",
        "\n\n— x y z w\n",
        original[:-3],
    ]
    for forgery in forgeries:
        first.write_text(forgery, encoding="utf-8")
        assert found(verify(home)) == [("CHECKPOINT_FORGED", {"file": str(first)})], forgery
    first.write_bytes(b"\xff\xfe")
    assert found(verify(home)) == [("CHECKPOINT_FORGED", {"file": str(first)})]


def test_a_cut_together_with_the_checkpoint_is_found_by_one_kept_elsewhere(home, tmp_path):
    """Here nothing speaks against it; the copy does."""
    last = max((home / "checkpoints").glob("*.note"))
    kept = Path(shutil.move(last, tmp_path / "kept.note"))
    tamper(home, "DELETE FROM events WHERE position > 90")

    assert verify(home).holds
    assert found(verify(home, kept=[kept])) == [("AUDIT_TAIL_CUT", {"first": 91, "last": 100})]


def test_a_signer_that_was_replaced_is_found(home, tmp_path):
    """By the key in the home folder, or by the one that the auditor kept."""
    signer = verify(home).signer
    other = tmp_path / "other"
    with closing(open_log(other)) as log:
        log.record("worker.started", executor="x")
        log.checkpoint()
    (home / "keys" / "audit.key").unlink()
    assert verify(home, key=signer).holds  # a copy without the private key can be verified
    shutil.copy(other / "keys" / "audit.key", home / "keys" / "audit.key")
    file = str(home / "checkpoints" / "signer.vkey")

    assert found(verify(home))[0] == ("AUDIT_SIGNER_REPLACED", {"file": file})
    assert verify(home, key=signer).holds
    foreign = verify(other, key=signer)
    assert [code for code, _ in found(foreign)] == ["AUDIT_SIGNER_REPLACED", "CHECKPOINT_FORGED"]


def test_what_is_asked_wrongly_is_one_line(home, tmp_path):
    """A key that is none, a checkpoint that is not there."""
    with pytest.raises(Misconfigured, match="AUDIT_KEY_WRONG"):
        verify(home, key="clerkwork.local/audit+00000000+AAAA")
    with pytest.raises(Misconfigured, match="CHECKPOINT_UNREADABLE"):
        verify(home, kept=[tmp_path / "nowhere.note"])


def test_a_damaged_page_of_the_file_is_named(home):
    """Each: also where SQLite itself cannot read it, or only searches would miss something."""
    path = home / "audit.db"
    whole = path.read_bytes()
    codes = set()
    for place in range(0, len(whole), 4096):
        path.write_bytes(whole[:place] + b"\xff" * 64 + whole[place + 64 :])
        problem = verify(home).problems[-1]
        codes.add(problem.code)
        assert str(path) in problem.message("en"), place

    assert codes == {"AUDIT_UNREADABLE", "AUDIT_FILE_DAMAGED"}


def test_any_byte_of_the_file_may_change_and_no_event_is_read_otherwise(written, tmp_path):
    """A thousand places: what verifies still says what was recorded."""
    home = Path(shutil.copytree(written, tmp_path / "home"))
    path = home / "audit.db"
    content = path.read_bytes()
    truth = events_of(home)
    step = max(1, len(content) // 1000)
    for place in range(step // 2, len(content), step):
        changed = content[:place] + bytes([content[place] ^ 0x21]) + content[place + 1 :]
        path.write_bytes(changed)
        if verify(home).holds:
            assert events_of(home)[: CHECKPOINTS[-1]] == truth[: CHECKPOINTS[-1]], place


def events_of(home: Path) -> list[bytes]:
    """The stored events."""
    with closing(sqlite3.connect(home / "audit.db")) as connection:
        rows = connection.execute("SELECT event FROM events ORDER BY position").fetchall()
    return [row[0] for row in rows]


def test_a_checkpoint_is_a_signed_note(home):
    """C2SP: origin, size, root; a blank line; a signature that others can check."""
    text, signature = (home / "checkpoints" / "000000000040.note").read_text("utf-8").split("\n\n")
    origin, size, root = text.split("\n")
    dash, name, encoded = signature.strip().split(" ")
    signer = parse_verifier_key((home / "checkpoints" / "signer.vkey").read_text("utf-8"))
    blob = base64.b64decode(encoded)
    key_id = sha256(f"{signer.name}\n".encode() + b"\x01" + signer.public).digest()[:4]

    assert (dash, name, size, blob[:4]) == ("—", origin, "40", key_id)
    Ed25519PublicKey.from_public_bytes(signer.public).verify(blob[4:], f"{text}\n".encode())
    assert base64.b64decode(root) == tree_root([leaf_hash(e) for e in events_of(home)[:40]])


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def test_the_tree_is_the_one_of_the_standard():
    """Root after root, for sizes 0 to 70."""
    leaves = [leaf_hash(str(number).encode()) for number in range(70)]
    frontier = Frontier()
    roots = [frontier.root()]
    for leaf in leaves:
        frontier.append(leaf)
        roots.append(frontier.root())

    assert roots == [tree_root(leaves[:size]) for size in range(71)]
    # the test vectors of Certificate Transparency: RFC 6962 trees of eight given leaves
    given = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    given.append("606162636465666768696a6b6c6d6e6f")
    frontier = Frontier()
    for leaf in given:
        frontier.append(leaf_hash(bytes.fromhex(leaf)))
    root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert frontier.root().hex() == root


def test_the_next_checkpoint_goes_on_from_the_last(log, tmp_path):
    """Its root is that of all events; the same tree again writes nothing new."""
    for number in range(1, 30):
        log.record("worker.started", executor=str(number))
        log.checkpoint()
        log.checkpoint()

    assert len(list((tmp_path / "new" / "checkpoints").glob("*.note"))) == 29
    assert verify(tmp_path / "new").holds


def test_a_checkpoint_is_not_signed_over_a_log_that_was_cut(log, tmp_path):
    """The writer notices before it would sign."""
    for _ in range(10):
        log.record("worker.started", executor="x")
    log.checkpoint()
    tamper(tmp_path / "new", "DELETE FROM events WHERE position > 6")

    with pytest.raises(Refused) as refused:
        log.checkpoint()
    assert refused.value.facts == {"first": 7, "last": 10}
    for _ in range(6):
        log.record("worker.started", executor="y")  # fills the places of those that are gone
    log.checkpoint()
    assert found(verify(tmp_path / "new"))[0][0] in ("AUDIT_EVENT_MISPLACED", "AUDIT_REWRITTEN")


def test_what_is_recorded_is_read_back(log):
    """In order, with positions from 1, and stored as canonical JSON."""
    assert log.record("worker.started", executor="处理进程") == 1
    assert log.record("run.ended", run="r.1", plan="d", items={"waiting": 1, "new": 2}) == 2

    assert list(log.read()) == [
        (1, Event("worker.started", NOW, {"executor": "处理进程"})),
        (
            2,
            Event("run.ended", NOW, {"run": "r.1", "plan": "d", "items": {"new": 2, "waiting": 1}}),
        ),
    ]
    assert [position for position, _ in log.read(after=1)] == [2]


def test_threads_share_commits_and_lose_nothing(log, tmp_path):
    """Every one gets a position of its own, after its event is durable."""
    positions: list[int] = []

    def work(name: str) -> None:
        for number in range(50):
            positions.append(log.record("worker.started", executor=f"{name}-{number}"))

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(positions) == list(range(1, 801))
    assert len({event.fields["executor"] for _, event in log.read()}) == 800
    assert verify(tmp_path / "new").holds


WRITER = """
import sys
from pathlib import Path
from clerkwork.audit import open_log
log = open_log(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    log.record("worker.started", executor=f"{sys.argv[2]}-{number}")
    if number % 20 == 7:
        log.checkpoint()
    if number == 0:
        print("began", flush=True)
log.close()
"""


def writer(home: Path, name: str, events: int) -> subprocess.Popen:
    """A process that appends to the log of `home`."""
    arguments = [sys.executable, "-c", WRITER, str(home), name, str(events)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE)


def test_processes_append_and_sign_at_once(tmp_path):
    """Four of them on a new home: every event once, each one's own in order."""
    children = [writer(tmp_path, name, 100) for name in "abcd"]
    assert [child.communicate()[0] and child.returncode for child in children] == [0, 0, 0, 0]
    with closing(open_log(tmp_path)) as log:
        written = [str(event.fields["executor"]).split("-") for _, event in log.read()]

    for name in "abcd":
        assert [int(number) for who, number in written if who == name] == list(range(100))
    assert verify(tmp_path).holds


def test_a_killed_writer_leaves_a_log_that_holds(tmp_path):
    """Killed while it appends; the next one goes on behind it."""
    for round_ in range(5):
        child = writer(tmp_path, str(round_), 100_000)
        with child:
            child.stdout.readline()
            threading.Event().wait(0.02 * round_)
            child.kill()
    with closing(open_log(tmp_path)) as log:
        log.record("worker.stopped", executor="last")
        log.checkpoint()

    assert verify(tmp_path).holds


def test_a_failure_to_write_reaches_everybody_who_waits(log, tmp_path):
    """No record, no work: nobody is told a position for what is not there."""
    tamper(tmp_path / "new", "DROP TABLE events")

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        log.record("worker.started", executor="x")


def test_a_log_that_cannot_be_opened_is_one_line(tmp_path):
    """With the file and what to do."""
    (tmp_path / "audit.db").write_bytes(b"this is not a database" * 100)

    with pytest.raises(Unavailable) as refused:
        open_log(tmp_path)
    assert str(tmp_path / "audit.db") in refused.value.message("zh")


def test_what_is_not_registered_is_not_recorded(log):
    """Neither an event nor a field, nor what JSON has no exact form for."""
    for name, fields in (
        ("worker.vanished", {}),
        ("worker.started", {"executor": "x", "password": "y"}),
        ("worker.started", {"executor": float("nan")}),
        ("worker.started", {"executor": NOW}),
    ):
        with pytest.raises((ValueError, TypeError)):
            log.record(name, **fields)
    assert list(log.read()) == []


def test_persons_stand_in_the_log_by_pseudonym(tmp_path):
    """The store resolves them; who is no longer in it stays unknown."""
    store = open_store(tmp_path)
    with closing(open_log(tmp_path)) as log:
        add_person(
            store,
            "li.na",
            "Li Na",
            "李娜",
            ["administrator"],
            "long-enough-1",
            by="",
            record=log.record,
        )
        log.record("run.requested", run="r.1", bot="b", by="li.na")
        log.record("worker.stop_asked", by="gone.away", why="fire drill")
        pseudonyms = [str(event.fields["by"]) for _, event in log.read()]
    known = people_by_pseudonym(tmp_path, store)
    store.close()

    assert [known.get(pseudonym) for pseudonym in pseudonyms] == ["li.na", "li.na", None]
    assert not any(
        name in path.read_bytes()
        for path in tmp_path.glob("audit.db*")
        for name in (b"li.na", "李娜".encode(), b"gone.away")
    )


def test_every_event_says_what_happened_in_both_languages():
    """Its sentences name only its fields, and persons only where they are kept private."""
    for name, kind in KINDS.items():
        fields = dict.fromkeys((*kind.fields, "run", "item"), "VALUE")
        event = Event(name, NOW, fields)
        english, chinese = event.sentence("en"), event.sentence("zh")
        assert "-" not in english.split() and "{" not in english + chinese
        assert english.isascii() and not chinese.isascii()
    assert {"by", "person"} == PERSONAL


@pytest.fixture
def workspace(home, tmp_path, monkeypatch) -> Path:
    """A workspace whose home is the written one, and it is where we stand."""
    (tmp_path / "pyproject.toml").write_text("[tool.clerkwork]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLERKWORK_HOME", str(home))
    monkeypatch.setenv("CLERKWORK_LANG", "en")
    return home


def test_the_command_says_that_the_log_holds(workspace, capsys):
    """Exit 0, with counts and the signer, to whoever asks."""
    assert clerkwork(["audit", "verify"]) == 0
    assert "the audit log holds: 120 events, 2 signed checkpoints" in capsys.readouterr().out


TAMPERINGS: list[tuple[Callable[[Path], None], str, str]] = [
    (
        lambda home: tamper(home, "UPDATE events SET event = x'7b7d' WHERE position = 77"),
        "event 77 of the audit log was altered",
        "第 77 条已被改动",
    ),
    (
        lambda home: tamper(home, "DELETE FROM events WHERE position = 77"),
        "events 77 to 77 of the audit log are missing",
        "第 77 至 77 条缺失",
    ),
    (
        lambda home: tamper(
            home,
            "UPDATE events SET position = -1 WHERE position = 77",
            "UPDATE events SET position = 77 WHERE position = 80",
            "UPDATE events SET position = 80 WHERE position = -1",
        ),
        "event 77 of the audit log does not follow",
        "第 77 条与前一条不相衔接",
    ),
    (
        lambda home: tamper(home, "DELETE FROM events WHERE position > 90"),
        "a signed checkpoint has events 91 to 100",
        "签名检查点包含第 91 至 100 条",
    ),
]


@pytest.mark.parametrize(("attack", "en", "zh"), TAMPERINGS)
def test_the_command_exits_4_with_one_line_that_names_the_place(
    workspace, capsys, monkeypatch, attack, en, zh
):
    """In the user's language."""
    attack(workspace)

    assert clerkwork(["audit", "verify"]) == 4
    line = capsys.readouterr().out
    assert en in line and line.count("\n") == 1
    monkeypatch.setenv("CLERKWORK_LANG", "zh")
    assert clerkwork(["audit", "verify"]) == 4
    assert zh in capsys.readouterr().out


def test_the_command_tells_programs_every_problem(workspace, capsys):
    """As JSON, with code and place."""
    tamper(workspace, "DELETE FROM events WHERE position IN (77, 80)")

    assert clerkwork(["audit", "verify", "--json"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert (told["holds"], told["events"], told["checkpoints"]) == (False, 118, 2)
    assert [(p["code"], p["first"]) for p in told["problems"]] == [
        ("AUDIT_EVENTS_MISSING", 77),
        ("AUDIT_EVENTS_MISSING", 80),
    ]


@pytest.mark.parametrize(
    "arguments", [["--key", "x"], ["--checkpoint", "nowhere.note"], ["--chekpoint", "x"]]
)
def test_the_command_called_wrongly_exits_2(workspace, capsys, arguments):
    """One line, no traceback."""
    assert clerkwork(["audit", "verify", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1
