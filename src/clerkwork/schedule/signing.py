"""What a call of a schedule says, and a call made ready to be sent: signed, for who sends it."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from datetime import datetime

from clerkwork.errors import Refused
from clerkwork.run.office import Office
from clerkwork.schedule.manifest import Planned
from clerkwork.schedule.parameters import CALL, asked_of_call
from clerkwork.schedule.tokens import NONCE, SIGNATURE, TIME, Call, sign
from clerkwork.secrets import credential

METHOD = "POST"


def path_of(planned: Planned) -> str:
    """What is called."""
    return f"/triggers/{planned.name}"


def facts_of(planned: Planned, body: bytes) -> dict[str, str]:
    """
    What the body says of the parameters that ask for it.

    Raises Refused CALL_BODY_WRONG, CALL_VALUE_WRONG.
    """
    asked = asked_of_call(planned)
    try:
        said = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.keys() != asked:
        raise Refused("CALL_BODY_WRONG", names=", ".join(sorted(asked)) or "-")
    for name, text in said.items():
        if not isinstance(text, str) or not text.isprintable():
            raise Refused("CALL_VALUE_WRONG", name=name)
    return {CALL + name: text for name, text in said.items()}


def secret_of(office: Office, planned: Planned) -> str:
    """What signs its calls. Raises Refused SCHEDULE_NOT_CALLED, Misconfigured."""
    if planned.plan.call is None:
        raise Refused("SCHEDULE_NOT_CALLED")
    name, home = planned.plan.call.secret, office.workspace.home
    return credential(name, environment=planned.environment, home=home).password


def make_call(
    office: Office, planned: Planned, said: Mapping[str, str], *, at: datetime, nonce: str = ""
) -> Call:
    """
    A call signed `at`, good for `SKEW_S` from then; with the `nonce` of an earlier one, its
    repetition. Raises Refused CALL_BODY_WRONG, CALL_VALUE_WRONG, CALL_NONCE_WRONG and as
    `secret_of`.
    """
    secret = secret_of(office, planned)
    body = json.dumps(dict(said)).encode() if said else b""
    facts_of(planned, body)
    time = str(int(at.timestamp()))
    headers = {TIME: time, NONCE: nonce or _new_nonce()}
    call = Call(METHOD, path_of(planned), body, headers)
    if not call.nonce:
        raise Refused("CALL_NONCE_WRONG")
    signature = sign(secret, METHOD, call.path, at=time, nonce=call.nonce, body=body)
    return Call(METHOD, call.path, body, headers | {SIGNATURE: signature})


def _new_nonce() -> str:
    """In letters alone: digits might look like a card number where it is written down."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(32))
