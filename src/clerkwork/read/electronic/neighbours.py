"""What the messages of a file say of one another: pages of a statement, and its number."""

from __future__ import annotations

from collections.abc import Iterable

from clerkwork.errors import Refused
from clerkwork.read.electronic.message import Message
from clerkwork.read.rows import place


def followed(messages: Iterable[Message]) -> list[Message]:
    """
    The messages that say something of money, each compared with the one of its account before.

    A page that lacks takes the proof of the pages beside it: their statement is not whole.
    A statement that lacks is only said: those before and after it are whole.
    """
    told = [each for each in messages if each.entries or each.marks or each.flaws]
    latest: dict[tuple[str, str], Message] = {}
    for message in told:
        key = (message.account, message.currency)
        before = latest.get(key)
        if before is None or not _is_next_page(before, message):
            _say_missing(message, "PAGE_BEFORE_MISSING", message.is_first)
            if before:
                _say_missing(before, "PAGE_AFTER_MISSING", before.is_last)
        elif before.period and message.period and not message.is_first:
            # its balance may be of the last day, its entries of any day of the statement
            message.period = min(before.period[0], message.period[0]), message.period[1]
        if before:
            _compare_ends(before, message)
        latest[key] = message
    for message in latest.values():
        _say_missing(message, "PAGE_AFTER_MISSING", message.is_last)
    return told


def _is_next_page(before: Message, message: Message) -> bool:
    """By what both say of their place; where they say nothing, by their balances."""
    (last, last_page), (number, page) = before.page, message.page
    goes_on = before.goes_on or before.is_last is not True
    if last and number and last != number:
        return False
    if last_page and page:
        return page == last_page + 1 and (number > 0 or goes_on)
    return goes_on


def _say_missing(message: Message, code: str, is_end: bool | None) -> None:
    """Name a page that lacks, if the message is not at that end of its statement."""
    if is_end:
        return
    number, page = message.page
    shown = "/".join(str(each) for each in (number, page) if each) or "?"
    problem = Refused(code, where=place(message.number, 0), page=shown)
    (message.notes if is_end is None else message.flaws).append(problem)


def _compare_ends(before: Message, message: Message) -> None:
    """
    A page must open with the balance that the page before it closes with. So must the next
    statement: where it does not, one lacks if the numbers leave room for it.
    """
    closing, opening = before.end("closing"), message.end("opening")
    if not closing or not opening or closing.amount == opening.amount:
        return
    where = opening.place
    differs = Refused(
        "OPENING_DIFFERS", where=where, printed=opening.amount, expected=closing.amount
    )
    (last, _), (number, _) = before.page, message.page
    if _is_next_page(before, message):
        message.flaws.append(differs)
    elif before.is_last and message.is_first and 0 < last < number:
        lacks = Refused(
            "STATEMENT_BEFORE_MISSING", where=where, number=number, last=last,
            printed=opening.amount, expected=closing.amount,
        )  # fmt: skip
        message.notes.append(differs if number == last + 1 else lacks)
