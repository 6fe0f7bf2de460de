"""What Clerkwork needs of the place it runs in: home, store and credentials of the workspace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from clerkwork.cli.machine import Need
from clerkwork.cli.speak import text
from clerkwork.errors import Failure, Misconfigured
from clerkwork.workspace import Workspace, load


def place_needs() -> Iterator[Need]:
    """
    The needs of the workspace here; none outside of one.

    Raises Misconfigured when the workspace itself is broken.
    """
    try:
        workspace = load()
    except Misconfigured as failure:
        if failure.code == "NO_WORKSPACE":
            return
        raise
    yield _home(workspace.home)
    yield _store(workspace.home)
    yield from _credentials(workspace)
    yield from _alerts(workspace)


def _home(home: Path) -> Need:
    """The home folder, or the nearest one above it that is there, can be written."""
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    writable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    return Need(
        "home",
        str(home) if writable else "",
        (f"{nearest} cannot be written; change its owner", f"{nearest} 不可写；请更改其属主"),
    )


def _store(home: Path) -> Need:
    """The store, when there is one, opens."""
    if not (home / "store.db").exists() and not os.environ.get("CLERKWORK_DATABASE_URL"):
        return Need(
            "store", text("not yet: the first run makes it", "尚无：首次运行时建立"), ("", "")
        )
    from clerkwork.store import open_store

    try:
        store = open_store(home)
    except Failure as failure:
        return Need("store", "", (failure.message("en"), failure.message("zh")))
    store.close()
    return Need("store", store.engine.url.render_as_string(hide_password=True), ("", ""))


def _credentials(workspace: Workspace) -> Iterator[Need]:
    """Every credential that the systems name in the workspace's environment."""
    environment = workspace.environment
    made = workspace.home / "practice" / "credentials.json"
    if environment == "practice" and not made.exists():
        found = text("not yet: made when the practice bank starts", "尚无：模拟银行启动时生成")
        yield Need("credentials", found, ("", ""))
        return
    from clerkwork.secrets import credential
    from clerkwork.systems.maps import load_system

    for name in workspace.systems:
        place = load_system(workspace.system_folder(name)).environments.get(environment)
        for secret in filter(None, (place.desk, place.keyboard) if place else ()):
            try:
                credential(secret, environment=environment, home=workspace.home)
            except Failure as failure:
                yield Need(secret, "", (failure.message("en"), failure.message("zh")))
            else:
                yield Need(secret, environment, ("", ""))


def _alerts(workspace: Workspace) -> Iterator[Need]:
    """Somebody is told of alerts, each at an address that can be written to."""
    from clerkwork.alert import load_alerting

    path = workspace.rules("alerts")
    nobody = (
        f"nobody is told: {path} has no people; alerts stay in the outbox (clerkwork alerts list)",
        f"无人接收：{path} 中没有人员；告警留在发件箱（clerkwork alerts list）",
    )
    try:
        alerting = load_alerting(path)
    except Failure as failure:
        yield Need("alerts", "", (failure.message("en"), failure.message("zh")))
        return
    if not alerting.people:
        in_practice = workspace.environment == "practice"
        yield Need("alerts", f"- ({text(*nobody)})" if in_practice else "", nobody)
        return
    from clerkwork.alert.channel import open_channel
    from clerkwork.secrets import secret

    for name in sorted({recipient.address for recipient in alerting.people.values()}):
        try:
            open_channel(name, secret(name, home=workspace.home))
        except Failure as failure:
            yield Need(name, "", (failure.message("en"), failure.message("zh")))
        else:
            yield Need(name, "alerts", ("", ""))
