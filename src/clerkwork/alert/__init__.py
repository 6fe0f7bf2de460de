"""Alerts: messages to people, from an outbox, through apprise; no personal data in them."""

from clerkwork.alert.deliver import Post, deliver
from clerkwork.alert.kinds import shaped
from clerkwork.alert.outbox import (
    STATES,
    Alert,
    acknowledge,
    list_alerts,
    purge_alerts,
    raise_alert,
    raise_test,
    settle_alert,
    standing_alerts,
)
from clerkwork.alert.rules import Alerting, load_alerting

__all__ = [
    "STATES",
    "Alert",
    "Alerting",
    "Post",
    "acknowledge",
    "deliver",
    "list_alerts",
    "load_alerting",
    "purge_alerts",
    "raise_alert",
    "raise_test",
    "settle_alert",
    "shaped",
    "standing_alerts",
]
