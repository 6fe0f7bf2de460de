"""
The way out: apprise, which knows mail, WeCom, DingTalk, Feishu, Slack, Teams and webhooks.

An address has passwords and tokens in it. apprise and the libraries below it write such
addresses to their logs; here what they log is the status of an answer, and nothing else.
"""

from __future__ import annotations

import logging
import re
import warnings
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from clerkwork.alert.message import Message
from clerkwork.errors import Misconfigured, Unavailable
from clerkwork.secrets import Secret

CONNECT_S = 10.0
READ_S = 15.0
SEND_LIMIT_S = 45.0  # mail takes several answers, each within the limits above
_STATUS = re.compile(r"error=([1-5][0-9]{2})\b")


@dataclass(frozen=True)
class Channel:
    """An address that can be written to; it does not print."""

    name: str  # of the secret, for messages
    _service: Any

    def __repr__(self) -> str:
        return f"Channel({self.name!r})"

    def send(self, message: Message) -> None:
        """
        Send the message, once. Raises Unavailable ALERT_NOT_TAKEN.

        A time-out is taken as not sent, though the other side may have it: rather twice
        than never.
        """
        apprise = _apprise()
        box = apprise.Apprise(asset=_asset())
        box.add(self._service)
        result = box.notify(
            title=message.title,
            body=message.body,
            body_format=apprise.NotifyFormat.TEXT,
            timeout=SEND_LIMIT_S,
        )
        if not result:
            raise Unavailable("ALERT_NOT_TAKEN", secret=self.name, detail=_detail(result))


def open_channel(name: str, address: Secret) -> Channel:
    """The channel to an address, the secret `name`. Raises Misconfigured ALERT_ADDRESS_WRONG."""
    service = _apprise().Apprise.instantiate(address.reveal(), asset=_asset())
    if service is None:
        raise Misconfigured("ALERT_ADDRESS_WRONG", secret=name)
    service.socket_connect_timeout = CONNECT_S
    service.socket_read_timeout = READ_S
    return Channel(name, service)


def _detail(result: Any) -> str:
    """What can be said of a failure without the texts of others, who may repeat the address."""
    statuses = [found[1] for entry in result.logs() for found in _STATUS.finditer(entry.message)]
    return f"HTTP {statuses[-1]}" if statuses else str(result.status.name).lower()


def _status_only(record: logging.LogRecord) -> bool:
    """Leave of a line of apprise's log the status of an answer; its errors have addresses too."""
    found = _STATUS.search(record.getMessage())
    record.msg, record.args, record.exc_info = found[0] if found else "", (), None
    return found is not None


def _asset() -> Any:
    """Ours is the name on a message; it points to no pictures elsewhere, and keeps no files."""
    return _apprise().AppriseAsset(
        app_id="Clerkwork",
        app_desc="Clerkwork",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        storage_mode="memory",
    )


@cache
def _apprise() -> ModuleType:
    """apprise with all its services loaded, which takes most of a second, and silent."""
    with warnings.catch_warnings():
        # its own shim for Python 3.13, where the module is gone
        warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
        import apprise

        apprise.Apprise.instantiate("json://localhost")
    own = logging.getLogger("apprise")
    own.addFilter(_status_only)
    own.propagate = False  # `_detail` reads it, and says what there is to say
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # below, it logs whole addresses
    return apprise
