"""How a generated document prints its truth: one choice for each thing that real banks vary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from . import heads
from .model import EXPONENTS, Content, Truth, truth_of

MOVEMENTS = ("debit", "credit", "amount")


@dataclass(frozen=True)
class Layout:
    """
    The look of one document.

    `columns` are (role, head) from left to right. `sign`: "columns" (debit and credit),
    "signed", "suffix" (every amount ends in DR or CR), "flag", "type", "sections".
    `negative`: how a figure below zero is written; `balances`: on every "row", the last of
    a "day" or "never"; `ends`: where opening and closing balance stand.
    """

    seed: int
    kind: str = "pdf"
    language: str = "en"
    columns: tuple[tuple[str, str], ...] = ()
    sign: str = "columns"
    words: tuple[str, str] = ("DR", "CR")  # of the flag column, the type column or the suffix
    negative: str = "lead"  # lead, trail, paren, dr, od
    plus: str = ""
    empty: str = ""  # what an empty cell of figures holds
    number: str = "english"  # english, plain, european, lakh, spaces, swiss
    symbol: str = ""
    dates: str = "iso"
    balances: str = "row"
    ends: str = "top"  # top, bottom, table, first (opening only), none
    end_words: tuple[str, str] = ("Opening Balance", "Closing Balance")
    totals: str = ""  # "", lines, row, counted
    count: str = ""
    carried: tuple[str, str] | None = None
    page_total: str = ""
    is_newest_first: bool = False
    is_card: bool = False
    has_pending: bool = False
    style: str = "plain"  # plain, rules, grid, banded
    font: str = "Helvetica"
    head_font: str = "Helvetica-Bold"
    size: float = 9
    page: tuple[float, float] = (595, 842)
    margin: float = 40
    gap: float = 4
    wraps_at: float = 150
    valign: str = "top"
    head_align: str = "column"  # column, left, center
    repeats_heads: bool = True
    repeats_front: bool = False
    foot: tuple[str, ...] = ()
    numbering: str = ""
    order: str = "rows"  # in which cells are drawn: rows, columns
    account: str = "Account Number: {}"
    currency: str = "Currency: {}"
    period: str = "Period: {} - {}"
    issued: str = ""
    number_cells: bool = True  # a workbook has numbers and dates, not text
    encoding: str = "utf-8"
    delimiter: str = ","

    @property
    def roles(self) -> tuple[str, ...]:
        """What its columns hold."""
        return tuple(role for role, _ in self.columns)

    @property
    def tongue(self) -> str:
        """The language of what is no head: "en" or "zh"."""
        return "zh" if self.language == "zh" else "en"


def statement_for(seed: int) -> tuple[Truth, Layout]:
    """The document of this seed."""
    rng = Random(seed)
    language = rng.choice(("en", "en", "en", "zh", "zh", "both"))
    tongue = "zh" if language == "zh" else "en"
    kind = rng.choices(("pdf", "xlsx", "csv"), (80, 10, 10))[0]
    accounts = 2 if rng.random() < 0.15 else 1
    currencies = tuple(rng.choice(_CURRENCIES[language]) for _ in range(accounts))
    layout: dict[str, object] = {"seed": seed, "kind": kind, "language": language}
    layout |= _conventions(language, currencies, kind, rng)
    layout |= _columns(layout, currencies, rng)
    layout |= _places(layout, tongue, rng)
    layout |= _paper(language, rng)
    last = date(2026, rng.choice((1, 1, 3, 6, 9)), 28)
    # a year's end lies inside when the document ends in January
    first = date(2025, 12, 10) if last.month == 1 else last.replace(day=1)
    content = Content(
        currencies=currencies,
        rows=_rows(layout, rng),
        is_chinese=tongue == "zh",
        first=first,
        last=last,
        has_reds=layout["sign"] == "columns" and layout["negative"] != "dr" and rng.random() < 0.15,
        has_zeros=layout["sign"] != "sections" and rng.random() < 0.1,
        overdrawn=rng.random() < 0.15,
        pending=3 if layout["has_pending"] else 0,
        words=rng.choice((2, 4, 4, 6)) if kind == "pdf" else 4,
        whole_numbers=rng.random() < 0.05,
        numbers=tuple(_number(rng) for _ in range(accounts)),
    )
    return truth_of(content, rng), Layout(**layout)  # type: ignore[arg-type]


_CURRENCIES = {
    "en": ("USD", "GBP", "EUR", "HKD", "SGD", "INR", "AUD", "JPY", "CHF"),
    "zh": ("CNY", "CNY", "CNY", "USD", "HKD", "JPY"),
    "both": ("CNY", "HKD", "USD", "EUR"),
}
_DATES = {
    "en": ("iso", "dmy/", "dmy-", "dmy.", "mdy/", "d Mon y", "d-Mon-y", "dMony", "d Mon yy",
           "Mon d, y", "compact", "dmy/yy", "d Mon", "Mon d", "mdy", "dmy", "mdy/yy", "slash"),
    "zh": ("iso", "slash", "dots", "compact", "zh", "zh0", "zh md", "m-d"),
    "both": ("iso", "slash", "compact", "d Mon y", "dmy/"),
}  # fmt: skip
WITHOUT_YEAR = ("d Mon", "Mon d", "mdy", "dmy", "zh md", "m-d")


def _conventions(
    language: str, currencies: tuple[str, ...], kind: str, rng: Random
) -> dict[str, object]:
    """How figures, signs and dates are written."""
    tongue = "zh" if language == "zh" else "en"
    sign = rng.choices(
        ("columns", "signed", "suffix", "flag", "type", "sections"), (50, 20, 7, 12, 5, 6)
    )[0]
    number = "english"
    if not any(currency in EXPONENTS for currency in currencies):
        choices = ["english"] * 8 + ["plain", "plain"]
        choices += ["european", "spaces", "swiss"] if language == "en" else []
        choices += ["lakh"] * 6 if currencies == ("INR",) else []
        number = rng.choice(choices)
    symbol = ""
    if len(currencies) == 1 and rng.random() < 0.15:
        symbol = {"USD": "$", "GBP": "£", "EUR": "€", "CNY": "¥", "INR": "Rs."}.get(
            currencies[0], ""
        )
    if sign == "flag":
        words = rng.choice(heads.FLAGS["en" if language == "en" else "zh"])
    elif sign == "type":
        words = rng.choice(heads.TYPES[tongue])
    else:
        words = rng.choice((("DR", "CR"), ("Dr", "Cr"), ("D", "C")))
    negative = rng.choice(("lead", "lead", "lead", "trail", "paren", "dr"))
    if kind != "pdf":
        negative = "lead"
    is_card = sign == "signed" and language == "en" and rng.random() < 0.35
    return {
        "sign": sign, "number": number, "symbol": symbol if kind == "pdf" else "",
        "words": words, "negative": negative,
        "plus": "+" if negative == "lead" and rng.random() < 0.15 else "",
        "empty": rng.choice(("", "", "", "", "-", "zero")),
        "dates": rng.choice(_DATES[language]), "is_card": is_card,
    }  # fmt: skip


def _columns(
    layout: dict[str, object], currencies: tuple[str, ...], rng: Random
) -> dict[str, object]:
    """Which columns, under which heads, in which order."""
    language, sign = str(layout["language"]), layout["sign"]
    both = ["debit", "credit"] if rng.random() < 0.7 else ["credit", "debit"]
    figures = both if sign == "columns" else ["amount"]
    if sign in ("flag", "type"):
        figures.insert(rng.randint(0, 1), str(sign))
    balances = rng.choices(("row", "day", "never"), (75, 10, 15))[0]
    if sign == "sections":
        balances = "never"
    if balances != "never":
        figures.append("balance")
    roles = ["date"]
    extra = {"time": 0.12, "value_date": 0.2}
    roles += [role for role, chance in extra.items() if rng.random() < chance]
    middle = ["text"]
    extra = {"reference": 0.4, "counterparty": 0.2, "branch": 0.1, "currency": 0.08}
    middle += [role for role, chance in extra.items() if rng.random() < chance]
    rng.shuffle(middle)
    shape = rng.random()
    if shape < 0.08:  # figures before the words, as exports have them
        roles += figures + middle
    elif shape < 0.14:  # balance first of the figures
        roles += middle + figures[::-1]
    else:
        roles += middle + figures
    if rng.random() < 0.1:
        roles.insert(0, "serial")
    at = rng.randint(0, 50)
    suffix = rng.random() < 0.12
    named = []
    for role in roles:
        head = heads.head_for(role, language, rng, at=at if role in ("debit", "credit") else None)
        if suffix and role in ("debit", "credit", "amount", "balance") and "(" not in head:
            tongue = "zh" if language == "zh" else "en"
            unit = "元" if tongue == "zh" and currencies == ("CNY",) else currencies[0]
            if len(set(currencies)) == 1:
                head = heads.WITH_CURRENCY[tongue].format(head, unit)
        named.append((role, head))
    return {"columns": tuple(named), "balances": balances}


def _places(layout: dict[str, object], tongue: str, rng: Random) -> dict[str, object]:
    """What stands around the rows."""
    balances, is_sections = layout["balances"], layout["sign"] == "sections"
    ends = rng.choice(("top", "top", "bottom", "table", "table", "first", "none", "box"))
    if balances != "row":
        ends = rng.choice(("top", "box")) if is_sections else rng.choice(("top", "table", "box"))
    if balances == "never" and ends == "table":
        ends = "top"
    totals = rng.choice(("", "", "lines", "row", "counted"))
    if layout["is_card"]:
        totals = ""
        ends = "box" if balances != "row" else ends
    if totals == "row" and layout["sign"] != "columns":
        totals = "lines"
    carried = rng.random() < 0.25 and balances == "row"
    is_newest_first = balances != "day" and not is_sections and rng.random() < 0.2
    if is_newest_first and ends == "table":
        ends = "top"
    openings = heads.words_of(heads.OPENING[tongue])
    if ends == "bottom":  # nothing is brought forward to the foot of a statement
        openings = openings[:3]
    return {
        "ends": ends,
        "end_words": (
            rng.choice(openings),
            rng.choice(heads.words_of(heads.CLOSING[tongue])),
        ),
        "totals": totals,
        "count": rng.choice(heads.COUNTS[tongue]) if rng.random() < 0.2 else "",
        "carried": rng.choice(heads.CARRIED[tongue]) if carried and not is_newest_first else None,
        "page_total": rng.choice(heads.PAGE_TOTAL[tongue])
        if layout["sign"] == "columns" and rng.random() < 0.15
        else "",
        "is_newest_first": is_newest_first,
        "has_pending": layout["kind"] == "pdf" and not is_sections and rng.random() < 0.06,
        "account": rng.choice(heads.ACCOUNT[tongue]),
        "currency": rng.choice(heads.CURRENCY[tongue]),
        "period": rng.choice(heads.PERIOD[tongue])
        if layout["dates"] in WITHOUT_YEAR or rng.random() < 0.7
        else "",
        "issued": rng.choice(heads.ISSUED[tongue]) if rng.random() < 0.2 else "",
    }


def _paper(language: str, rng: Random) -> dict[str, object]:
    """Fonts, pages, rules."""
    fonts = (("Helvetica", "Helvetica-Bold"), ("Times-Roman", "Times-Bold"),
             ("Courier", "Courier-Bold"), ("Helvetica", "Helvetica"))  # fmt: skip
    font, head_font = rng.choice(fonts)
    if language == "zh" and rng.random() < 0.5:
        font = head_font = "STSong-Light"
    width, height = rng.choice(((595, 842), (612, 792), (595, 842), (842, 595)))
    style = rng.choice(("plain", "plain", "rules", "grid", "banded"))
    valign = rng.choice(("top", "top", "top", "middle", "bottom"))
    gap = rng.choice((3, 4, 6, 10)) if valign == "top" else rng.choice((8, 10))
    tongue = "zh" if language == "zh" else "en"
    return {
        "style": style, "font": font, "head_font": head_font,
        "size": rng.choice((7, 8, 8.5, 9, 10)), "page": (width, height),
        "margin": rng.choice((24, 36, 50)), "gap": gap, "valign": valign,
        "wraps_at": rng.choice((90, 130, 200)),
        "head_align": rng.choice(("column", "column", "left", "center")),
        "repeats_heads": rng.random() < 0.7, "repeats_front": rng.random() < 0.3,
        "foot": tuple(rng.sample(heads.FEET[tongue], rng.randint(0, 2))),
        "numbering": rng.choice((*heads.PAGES[tongue], "")),
        "order": rng.choice(("rows", "rows", "rows", "columns")),
        "number_cells": rng.random() < 0.6,
        "encoding": rng.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16")),
        "delimiter": rng.choice((",", ",", ";", "\t")),
    }  # fmt: skip


def _rows(layout: dict[str, object], rng: Random) -> int:
    if rng.random() < 0.03 and layout["ends"] != "none":
        return 0
    return rng.choice((3, 6, 9, 14, 25, 40, 60))


def _number(rng: Random) -> str:
    digits = "".join(rng.choices("0123456789", k=16))
    return rng.choice((
        f"{digits[:3]}-{digits[3:9]}-{digits[9:12]}", f"62{digits[2:]}", digits[:10],
        f"GB29 NWBK {digits[:4]} {digits[4:8]} {digits[8:12]} {digits[12:14]}",
        f"{digits[:4]}****{digits[4:8]}",
    ))  # fmt: skip
