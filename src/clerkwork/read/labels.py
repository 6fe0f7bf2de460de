"""What a statement says outside its rows: whose it is, for when, from which balance to which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Generic, TypeVar

from clerkwork.errors import Refused
from clerkwork.facts import to_minor
from clerkwork.read.rows import place
from clerkwork.read.values import check_decimals, parse_amount, unified
from clerkwork.read.vocabulary import currency_of, sign_of

A = TypeVar("A", Decimal, int)


@dataclass(frozen=True)
class Mark(Generic[A]):
    """
    A balance, total or count that the document prints, and where; `amount` as it is
    printed, or in minor units.

    kind: "opening", "closing", "carried" (over a page break), "balance" (not said which),
    "debits", "credits" (totals, with `count` where it is printed), "part debits",
    "part credits", "part amount" (of a page, a day or a section), "count".
    `at` is how many entries stand before it; `in_table` that it stands among the rows;
    `order` counts lines through the document; `as_of` is the day it is of, as printed.
    """

    kind: str
    amount: A
    page: int
    row: int
    at: int
    in_table: bool
    order: int
    as_of: str = ""
    count: int | None = None
    is_marked: bool = False  # with CR or DR, of which a card's debt is the other one

    @property
    def place(self) -> str:
        """Where the mark stands."""
        return place(self.page, self.row)

    def in_units(self, currency: str) -> Mark[int]:
        """The same, its amount in minor units. Raises Refused AMOUNT_TOO_FINE."""
        amount = Decimal(self.amount)
        check_decimals(amount, currency, self.place)
        return Mark(**{**vars(self), "amount": to_minor(amount, currency)})


@dataclass(frozen=True)
class Labelled:
    """A labelled figure in one line of text, not yet placed."""

    kind: str
    amount: Decimal
    as_of: str = ""
    count: int | None = None
    currency: str = ""
    is_marked: bool = False
    sign: str = ""  # of a currency, where it stands alone


_DATE = (
    r"(?:\d{4}年\d{1,2}月\d{1,2}日|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    r"|\d{1,2}[- ]?[A-Za-z]{3,9}[- ,]*(?:\d{4}|\d{2})|[A-Za-z]{3,9} \d{1,2},? ?\d{4}|\d{8})"
)
_AMOUNT = (
    r"(?P<figure>[-+(]{0,2} ?(?P<currency>[A-Z]{3}|[A-Z]{0,2}[$€£¥₹]|Rs\.?)? ?[-+(]? ?"
    r"\d[\d.,']*(?: \d{3}(?!\d))*(?:[.,]\d+)?(?:\)| ?-(?!\s*\d))?(?: ?(?:DR|CR)\b)?)"
    r"(?![\d/:]|-\d)"
)
_GAP = (
    rf"(?:\s*\((?P<note>[^)]*)\))?(?:\s*(?:(?:as )?(?:of|at|on)|截至)\s*(?P<day>{_DATE}))?"
    r"\s*[:]?\s*"
)
# How many entries there are, in a column before the one of the amount.
_NUMBER = r"(?:(?P<number>\d{1,5})  +(?=[-+(]?[$€£¥₹]?[\d,]+\.\d\d))?"
_AND = r"(?: (?:and|&)(?: other)? \w+)?"
_KINDS = {
    "opening": r"(?:opening|beginning|starting|start|previous|prior|initial|last month'?s"
    r"|last statement|previous statement)(?: (?:ledger|book|account))? balance"
    r"|balance at (?:the )?(?:start|beginning)(?: of (?:the )?(?:period|statement))?"
    r"|balance (?:brought forward )?from (?:previous|last) (?:statement|page)"
    r"|(?:期初|上期|上月|上次|承前)(?:账户)?(?:余额|结余|结存)",
    "closing": r"(?:closing|ending|end|final|new|statement)(?: (?:ledger|book|account))? balance"
    r"|balance at (?:the )?end(?: of (?:the )?(?:period|statement))?|total amount due"
    r"|(?:期末|本期|本月)(?:账户)?(?:余额|结余|结存)",
    "carried": r"(?:balance )?(?:brought|carried) (?:forward|down|over)"
    r"|(?:balance )?[bc]/[fd]|balance [bc][fd]"
    r"|[bc]/[fd] balance|承前页|承上页|过次页|转下页|转次页|上页余额|本页余额",
    "debits": rf"(?<!page )total (?:debit amount|debits?|withdrawals?|(?:money|paid) out|payments)"
    rf"{_AND}|debits? total|(?<!本页)(?:借方|支出)(?:发生额|金额)?(?:总额|合计|总金额)|合计支出",
    "credits": rf"(?<!page )total (?:credit amount|credits?|deposits?|(?:money|paid) in|receipts)"
    rf"{_AND}|credits? total|(?<!本页)(?:贷方|收入)(?:发生额|金额)?(?:总额|合计|总金额)|合计收入",
    "balance": r"(?<!available )(?<!current )(?<!average )(?<!minimum )balance|(?<!可用)余额",
}
_LABELLED = tuple(
    (kind, re.compile(rf"(?<![A-Za-z])(?:{words}){_GAP}{_NUMBER}{_AMOUNT}", re.IGNORECASE))
    for kind, words in _KINDS.items()
)
# A row whose text is nothing but this is no entry, whatever figures stand beside it.
_NOTES = tuple(
    (kind, re.compile(rf"(?:{_KINDS[kind]}){_GAP}", re.IGNORECASE))
    for kind in ("opening", "closing", "carried")
)
# A wallet's totals: how often and how much, "收入：1笔 28.50元".
_COUNTED = re.compile(
    r"(?P<side>收入|支出)\s*[:]?\s*(?P<count>\d+)\s*[笔条]\s*[,，]?\s*(?:金额|共计|合计)?\s*[:]?\s*"
    r"[¥￥]?(?P<figure>\d[\d,]*\.\d\d)\s*元?"
)
_YOUR = re.compile(r"^(?:your|the) ", re.IGNORECASE)
_NEUTRAL = re.compile("不计收支|中性")  # rows that are no entries, and their totals
_PART = r"(?P<part>sub-?\s?|page |daily |day'?s )"
_OF = (
    "adjustments?|service|subtractions?|atm|pos|checks?|cheques?|cash|card|electronic|direct|interest|purchases?|transfers?|amount|of|for|the|this|in|out|and|other|all|debits?|credits?|withdrawals?|deposits?|payments?"
    "|receipts?|money|paid|charges?|fees?|additions?|transactions?|entries|items?|movements?"
    "|turnover|period|month|day|page|statement|account|carried|brought|forward|cr|dr"
)
_TOTAL = re.compile(
    rf"(?:grand |overall )?{_PART}?totals?(?:\s*(?:{_OF}))*"
    r"|(?:[\u4e00-\u9fff]\s*){0,6}?(?P<chinese>合\s?计|总\s?计|小\s?计|累\s?计)"
    r"(?:\s|借方?|贷方?|收入|支出|发生额|金额|笔数|笔|元|人民币|本页|本期)*",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?:number of |total )(?:entries|transactions|items)\s*:?\s*(?P<a>\d+)\b"
    r"|共\s*(?P<b>\d+)\s*[笔条]|(?:总|交易)笔数\s*:?\s*(?P<c>\d+)|(?P<d>\d+)\s*(?:entries|items|笔)",
    re.IGNORECASE,
)
_PAGE = re.compile(
    r"page:?\s*(\d+)\s*(?:of|/)\s*(\d+)|第\s*(\d+)\s*页[,/ ]*共\s*(\d+)\s*页", re.IGNORECASE
)
_HINTS = ("balance", "total", "due", "forward", "over", "down", "number of", "/f", "/d")
_HINT = re.compile(
    f"{'|'.join(_HINTS)}|余额|结[余存]|合计|总额|总金额|笔数|承|次页|下页|共|[笔条]", re.IGNORECASE
)


def labelled_in(text: str, currency: str = "") -> list[Labelled]:
    """
    Every balance, total and count that the line `text` labels; `currency` is that of the
    figures that print none.
    """
    if not may_be_note(text) or _NEUTRAL.search(text):
        return []
    plain = unified(text)
    found: list[Labelled] = []
    taken: list[tuple[int, int]] = []
    for match in _COUNTED.finditer(plain):
        taken.append(match.span())
        kind = "credits" if match["side"] == "收入" else "debits"
        amount = parse_amount(match["figure"], currency="", where="")
        found.append(Labelled(kind, amount, count=int(match["count"])))
    for kind, pattern in _LABELLED:
        for match in pattern.finditer(plain):
            is_free = not any(match.start() < end and start < match.end() for start, end in taken)
            if is_free and not (kind == "balance" and _GOES_BEFORE.search(plain[: match.start()])):
                taken.append(match.span())
                found += _labelled(kind, match, currency)
    count = _COUNT.search(plain)
    if count and not taken:
        number = next(group for group in count.groups() if group)
        found.append(Labelled("count", Decimal(0), count=int(number)))
    return found


# Words that make of a balance no balance of the account: "payment of card balance".
_GOES_BEFORE = re.compile(
    r"(?<!\byour)(?<!\bthe)(?<!account)(?<!ledger)(?<!book)(?<=[a-z]) $", re.I
)


def _labelled(kind: str, match: re.Match[str], account_currency: str) -> list[Labelled]:
    """The labelled figure of a match; none when it is no amount after all."""
    currency = currency_of(match["currency"] or "")
    try:
        figure = match["figure"].strip()
        amount = parse_amount(figure, currency=currency or account_currency, where="")
    except Refused as unread:
        if unread.code != "AMOUNT_TOO_FINE":
            return []
        amount = Decimal(str(unread.facts["amount"]))  # it is printed, and agrees with nothing
    note = match["note"] or ""
    count = _COUNT.search(note)
    number = next(filter(None, count.groups()), None) if count else match["number"]
    days = dates_in(note)
    as_of = match["day"] or (days[-1] if days else "")
    is_marked = _is_marked(match["figure"])
    sign = "" if currency else sign_of(match[0] + match.string[match.end() :][:1])
    number_of = int(number) if number else None
    return [Labelled(kind, amount, as_of, number_of, currency, is_marked, sign)]


def _is_marked(figure: str) -> bool:
    return figure.upper().rstrip(". ").endswith(("DR", "CR"))


def figure_in(kind: str, text: str, *, currency: str = "", as_of: str = "") -> list[Labelled]:
    """The figure that stands in a column of its own and is of `kind`."""
    try:
        amount = parse_amount(text, currency=currency, where="")
        return [Labelled(kind, amount, as_of, is_marked=_is_marked(text), sign=sign_of(text))]
    except Refused:
        return []


def may_be_note(text: str) -> bool:
    """Whether any of the words stands in `text` that name balances and totals."""
    if text.isascii():
        lower = text.lower()
        return any(word in lower for word in _HINTS)
    return bool(_HINT.search(text))


@lru_cache(maxsize=4096)
def note_in(text: str) -> tuple[str, str] | None:
    """
    Which balance a row is of, and the day it says, when its text is nothing but the
    name of one: such a row is no entry.
    """
    if not may_be_note(text):
        return None
    plain = _YOUR.sub("", unified(text).strip())
    for kind, pattern in _NOTES:
        found = pattern.fullmatch(plain)
        if found:
            return kind, found["day"] or ""
    return None


def total_in(text: str) -> str:
    """
    What a row without a date is when its words say nothing but that: the "total" of all
    rows, or of a "part" of them; "" for anything else.

    >>> total_in("Page total  200.00"), total_in("合计 借方 200.00"), total_in("Total Wine & More")
    ('part', 'total', '')
    """
    words = _WORDS.findall(unified(text))
    found = _TOTAL.fullmatch(" ".join(word for word in words if not currency_of(word)))
    if not found:
        return ""
    is_part = (
        found["part"] or "小" in (found["chinese"] or "") or "页" in found[0] or "日" in found[0]
    )
    return "part" if is_part or "page" in found[0].lower() else "total"


_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]|['-])*")


_FOOT = re.compile(
    r"(?:page|页码)\W*\d|第\s*\d+\s*页|打印(?:日期|时间)|print(?:ed)? (?:date|time|on)\b",
    re.IGNORECASE,
)


def is_foot(text: str) -> bool:
    """Whether a line begins as the number of a page, or as the day when it was printed."""
    return bool(_FOOT.match(text.strip()))


def page_number_in(text: str) -> tuple[int, int] | None:
    """(number, how many there are) where the line numbers the page."""
    found = _PAGE.search(unified(text))
    if not found:
        return None
    number, pages = [int(group) for group in found.groups() if group]
    return number, pages


_ACCOUNT = re.compile(
    r"(?:(?<![A-Za-z])(?:account|acct|a/c)(?:\s*(?:number|no\b\.?|nr\b\.?|#))?(?:\s*\(iban\))?"
    r"|(?<![A-Za-z])iban|(?<!对方)(?<!对手)(?:账\s?号|帐号|账户|卡号)(?:/卡号|/账号)?)\s*[:#]?\s*"
    r"(?P<number>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])"
    r"|\d{4}(?: \d{4}){1,5}(?: \d{1,3})?(?![\d.,])|[A-Z0-9*•-]*\d{3}[A-Z0-9*•-]*)",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<!\d)\d{4}[- ][\dX*]{4}[- ][\dX*]{4}[- ]\d{4}(?!\d)")
_CURRENCY = re.compile(
    r"(?:(?<![A-Za-z])(?:currency|ccy)|币种|币别|货币)\s*[:]?\s*([^\W\d]+)", re.I
)
_PERIOD = re.compile(r"(?<![A-Za-z])(?:period|from)(?![A-Za-z])|期间|起止|日期范围|起始", re.I)
_ISSUED = re.compile(r"statement date|date of statement|账单日|出账日", re.IGNORECASE)
_RANGE = re.compile(rf"(?:for |[\w/]+ date:? )?{_DATE}\s*(?:through|to|-|~|至)\s*{_DATE}", re.I)
_FIND_DATE = re.compile(rf"(?<![A-Za-z\d.,]){_DATE}(?![A-Za-z\d])")


_UNIT = re.compile(
    r"单位\s*[:：]?\s*([十百千万亿]+)元?|\b(?:in|of) (thousands|millions)\b|(?<!\d)'000\b", re.I
)


def unit_in(text: str) -> str:
    """What a line says that the figures count, where it is more than one of the currency."""
    found = _UNIT.search(unified(text))
    return found[0] if found else ""


def account_in(text: str, *, at_start: bool = False) -> str:
    """
    The account number that the line labels, without spaces; "" where it labels none.

    `at_start`: only where the label begins the line or follows a gap, which "from account
    1234" in a text does not.
    """
    plain = unified(text)
    found = _ACCOUNT.search(plain)
    before = plain[: found.start()] if found else ""
    if at_start and before.strip() and not before.endswith("  "):
        return ""
    return found["number"].replace(" ", "").upper() if found else ""


def card_in(text: str) -> str:
    """A number of four groups of four, as cards have."""
    found = _CARD.search(text)
    return found.group() if found else ""


def currency_in(text: str) -> str:
    """The currency that the line labels, as its code."""
    found = _CURRENCY.search(unified(text))
    return currency_of(found[1]) if found else ""


def dates_in(text: str) -> list[str]:
    """Every date in the line, as printed."""
    return _FIND_DATE.findall(unified(text))


def without_dates(text: str) -> str:
    """The line without its dates: "28.06.2026" is no amount."""
    return _FIND_DATE.sub(" ", unified(text))


def period_in(text: str, *, is_front: bool) -> list[str]:
    """
    The first and the last day that a statement is for, or one of them, where the line says
    so: by a word for it, or as a range that is all of it; before any row (`is_front`)
    also as one that is a cell of it.
    """
    plain = unified(text).strip()
    cells = [plain, *(plain.split("  ") if is_front else ())]
    ranges = [cell for cell in cells if _RANGE.fullmatch(cell.strip())]
    if _PERIOD.search(text):
        ranges += [found[0] for found in _RANGE.finditer(plain)]
        return dates_in(ranges[0] if ranges else text)
    return dates_in(ranges[0]) if ranges else []


def is_period_alone(text: str) -> bool:
    """Whether the line says for which days the statement is, and no figure."""
    is_period = _PERIOD.search(text) or _RANGE.fullmatch(unified(text).strip())
    is_said = is_period and len(dates_in(text)) > 1
    return bool(is_said) and not any(map(str.isdigit, without_dates(text)))


def is_issue_date(text: str) -> bool:
    """Whether the line says when the statement was made."""
    return bool(_ISSUED.search(text))


_CARD_WORDS = re.compile(
    r"(?P<owed>total amount due|应还款总?额)|(?P<due>payment due date|到期还款日)"
    r"|(?P<limit>credit limit|信用额度)|(?P<least>minimum (?:payment|amount|due)|最低还款额)"
    r"|(?P<card>credit card (?:statement|number|no\b|account)|card number|信用卡|账单明细)"
    r"|(?P<digits>卡号?[末后]四位(?!\s*[:：]))",
    re.IGNORECASE,
)


def card_words(text: str) -> set[str]:
    """
    What the line says that statements of cards say: "owed", "due", "limit", "least",
    "card", or of a column with the last "digits" of one.

    Two of them make a statement one of a card; "credit card" stands in the
    advertisements of any account.
    """
    return {found.lastgroup for found in _CARD_WORDS.finditer(text) if found.lastgroup}
