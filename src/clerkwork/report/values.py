"""The values of report tables: which currency a row is in, and what a text cell says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from clerkwork.facts import Column, Report, Table
from clerkwork.report.cells import shown
from clerkwork.report.texts import reason_name
from clerkwork.report.words import Language
from clerkwork.systems.masking import covered


def currency_of(table: Table, row: tuple[object, ...]) -> str:
    """The value of the row's column "currency", "" in a table that has none."""
    for column, value in zip(table.columns, row, strict=True):
        if column.name == "currency" and value:
            return str(value)
    return ""


def checked(column: Column, value: object) -> object:
    """`value`, when it is what its column's type says; TypeError (a defect of the bot) else."""
    match column.type, value:
        case (_, None) | ("amount", Decimal()) | ("date", date()) | ("count", int()):
            return value
        case ("text", str() | int() | date() | Decimal()):
            return value
    raise TypeError(f"column {column.name} takes {column.type}, not {value!r}")


def text_of(column: Column, value: object, report: Report, language: Language) -> str:
    """A text cell: reasons by their names in `language`, card numbers and ids covered."""
    text = "" if value is None else covered(str(value))
    return reason_name(text, report, language) if column.name == "reason" else text


def written(
    column: Column, value: object, currency: str, report: Report, language: Language
) -> str:
    """Any cell as a person reads it, for pages."""
    match checked(column, value):
        case Decimal() as amount if column.type == "amount":
            return shown(amount, currency)
        case int() as count if column.type == "count":
            return f"{count:,}"
        case date() as on if column.type == "date":
            return on.isoformat()
    return text_of(column, value, report, language)
