"""Artifacts: encrypted, bound to what they are, and altered by nobody unseen."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from clerkwork.errors import Misconfigured, Refused
from clerkwork.store import Artifact, Artifacts, open_store
from clerkwork.store.private import home_key
from clerkwork.store.tables import artifacts

CONTENT = b"voucher 0755-20260611-0001, 6222020000000000001, \xe5\xbc\xa0\xe4\xbc\x9f" * 50


@pytest.fixture
def kept(tmp_path) -> Iterator[Artifacts]:
    """The artifacts of a new home."""
    store = open_store(tmp_path)
    yield Artifacts(store, tmp_path)
    store.close()


def put(kept: Artifacts, content: bytes = CONTENT) -> Artifact:
    """Keep a document of run r.1."""
    return kept.put(content, name="statement.pdf", kind="document", run="r.1")


def file_of(kept: Artifacts, artifact: Artifact) -> Path:
    """The file that holds it."""
    return next((kept.home / "artifacts").glob(f"*/{artifact.id}"))


def refusal(kept: Artifacts, artifact: Artifact, **asked: str) -> str:
    """The code with which it is refused."""
    with pytest.raises((Refused, Misconfigured)) as refused:
        kept.get(artifact.id, **asked)
    return refused.value.code


@pytest.mark.parametrize("content", [b"", b"x", CONTENT, bytes(range(256)) * 4096])
def test_what_was_kept_comes_back(kept, content):
    """Byte for byte, and against the digest that the audit log has."""
    artifact = put(kept, content)

    assert content == kept.get(artifact.id, digest=artifact.digest)


def test_nothing_of_the_content_stands_in_any_file(kept):
    """Neither the artifact's file, nor the store, nor its log."""
    put(kept)

    assert [
        path
        for path in kept.home.rglob("*")
        if path.is_file() and b"6222020000000000001" in path.read_bytes()
    ] == []


def test_the_same_content_has_another_digest_each_time(kept):
    """Digests are salted: who has the log cannot try contents against it."""
    first, second = put(kept), put(kept)

    assert first.digest != second.digest
    assert hashlib.sha256(CONTENT).hexdigest() not in (first.digest, second.digest)


def test_a_digest_is_an_hmac_under_the_salt_of_the_row(kept):
    """So that an auditor can compute it again."""
    artifact = put(kept)
    with kept.store.connect() as conn:
        salt = conn.execute(sa.select(artifacts.c.salt)).scalar_one()

    assert artifact.digest == hmac.new(salt, CONTENT, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("at", [0, 11, 12, 500, -17, -1])
def test_one_changed_byte_is_found(kept, at):
    """In the nonce, the content or the tag."""
    artifact = put(kept)
    file = file_of(kept, artifact)
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)

    assert refusal(kept, artifact) == "ARTIFACT_ALTERED"


@pytest.mark.parametrize("size", [0, 5, 27])
def test_a_file_that_was_cut_is_found(kept, size):
    """Even one that is shorter than nonce and tag."""
    artifact = put(kept)
    os.truncate(file_of(kept, artifact), size)

    assert refusal(kept, artifact) == "ARTIFACT_ALTERED"


def test_a_file_that_is_gone_is_found(kept):
    """It is missing, which is not the same as altered."""
    artifact = put(kept)
    file_of(kept, artifact).unlink()

    assert refusal(kept, artifact) == "ARTIFACT_MISSING"


def test_one_artifact_does_not_pass_for_another(kept):
    """A file that was exchanged for that of another artifact is altered."""
    first, second = put(kept), put(kept, b"other")
    file_of(kept, second).replace(file_of(kept, first))

    assert refusal(kept, first) == "ARTIFACT_ALTERED"


@pytest.mark.parametrize(
    "changed",
    [{"name": "other.pdf"}, {"kind": "screen"}, {"run_id": "r.2"}, {"digest": "0" * 64}],
    ids=lambda changed: next(iter(changed)),
)
def test_a_row_that_was_altered_is_found(kept, changed):
    """What it is and whose it is belongs to it."""
    artifact = put(kept)
    with kept.store.begin() as conn:
        conn.execute(sa.update(artifacts).values(changed))

    assert refusal(kept, artifact) == "ARTIFACT_ALTERED"


def test_an_artifact_that_was_exchanged_as_a_whole_is_found_by_the_log(kept):
    """File and row of another one, made by who has the key, do not have the logged digest."""
    artifact = put(kept)

    assert refusal(kept, artifact, digest=put(kept).digest) == "ARTIFACT_ALTERED"


def test_an_artifact_that_nobody_kept_is_unknown(kept):
    """There is no path in an id that could lead elsewhere."""
    assert refusal(kept, Artifact("../../keys/artifact.key", "")) == "ARTIFACT_UNKNOWN"


def test_artifacts_of_another_key_say_which(kept):
    """A key that was lost is named, not taken for tampering."""
    artifact = put(kept)
    (kept.home / "keys" / "artifact.key").unlink()
    home_key(kept.home, "artifact")

    assert refusal(kept, artifact) == "ARTIFACT_KEY_OTHER"


def test_a_key_that_others_may_read_is_refused(kept):
    """With the command that mends it."""
    artifact = put(kept)
    key = kept.home / "keys" / "artifact.key"
    key.chmod(0o640)

    assert refusal(kept, artifact) == "KEY_TOO_OPEN"
    with pytest.raises(Misconfigured) as refused:
        kept.get(artifact.id)
    assert f"chmod 600 {key}" in refused.value.message("zh")


def test_a_key_that_was_cut_is_refused(kept):
    """It is never replaced by another one."""
    artifact = put(kept)
    os.truncate(kept.home / "keys" / "artifact.key", 31)

    assert refusal(kept, artifact) == "KEY_BROKEN"


def test_keys_and_artifacts_are_their_owners_alone(kept):
    """Files 0600, folders 0700."""
    artifact = put(kept)
    file = file_of(kept, artifact)
    paths = [kept.home / "keys" / "artifact.key", file, file.parent, file.parents[1]]

    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600, 0o600, 0o700, 0o700]
