"""From the name of a system to a session with it: address, credential, driver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clerkwork.errors import Misconfigured
from clerkwork.secrets import credential
from clerkwork.systems.maps import EnvironmentMap, SystemMap, load_system
from clerkwork.systems.port import Keep, Session, SignOn
from clerkwork.workspace import Workspace


def environment_of(system: SystemMap, environment: str) -> EnvironmentMap:
    """Where `system` is in `environment`. Raises Misconfigured ENVIRONMENT_UNKNOWN."""
    if environment not in system.environments:
        raise Misconfigured("ENVIRONMENT_UNKNOWN", system=system.name, environment=environment)
    return system.environments[environment]


def address_of(place: EnvironmentMap, home: Path) -> str:
    """
    The address as a driver takes it; "practice:<service>" is looked up in the ports
    that the practice bank wrote. Raises Misconfigured PRACTICE_NOT_RUNNING,
    PRACTICE_SERVICE_UNKNOWN.
    """
    port = _practice_port(place, home)
    if port is None:
        return place.address
    if "host" in port:
        return f"{port['host']}:{port['port']}"
    return str(port.get("url") or port["folder"])


def host_keys_of(place: EnvironmentMap, home: Path) -> tuple[str, ...]:
    """The fingerprints of host keys that are the system's own."""
    port = _practice_port(place, home)
    return place.host_key if port is None else (*filter(None, [port.get("host_key")]),)


def _practice_port(place: EnvironmentMap, home: Path) -> Mapping[str, Any] | None:
    """What ports.json says of a service of the practice bank, None for any other address."""
    service = place.address.removeprefix("practice:")
    if service == place.address:
        return None
    try:
        ports = json.loads((home / "practice" / "ports.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured("PRACTICE_NOT_RUNNING") from None
    services = {name: port for name, port in ports.items() if isinstance(port, dict)}
    if service not in services:
        known = ", ".join(services)
        raise Misconfigured("PRACTICE_SERVICE_UNKNOWN", service=service, services=known)
    port: Mapping[str, Any] = services[service]
    return port


def credential_of(workspace: Workspace, name: str, environment: str, *, types: bool) -> str:
    """The name of the secret with which system `name` is signed on to."""
    place = environment_of(load_system(workspace.system_folder(name)), environment)
    return place.keyboard if types else place.desk


def open_session(
    workspace: Workspace, name: str, environment: str, *, types: bool, keep: Keep
) -> Session:
    """
    A session with system `name`, connected and not signed on.

    `types` chooses the keyboard's credential, and only then may it commit; otherwise
    it is the desk's read-only one. Raises Misconfigured, Unavailable.
    """
    system = load_system(workspace.system_folder(name))
    place = environment_of(system, environment)
    secret_name = place.keyboard if types else place.desk
    found = credential(secret_name, environment=environment, home=workspace.home)
    sign_on = SignOn(found.operator, found.password)
    address = address_of(place, workspace.home)
    if system.driver == "tn3270":
        from clerkwork.systems import tn3270

        return tn3270.open_session(
            system, address, sign_on, keep=keep, may_commit=types, tls=place.tls
        )
    if system.driver == "browser":
        from clerkwork.systems import browser

        return browser.open_session(
            system, address, sign_on, keep=keep, may_commit=types, tls=place.tls
        )
    if system.driver == "vt":
        from clerkwork.systems import vt

        return vt.open_session(
            system, address, sign_on, keep=keep, may_commit=types, tls=place.tls,
            host_key=host_keys_of(place, workspace.home), user=place.user,
            private_key=place.private_key,
        )  # fmt: skip
    if system.driver == "desktop":
        from clerkwork.systems import desktop

        return desktop.open_session(system, address, sign_on, keep=keep, may_commit=types)
    raise Misconfigured("NO_SCREENS", system=name, driver=system.driver)
