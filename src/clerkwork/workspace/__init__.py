"""Workspaces: a repository with bots, tasks, resources and schedules, found, loaded and checked."""

from clerkwork.workspace.bots import Bot, BotManifest, load_bot, parameters
from clerkwork.workspace.load import Workspace, load

__all__ = ["Bot", "BotManifest", "Workspace", "load", "load_bot", "parameters"]
