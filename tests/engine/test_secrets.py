"""Credentials: where they are found, in which order, and that they do not show."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from clerkwork.errors import Misconfigured
from clerkwork.secrets import Credential, Secret, credential, secret

CANARY = "canary:9f3!"
NAME = "ledger-keyboard"
VARIABLE = "CLERKWORK_SECRET_LEDGER_KEYBOARD"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    """A keyring that has nothing, whatever this machine has."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


def write_file(home: Path, text: str, mode: int = 0o600) -> Path:
    """HOME/secrets.toml."""
    file = home / "secrets.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def write_practice(home: Path) -> None:
    """The practice bank's own file."""
    (home / "practice").mkdir()
    pairs = {NAME: {"operator": "RB01", "password": "PRACTICE"}}
    (home / "practice" / "credentials.json").write_text(json.dumps(pairs), encoding="utf-8")


def found(home: Path, environment: str = "practice") -> tuple[str, str]:
    """Operator and password."""
    credential_ = credential(NAME, environment=environment, home=home)
    return credential_.operator, credential_.password


def test_variable_before_file_before_practice_bank(tmp_path, monkeypatch):
    """The first provider that has it counts."""
    write_practice(tmp_path)
    practice = found(tmp_path)
    write_file(tmp_path, f'[{NAME}]\noperator = "F1"\npassword = "FILE"\n')
    from_file = found(tmp_path)
    monkeypatch.setenv(VARIABLE, f"V1:{CANARY}")

    assert [
        practice,
        from_file,
        found(tmp_path),
    ] == [("RB01", "PRACTICE"), ("F1", "FILE"), ("V1", CANARY)]


def test_the_keyring_is_asked_where_there_is_one(tmp_path, monkeypatch):
    """Service "clerkwork", user = the credential's name."""
    import keyring
    from keyring.backend import KeyringBackend

    class InMemory(KeyringBackend):
        priority = 1
        kept: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    try:
        keyring.set_password("clerkwork", NAME, f"K1:{CANARY}")
        assert found(tmp_path, "production") == ("K1", CANARY)
    finally:
        keyring.set_keyring(before)


def test_the_practice_bank_is_asked_in_practice_only(tmp_path):
    """Its passwords never reach another environment."""
    write_practice(tmp_path)

    with pytest.raises(Misconfigured) as missing:
        found(tmp_path, "production")

    assert missing.value.code == "CREDENTIAL_MISSING"


def test_a_missing_credential_says_what_to_do(tmp_path):
    """The variable and the file stand in the message."""
    with pytest.raises(Misconfigured) as missing:
        found(tmp_path)

    for language in ("en", "zh"):
        line = missing.value.message(language)
        assert VARIABLE in line and str(tmp_path / "secrets.toml") in line


@pytest.mark.parametrize("text", ["", "RB01", ":x", "RB01:"])
def test_a_variable_that_is_no_pair_is_named_and_not_shown(tmp_path, monkeypatch, text):
    """The format is operator:password."""
    monkeypatch.setenv(VARIABLE, text)

    with pytest.raises(Misconfigured) as wrong:
        found(tmp_path)

    assert (wrong.value.code, wrong.value.facts) == ("CREDENTIAL_WRONG", {"source": VARIABLE})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    """Before it is read."""
    write_file(tmp_path, "not even TOML", mode)

    with pytest.raises(Misconfigured) as refused:
        found(tmp_path)

    assert refused.value.code == "SECRETS_TOO_OPEN"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'[{NAME}]\noperator = "F1"\npassword = "{CANARY}\n', "MANIFEST_BROKEN"),
        (f'[{NAME}]\npasword = "{CANARY}"\noperator = "F1"\n', "MANIFEST_WRONG"),
        (f'[{NAME}]\noperator = "F1"\npassword = ["{CANARY}"]\n', "MANIFEST_WRONG"),
    ],
)
def test_a_wrong_file_is_named_and_its_secrets_are_not(tmp_path, text, code):
    """The message has the key, not the value."""
    write_file(tmp_path, text)

    with pytest.raises(Misconfigured) as wrong:
        found(tmp_path)

    assert code == wrong.value.code
    assert CANARY not in wrong.value.message("en") + wrong.value.message("zh")


def test_a_secret_does_not_print():
    """Not in a text, a representation, a list, a format, or a message."""
    secret = Secret(CANARY)
    shown = [str(secret), repr(secret), f"{secret}", f"{[secret]}", "%s" % secret]  # noqa: UP031

    assert all(CANARY not in text for text in shown)
    assert CANARY not in repr(Credential("RB01", secret))
    assert secret.reveal() == CANARY


def test_a_secret_is_not_written_by_accident():
    """Neither pickle nor JSON takes it."""
    for write in (pickle.dumps, json.dumps):
        with pytest.raises(TypeError):
            write(Secret(CANARY))


def test_an_address_is_a_secret_of_one_text(tmp_path, monkeypatch):
    """Colons and all: the variable before the file, without a line's end."""
    address = "mailtos://u:p@bank.example:587?to=a@bank.example"
    write_file(tmp_path, f'[{NAME}]\nsecret = "{address}"\n')
    from_file = secret(NAME, home=tmp_path).reveal()
    monkeypatch.setenv(VARIABLE, "json://127.0.0.1:80/x\n")

    assert [address, "json://127.0.0.1:80/x"] == [
        from_file,
        secret(NAME, home=tmp_path).reveal(),
    ]


def test_an_address_in_the_keyring(tmp_path, monkeypatch):
    """Service "clerkwork", as credentials are."""
    import keyring
    from keyring.backend import KeyringBackend

    class InMemory(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return CANARY if (service, username) == ("clerkwork", NAME) else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    try:
        assert CANARY == secret(NAME, home=tmp_path).reveal()
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize("text", ["", f'[{NAME}]\noperator = "F1"\npassword = "{CANARY}"\n'])
def test_a_missing_secret_says_what_to_do(tmp_path, text):
    """The variable and the file; a sign-on is not a secret of one text."""
    write_file(tmp_path, text)

    with pytest.raises(Misconfigured) as missing:
        secret(NAME, home=tmp_path)

    assert "SECRET_MISSING" == missing.value.code
    for language in ("en", "zh"):
        line = missing.value.message(language)
        assert VARIABLE in line and str(tmp_path / "secrets.toml") in line
        assert CANARY not in line


def test_a_secret_of_one_text_is_no_sign_on(tmp_path):
    """A driver that asks for operator and password is told so, without the text."""
    write_file(tmp_path, f'[{NAME}]\nsecret = "{CANARY}"\n')

    with pytest.raises(Misconfigured) as wrong:
        found(tmp_path)

    assert "CREDENTIAL_WRONG" == wrong.value.code
    assert CANARY not in wrong.value.message()


@pytest.mark.parametrize(
    "text",
    [
        f'[{NAME}]\nsecret = "{CANARY}"\noperator = "F1"\npassword = "{CANARY}"\n',
        f'[{NAME}]\noperator = "{CANARY}"\n',
        f"[{NAME}]\n",
    ],
)
def test_half_of_both_is_refused(tmp_path, text):
    """Either a sign-on or a secret, and its texts are not shown."""
    write_file(tmp_path, text)

    with pytest.raises(Misconfigured) as wrong:
        secret(NAME, home=tmp_path)

    assert "MANIFEST_WRONG" == wrong.value.code
    assert CANARY not in wrong.value.message("en") + wrong.value.message("zh")
