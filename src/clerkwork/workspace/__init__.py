"""Workspaces: a repository with bots, tasks, resources and schedules, found, loaded and checked."""

from clerkwork.workspace.bots import (
    Bot,
    BotManifest,
    cases_of,
    desk_of,
    load_bot,
    load_manifest,
    load_process,
    system_title,
)
from clerkwork.workspace.load import Workspace, load
from clerkwork.workspace.parameters import Parameter, parameters, parameters_of, problems

__all__ = [
    "Bot",
    "BotManifest",
    "Parameter",
    "Workspace",
    "cases_of",
    "desk_of",
    "load",
    "load_bot",
    "load_manifest",
    "load_process",
    "parameters",
    "parameters_of",
    "problems",
    "system_title",
]
