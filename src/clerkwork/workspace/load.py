"""Find the workspace and what its manifest says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from clerkwork.errors import Misconfigured
from clerkwork.facts.money import exact
from clerkwork.manifest import Manifest, Zone, checked, load_toml


class Oidc(Manifest):
    """The table [tool.clerkwork.oidc]: the OpenID provider by which people sign in."""

    issuer: str
    client_id: str
    secret: str  # its name, where secrets are kept
    claim: str = "preferred_username"  # what it says that is a sign-in name here, or "email"
    domain: str = ""  # email: of our addresses; what stands before it is the sign-in name
    scopes: tuple[str, ...] = ("openid", "profile")
    only: bool = False  # nobody signs in by password


class Settings(Manifest):
    """The table [tool.clerkwork] of a workspace's pyproject.toml."""

    home: str = ".clerkwork"
    language: str = ""  # "", "en" or "zh"; "" follows the user's locale
    time_zone: Zone = "UTC"
    environment: str = "practice"
    second_factor: Literal["optional", "required"] = "optional"  # one-time codes in the console
    oidc: Oidc | None = None
    cost_per_hour: str = ""  # of a person's work, as an amount; "" where nobody says
    cost_currency: str = "CNY"


@dataclass(frozen=True)
class Workspace:
    """
    A workspace: `root` holds bots/, tasks/, resources/ and schedules/; `home` the
    store, the audit log, artifacts and the practice bank's data.
    """

    root: Path
    home: Path
    language: str
    zone: ZoneInfo
    environment: str
    second_factor: str = "optional"
    oidc: Oidc | None = None
    cost_per_hour: Decimal | None = None  # of a person's work, in `cost_currency`
    cost_currency: str = "CNY"

    @property
    def bots(self) -> list[str]:
        """Names of the bots, sorted."""
        return sorted(path.parent.name for path in self.root.glob("bots/*/bot.toml"))

    @property
    def systems(self) -> list[str]:
        """Names of the systems, sorted."""
        return sorted(
            path.parent.name for path in self.root.glob("resources/systems/*/system.toml")
        )

    def system_folder(self, system: str) -> Path:
        """Folder of the maps of `system`. Raises Misconfigured SYSTEM_UNKNOWN."""
        if system not in self.systems:
            known = ", ".join(self.systems) or "-"
            raise Misconfigured("SYSTEM_UNKNOWN", system=system, systems=known)
        return self.root / "resources" / "systems" / system

    def rules(self, name: str) -> Path:
        """The rule file `name` (resources/rules/<name>.toml)."""
        return self.root / "resources" / "rules" / f"{name}.toml"

    def codes(self, name: str) -> Path:
        """The code file `name` (resources/codes/<name>.toml)."""
        return self.root / "resources" / "codes" / f"{name}.toml"


def load(start: Path | None = None) -> Workspace:
    """
    The workspace that holds `start` (default: the current folder).

    CLERKWORK_HOME overrides its home folder. Raises Misconfigured NO_WORKSPACE,
    MANIFEST_BROKEN, MANIFEST_WRONG.
    """
    folder = (start or Path.cwd()).resolve()
    for root in (folder, *folder.parents):
        manifest = root / "pyproject.toml"
        if manifest.is_file():
            tables = load_toml(manifest).get("tool", {})
            if "clerkwork" in tables:
                settings = checked(Settings, tables["clerkwork"], manifest)
                return _workspace(root, settings)
    raise Misconfigured("NO_WORKSPACE", folder=str(folder))


def _amount(text: str) -> Decimal | None:
    return exact(text, where="pyproject.toml [tool.clerkwork] cost_per_hour") if text else None


def _workspace(root: Path, settings: Settings) -> Workspace:
    home = Path(os.environ.get("CLERKWORK_HOME") or root / settings.home)
    if settings.language:
        os.environ.setdefault("CLERKWORK_LANG", settings.language)
    return Workspace(
        root=root,
        home=home.resolve(),
        language=settings.language,
        zone=ZoneInfo(settings.time_zone),
        environment=settings.environment,
        second_factor=settings.second_factor,
        oidc=settings.oidc,
        cost_per_hour=_amount(settings.cost_per_hour),
        cost_currency=settings.cost_currency,
    )
