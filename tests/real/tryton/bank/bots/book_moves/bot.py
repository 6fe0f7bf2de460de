"""Orders from a file, booked as moves in Tryton."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clerkwork.facts import Instruction, Plan, Reading, Receipt
from clerkwork.facts.identity import reference_of
from clerkwork.rekey import Form, Keyboard
from clerkwork.systems.port import Desk
from tasks import tryton


@dataclass(frozen=True)
class Params:
    """What a person may set."""

    business_date: date


@dataclass(frozen=True, kw_only=True)
class Orders(Reading):
    """The reading: one order in each row."""

    rows: tuple[dict[str, str], ...]


def read(desk: Desk, params: Params) -> Orders:
    """Read the file of orders."""
    with desk.step("read-orders"):
        (document,) = desk.documents("orders", "orders.csv")
        with document.path.open(encoding="utf-8", newline="") as lines:
            rows = tuple(csv.DictReader(lines))
    return Orders(business_date=params.business_date, left={}, right={}, rows=rows)


def decide(reading: Orders, params: Params) -> Plan:
    """One move for each order."""
    made = tuple(_instruction(row) for row in reading.rows)
    return Plan(business_date=reading.business_date, instructions=made)


def _instruction(row: dict[str, str]) -> Instruction:
    source = row.pop("order")
    reference = reference_of("tryton", "order", [source])
    return Instruction(
        target="tryton",
        form="move",
        purpose="order",
        kind="fee",
        reference=reference,
        fields={**row, "reference": reference},
        sources=(source,),
        amount=Decimal(row["amount"]),
        currency="CNY",
    )


def rekey(instruction: Instruction, keyboard: Keyboard) -> Receipt:
    """Book one approved order, once."""
    form = Form(tryton.sign_on, tryton.look_up, tryton.fill, tryton.post)
    return keyboard.key_once(instruction, form)
