"""From a draft to statements: dates, signs and direction chosen once for all rows, then proof."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice

from clerkwork.errors import Refused
from clerkwork.facts import Entries, Proof, Statement, from_minor
from clerkwork.facts.entries import packed
from clerkwork.read import dates, mend, movements
from clerkwork.read.continued import joined
from clerkwork.read.draft import Draft, Front
from clerkwork.read.gather import directions, evidence_of, period_of
from clerkwork.read.mend import Repaired
from clerkwork.read.movements import NO_BALANCE, Convention, Movements
from clerkwork.read.proof import GRADES, Result, prove
from clerkwork.read.rows import PLACE, Block, Rows
from clerkwork.read.survey import ENOUGH, Survey, parted
from clerkwork.read.vocabulary import side_of

_DAYS_AFTER = 31  # a period in which entries may stand that are not in its closing balance
_CARD_WORDS = 2  # so many of the things that only cards' statements say


def statements_of(drafts: Sequence[Draft], front: Front, *, language: str) -> list[Statement]:
    """The statements that a document's drafts hold; problems are lines in `language`."""
    found: list[Statement] = []
    for draft in joined(drafts):
        if draft.rows or any(m.kind in ("opening", "closing", "balance") for m in draft.marks):
            found += _of_account(draft, front, language)
    return found


def _of_account(draft: Draft, front: Front, language: str) -> Iterator[Statement]:
    """One statement per account and currency of the rows."""
    survey = Survey.of(draft.rows)
    convention = _convention(draft, front, survey)
    known = sorted({*survey.currencies, draft.currency} - {""})
    own = survey.accounts
    if len(known) < 2 and len(own) < 2:
        how = replace(convention, currency=known[0] if known else "")
        if own and not convention.account:
            how = replace(how, account=min(own))
        yield _statement(draft, front, how, survey, language)
        return
    for (account, currency), (rows, at) in parted(draft, convention.account).items():
        how = replace(convention, account=account, currency=currency)
        is_main = (account, currency) == (convention.account, draft.currency)
        marks = [replace(mark, at=bisect_left(at, mark.at)) for mark in draft.marks]
        strays = [replace(stray, at=bisect_left(at, stray.at)) for stray in draft.strays]
        part = replace(draft, rows=rows, marks=marks if is_main else [], strays=strays, said={})
        yield _statement(part, front, how, replace(survey, accounts=set()), language)


def _convention(draft: Draft, front: Front, survey: Survey) -> Convention:
    """How the rows are written, as far as it does not depend on the proof."""
    outside = [*(draft.period or ()), *front.issued]
    every = {*survey.dates, *outside}
    order, near = "", None
    if dates.is_open(every):
        printed = [text for block in draft.rows.blocks() for text in block.dates]
        span = dates.span(draft.period or ())
        near = dates.middle(span) or dates.latest(outside, "")
        order = dates.order_of(every, printed, near, span)
        near = near or dates.latest(outside, order)
        if not order and near and not span:
            order = dates.order_of(every, printed, near)
        if not order and survey.has_comma:
            order = "dmy"
    flag = "flag" if "flag" in draft.rows.roles else ""
    if not flag and survey.types and all(map(side_of, survey.types)):
        flag = "type"
    return Convention(
        account=draft.account or front.card_number,
        currency=draft.currency,
        source=front.digest,
        order=order,
        near=near or dates.latest(outside, order),
        flag=flag,
        is_debt=len(draft.card_words) >= _CARD_WORDS,
        has_signed_outgoing=survey.outgoing[0] > survey.outgoing[1],
    )


@dataclass(frozen=True)
class _Reading:
    """One way to read a draft, with what it proves; `read` in the order of the document."""

    how: Convention
    read: Movements
    is_newest_first: bool
    result: Result
    repairs: Repaired

    @property
    def rank(self) -> tuple[int, int]:
        """The better proof is the better reading."""
        return GRADES.index(self.result.grade), self.result.confirmed


def _statement(
    draft: Draft, front: Front, how: Convention, survey: Survey, language: str
) -> Statement:
    """The reading that proves most; of equals the first, unproven where they differ in money."""
    best = _best(_readings(draft, front, how, survey))
    result, how = best.result, best.how
    period = period_of(draft, how)
    opening, basis, closing = _ends(best)
    problems = [*result.problems, *best.repairs.notes, *_outside(best.read, period)]
    if draft.pending:
        count = len(draft.pending)
        problems.append(Refused("PENDING_LEFT_OUT", where=draft.pending[0], count=count))
    proof = Proof(
        result.grade,
        (result.confirmed, result.total),
        tuple(line(problem, language) for problem in problems),
    )
    proven = result.proven[::-1] if best.is_newest_first else result.proven
    for at in best.repairs.at:
        proven[at] = "repaired" if proven[at] != "none" else "none"
    return Statement(
        account=how.account,
        currency=how.currency,
        entries=_entries(draft.rows, best.read, proven, how),
        opening=opening,
        closing=closing,
        opening_basis=basis,
        period=period,
        balance_side="debt" if how.is_debt else "credit",
        proof=proof,
    )


def _best(readings: Iterator[_Reading]) -> _Reading:
    """The first of the best; its proof is taken where an equal one has other amounts."""
    best = next(readings)
    is_open = False
    for each in readings:
        if each.rank > best.rank:
            best, is_open = each, False
        elif each.rank == best.rank and best.result.grade != "none":
            is_open = is_open or sorted(each.read.amounts) != sorted(best.read.amounts)
    if is_open:
        best.result.grade = "none"
        best.result.proven = ["none"] * len(best.read)
        best.result.problems.append(Refused("SIGNS_OPEN"))
    return best


def _outside(read: Movements, period: tuple[date, date] | None) -> list[Refused]:
    """
    The first entries dated outside the printed period. Those of the 31 days after it that
    stand at an end of the list are none: they are not in the closing balance yet.
    """
    if period is None:
        return []
    first, last = period[0].toordinal(), period[1].toordinal()
    within = [at for at, on in enumerate(read.dates) if first <= on <= last]
    inner = range(within[0], within[-1]) if within else range(0)
    outside = (
        at
        for at, on in enumerate(read.dates)
        if on < first or on > last + _DAYS_AFTER or (on > last and at in inner)
    )
    return [
        Refused("OUTSIDE_PERIOD", where=read.place(at), date=date.fromordinal(read.dates[at]))
        for at in islice(outside, 3)
    ]


def _entries(rows: Rows, read: Movements, proven: list[str], how: Convention) -> Entries:
    """The entries, packed: what was read of each row, its texts and its proof."""
    blocks = []
    first = 0
    for block in rows.blocks():
        here = slice(bisect_left(read.at, first), bisect_left(read.at, first + len(block)))
        at = [place - first for place in read.at[here]]
        texts = _texts(block, how.flag)
        if len(at) < len(block):
            texts = {name: [column[each] for each in at] for name, column in texts.items()}
        columns: dict[str, Sequence[object]] = {
            "date": read.dates[here], "amount": read.amounts[here],
            "balance": [None if each == NO_BALANCE else each for each in read.balances[here]],
            "value_date": read.value_dates[here], "time": read.times[here],
            "red": read.reds[here], "proof": proven[here],
            "page": read.pages[here], "row": read.rows[here], **texts,
        }  # fmt: skip
        if at:
            blocks.append((len(at), packed({n: _one(each) for n, each in columns.items()})))
        first += len(block)
    return Entries(how.account, how.currency, how.source, blocks)


def _texts(block: Block, flag: str) -> dict[str, Sequence[str]]:
    empty = [""] * len(block)
    texts, types = (block.texts(role) or empty for role in ("text", "type"))
    if types is not empty and flag != "type":
        texts = [f"{one} {other}".strip() for one, other in zip(types, texts, strict=True)]
    references = block.texts("reference") or empty
    if any(" " in text for text in references):
        references = [text.replace(" ", "") for text in references]
    return {
        "text": texts,
        "reference": references,
        "counterparty": block.texts("counterparty") or empty,
    }


def _one(column: Sequence[object]) -> object:
    """A column of one value only as this value."""
    return column[0] if column[0] == column[-1] and len(set(column)) == 1 else list(column)


def _ends(reading: _Reading) -> tuple[Decimal | None, str | None, Decimal | None]:
    """Opening balance and where it is from, closing balance: printed, else by the chain."""
    result, read = reading.result, reading.read
    first, last = (-1, 0) if reading.is_newest_first else (0, -1)

    def shown(units: int | None) -> Decimal | None:
        return None if units is None else from_minor(units, reading.how.currency)

    closing = result.closing.amount if result.closing else None
    if closing is None and len(read) and len(directions(read)) == 1:
        closing = _printed(read.balances[last])
    if result.opening:
        return shown(result.opening.amount), "printed", shown(closing)
    before = _printed(read.balances[first]) if result.grade == "chain" else None
    if before is None:
        return None, None, shown(closing)
    factor = -1 if reading.how.is_debt else 1
    return shown(before - read.amounts[first] * factor), "implied", shown(closing)


def _doubts(draft: Draft, how: Convention, survey: Survey) -> Iterator[Refused]:
    """What makes every reading of the rows doubtful: no column and no words say the sign."""
    is_signed = not how.flag and not survey.is_marked and "amount" in draft.rows.roles
    is_like_a_card = bool(draft.card_words - {"limit", "digits"}) and _owes(draft, survey)
    if is_signed and (is_like_a_card if not how.is_debt else not _owes(draft, survey)):
        yield Refused("SIGNS_OPEN")


def _owes(draft: Draft, survey: Survey) -> bool:
    """
    Whether the signs of a card's amounts are surely those of what its holder owes: an end is
    said to be due, or most are purchases, without a minus, and the ends are debt, without one.

    No arithmetic tells: all signs turned, every sum holds as well.
    """
    minus, plain = survey.signed
    ends = [mark.amount for mark in draft.marks if mark.kind in ("opening", "closing")]
    negative = sum(amount < 0 for amount in ends)
    positive = sum(amount > 0 for amount in ends)
    return "owed" in draft.card_words or (plain > minus and positive >= negative)


def _printed(balance: int) -> int | None:
    return None if balance == NO_BALANCE else balance


def _readings(draft: Draft, front: Front, how: Convention, survey: Survey) -> Iterator[_Reading]:
    """The ways to read the rows that the document leaves open, the likeliest first."""
    more = list(_doubts(draft, how, survey))
    ways = [how]
    if survey.repeats_minus:
        ways.insert(0, replace(how, has_signed_debits=True))
    if how.flag and survey.signed[0] >= ENOUGH:
        ways.append(replace(how, has_signed_flags=True))
    if how.is_debt and "debit" in draft.rows.roles:
        ways += [replace(way, is_debt=False) for way in ways]
    for way in ways:
        as_printed = movements.movements_of(draft.rows, way)
        for is_newest_first in directions(as_printed):
            read, repairs = as_printed, Repaired()
            if front.scans:
                read, repairs = mend.mended(draft, front.scans, way, is_newest_first)
            evidence = evidence_of(
                draft, front, way, survey, read, is_newest_first=is_newest_first, more=more
            )
            yield _Reading(way, read, is_newest_first, prove(evidence), repairs)


def line(problem: Refused, language: str) -> str:
    """A problem as one line that names page and row."""
    text = problem.message(language)
    if language != "zh":
        return text
    return PLACE.sub(
        lambda at: f"第{at[1]}页第{at[2]}行" if at[2] else f"第{at[1]}页", text, count=1
    )
