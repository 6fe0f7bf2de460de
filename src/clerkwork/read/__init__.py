"""Documents to facts: statements with their proof, sheets as text, single printed values."""

from clerkwork.read.document import (
    Document,
    draw_document,
    draw_line,
    json_parts,
    read_document,
    read_documents,
    read_grids,
)
from clerkwork.read.sheet import Grid
from clerkwork.read.values import parse_amount, parse_date, parse_time

__all__ = [
    "Document",
    "Grid",
    "draw_document",
    "draw_line",
    "json_parts",
    "parse_amount",
    "parse_date",
    "parse_time",
    "read_document",
    "read_documents",
    "read_grids",
]
