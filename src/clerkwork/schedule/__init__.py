"""Schedules: when bots run, what they wait for, and that each due time has exactly one run."""

from clerkwork.schedule.check import check_schedules
from clerkwork.schedule.keeper import Keeper, keeping
from clerkwork.schedule.manifest import Planned

__all__ = ["Keeper", "Planned", "check_schedules", "keeping"]
