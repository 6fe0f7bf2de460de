"""Workspaces: a repository with bots, tasks, resources and schedules, found, loaded and checked."""

from clerkwork.workspace.bots import (
    Bot,
    BotManifest,
    desk_of,
    load_bot,
    load_manifest,
    load_process,
    parameters,
    system_title,
)
from clerkwork.workspace.load import Workspace, load

__all__ = [
    "Bot",
    "BotManifest",
    "Workspace",
    "desk_of",
    "load",
    "load_bot",
    "load_manifest",
    "load_process",
    "parameters",
    "system_title",
]
