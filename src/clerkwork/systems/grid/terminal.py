"""What a session on a screen of characters needs of the terminal under it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from clerkwork.systems.grid.buffer import Buffer, Field
from clerkwork.systems.maps import FieldMap
from clerkwork.systems.typing import Unit


@dataclass(frozen=True)
class Reading:
    """
    The buffer at one moment; `records` counts what the host had sent until then.

    `is_whole` unless only the field just typed into was read, in the last whole buffer.
    """

    buffer: Buffer
    records: str
    is_unlocked: bool
    is_connected: bool
    is_whole: bool = True


class Terminal(Protocol):
    """
    One connection with one host. Whatever stops it is Unavailable DRIVER_STOPPED; a host
    that hangs up gives readings that are not connected. `unit` is what `cells` counts.
    """

    unit: Unit

    def read(self) -> Reading:
        """The buffer as it stands."""
        ...

    def has_heard_since(self, reading: Reading) -> bool:
        """Whether the host has sent anything since `reading`, or hung up."""
        ...

    def field_at(self, buffer: Buffer, mapped: FieldMap) -> Field | None:
        """Where a mapped field stands; None when no field begins there."""
        ...

    def cells(self, value: str) -> int:
        """How many cells of a field `value` takes when it is typed."""
        ...

    def type_into(self, place: Field, value: str) -> Reading:
        """Empty the field at `place` of the last reading, type `value`, and read."""
        ...

    def action_of(self, key: str, *, screen: str) -> str:
        """A key as maps write it, as `send` takes it. Raises Misconfigured KEY_UNKNOWN."""
        ...

    def send(self, action: str, wait_s: float) -> Reading:
        """Press a key; read once the host has answered, or after at most `wait_s`."""
        ...

    def wait(
        self,
        is_there: Callable[[Reading], bool],
        *,
        first: Reading,
        before: Reading | None,
        deadline: float,
    ) -> Reading:
        """
        Read until `is_there`, the keyboard is unlocked, and it is not what stood before
        the key; the last reading when the deadline (monotonic) has passed or the host is gone.
        """
        ...

    def received(self, secrets: Collection[str]) -> str:
        """
        The last that the host sent, to be read by a person and fit to be kept, where the
        screen is nothing but that; "" where it has fields.
        """
        ...

    def close(self) -> None:
        """Hang up and free everything."""
        ...
