"""Alerts: messages to people, from an outbox, through apprise; no personal data in them."""

from clerkwork.alert.deliver import Post, deliver
from clerkwork.alert.kinds import sentence, severity_of, shaped
from clerkwork.alert.outbox import (
    STATES,
    Alert,
    acknowledge,
    alerts_before,
    find_alert,
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
    "alerts_before",
    "deliver",
    "find_alert",
    "list_alerts",
    "load_alerting",
    "purge_alerts",
    "raise_alert",
    "raise_test",
    "sentence",
    "settle_alert",
    "severity_of",
    "shaped",
    "standing_alerts",
]
