"""Find a credential or a secret by its name: environment variable, file, keyring, practice bank."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from clerkwork.errors import Misconfigured
from clerkwork.manifest import Manifest, WrongValue, checked, load_toml
from clerkwork.secrets.secret import Secret

FILE = "secrets.toml"
_KEYRING_SERVICE = "clerkwork"


@dataclass(frozen=True)
class Credential:
    """Operator and password of one system."""

    operator: str
    secret: Secret

    @property
    def password(self) -> str:
        """The password itself, for the driver that types it."""
        return self.secret.reveal()


class _SignOn(Manifest):
    operator: str = ""
    password: str = ""
    secret: str = ""

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if self.secret and (self.operator or self.password):
            raise WrongValue(
                "either operator and password, or secret",
                "operator 与 password，或 secret，二者择一",
            )
        if not self.secret and not (self.operator and self.password):
            raise WrongValue(
                "operator and password are both needed, or secret alone",
                "operator 与 password 须同时填写，或只写 secret",
            )
        return self


class _Table(Manifest):
    credentials: dict[str, _SignOn]


def credential(name: str, *, environment: str, home: Path) -> Credential:
    """
    The credential `name`, from the first of these that has it: the variable
    CLERKWORK_SECRET_<NAME> ("operator:password"), HOME/secrets.toml (a table per name),
    the keyring (service "clerkwork"), and in practice the practice bank.

    Raises Misconfigured CREDENTIAL_MISSING, CREDENTIAL_WRONG, SECRETS_TOO_OPEN.
    """
    providers: list[Callable[[], Credential | None]] = [
        lambda: _from_variable(name),
        lambda: _from_file(name, home / FILE),
        lambda: _from_keyring(name),
    ]
    if environment == "practice":
        providers.append(lambda: _from_practice(name, home))
    for provider in providers:
        found = provider()
        if found is not None:
            return found
    raise Misconfigured(
        "CREDENTIAL_MISSING",
        credential=name,
        environment=environment,
        variable=variable_of(name),
        file=str(home / FILE),
    )


def secret(name: str, *, home: Path) -> Secret:
    """
    The secret text `name` (an address with a token in it), from the same places: the whole
    of the variable or of the keyring's entry, or `secret` in its table of HOME/secrets.toml.

    Raises Misconfigured SECRET_MISSING, SECRETS_TOO_OPEN.
    """
    text = (
        os.environ.get(variable_of(name))
        or _secret_in_file(name, home / FILE)
        or _keyring_text(name)
    )
    if not text:
        facts = {"variable": variable_of(name), "file": str(home / FILE)}
        raise Misconfigured("SECRET_MISSING", secret=name, **facts)
    return Secret(text.strip())


def variable_of(name: str) -> str:
    """The environment variable of the credential `name`."""
    return "CLERKWORK_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


def _from_variable(name: str) -> Credential | None:
    text = os.environ.get(variable_of(name))
    return None if text is None else _split(text, source=variable_of(name))


def _from_file(name: str, path: Path) -> Credential | None:
    found = _in_file(name, path)
    if found is None:
        return None
    if found.secret:
        raise Misconfigured("CREDENTIAL_WRONG", source=f"{path} [{name}]")
    return _made(found.model_dump())


def _secret_in_file(name: str, path: Path) -> str:
    found = _in_file(name, path)
    return found.secret if found else ""


def _in_file(name: str, path: Path) -> _SignOn | None:
    if not path.exists():
        return None
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise Misconfigured("SECRETS_TOO_OPEN", file=str(path))
    return checked(_Table, {"credentials": load_toml(path)}, path).credentials.get(name)


def _from_keyring(name: str) -> Credential | None:
    text = _keyring_text(name)
    return None if text is None else _split(text, source=f"keyring {_KEYRING_SERVICE}/{name}")


def _keyring_text(name: str) -> str | None:
    if importlib.util.find_spec("keyring") is None:
        return None
    keyring: Any = importlib.import_module("keyring")
    try:
        text: str | None = keyring.get_password(_KEYRING_SERVICE, name)
    except keyring.errors.KeyringError:  # none here, or locked: the next provider may have it
        return None
    return text


def _from_practice(name: str, home: Path) -> Credential | None:
    path = home / "practice" / "credentials.json"
    if not path.exists():
        return None
    known: Mapping[str, Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return _made(known[name]) if name in known else None


def _split(text: str, *, source: str) -> Credential:
    operator, colon, password = text.partition(":")
    if not (operator and colon and password):
        raise Misconfigured("CREDENTIAL_WRONG", source=source)
    return Credential(operator, Secret(password))


def _made(pair: Mapping[str, str]) -> Credential:
    return Credential(pair["operator"], Secret(pair["password"]))
