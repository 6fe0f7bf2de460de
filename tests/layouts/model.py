"""What generated statements are about: accounts, their rows, and what arithmetic allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random

EXPONENTS = {"JPY": 0, "KRW": 0}  # ISO 4217; all others here have two decimals


@dataclass(frozen=True)
class Row:
    """One line of money; `amount` and `balance` (after it) are signed as the holder sees them."""

    on: date
    at: time
    value_date: date
    amount: Decimal
    balance: Decimal
    reference: str
    text: str
    counterparty: str
    red: bool = False


@dataclass(frozen=True)
class Account:
    """One account in one currency; its rows oldest first."""

    number: str
    currency: str
    opening: Decimal
    rows: tuple[Row, ...]
    pending: tuple[Row, ...] = ()

    @property
    def closing(self) -> Decimal:
        """The balance after the last row."""
        return self.rows[-1].balance if self.rows else self.opening


@dataclass(frozen=True)
class Truth:
    """What a document is about."""

    accounts: tuple[Account, ...]
    first: date
    last: date


@dataclass(frozen=True)
class Content:
    """What a truth is drawn with: how many rows, in which language, how odd they are."""

    currencies: tuple[str, ...]
    rows: int
    is_chinese: bool
    first: date
    last: date
    has_reds: bool = False
    has_zeros: bool = False
    overdrawn: bool = False
    pending: int = 0
    words: int = 4  # at most, in a text
    whole_numbers: bool = False
    numbers: tuple[str, ...] = ()


def truth_of(content: Content, rng: Random) -> Truth:
    """A document's truth, drawn with `rng`."""
    accounts = tuple(
        _account(content, currency, number, rng)
        for currency, number in zip(content.currencies, content.numbers, strict=True)
    )
    return Truth(accounts, content.first, content.last)


def with_amounts(account: Account, rows: list[Row]) -> Account:
    """The account with other rows, whose balances follow from its opening."""
    running, found = account.opening, []
    for row in rows:
        running += row.amount
        found.append(Row(**{**vars(row), "balance": running}))
    return Account(account.number, account.currency, account.opening, tuple(found))


def _account(content: Content, currency: str, number: str, rng: Random) -> Account:
    unit = Decimal(1).scaleb(-EXPONENTS.get(currency, 2))
    opening = Decimal(rng.randint(5_000, 90_000_000)).scaleb(-2).quantize(unit)
    if content.overdrawn:
        opening = -opening
    days = _days(content, rng)
    running, rows = opening, []
    for on, at in days:
        row = _row(content, on, at, unit, rng)
        running += row.amount
        rows.append(Row(**{**vars(row), "balance": running}))
    pending = tuple(
        _row(content, content.last, time(12), unit, rng) for _ in range(content.pending)
    )
    return Account(number, currency, opening, tuple(rows), pending)


def _days(content: Content, rng: Random) -> list[tuple[date, time]]:
    """When rows are booked, oldest first; the last one is of a day after the 12th."""
    span = (content.last - content.first).days
    days = [content.first + timedelta(rng.randint(0, span)) for _ in range(content.rows)]
    if days and not any(day.day > 12 for day in days):
        days[-1] = content.last
    stamps = {(day, time(rng.randint(7, 20), rng.randint(0, 59), rng.randint(0, 59)))
              for day in days}  # fmt: skip
    return sorted(stamps)


def _row(content: Content, on: date, at: time, unit: Decimal, rng: Random) -> Row:
    amount = _amount(content, unit, rng)
    text, counterparty = next(_texts(content, rng))
    return Row(
        on=on,
        at=at,
        value_date=on + timedelta(rng.choice((0, 0, 0, 1, 2, -1))),
        amount=amount,
        balance=Decimal(0),
        reference=_reference(rng),
        text=text,
        counterparty=counterparty,
        red=content.has_reds and amount != 0 and rng.random() < 0.12,
    )


def _amount(content: Content, unit: Decimal, rng: Random) -> Decimal:
    if content.has_zeros and rng.random() < 0.08:
        return Decimal(0).quantize(unit)
    amount = Decimal(rng.randint(1, 10 ** rng.randint(3, 8))).scaleb(-2)
    if content.whole_numbers:
        amount = amount.to_integral_value() + 1
    amount = amount.quantize(unit) or unit
    return -amount if rng.random() < 0.6 else amount


def _reference(rng: Random) -> str:
    letters = "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=2))
    return rng.choice((
        f"{letters}{rng.randint(10**7, 10**8 - 1)}",
        str(rng.randint(10**5, 10**6 - 1)),
        f"{letters}-{rng.randint(1000, 9999)}-{rng.randint(10, 99)}",
    ))  # fmt: skip


_VERBS = ("POS", "FASTER PAYMENT", "DIRECT DEBIT", "STANDING ORDER", "CARD PAYMENT TO", "ATM CASH",
          "INTEREST", "TRF FROM", "TRANSFER TO", "SALARY", "CHEQUE", "FEE", "REFUND", "NEFT",
          "ACH CREDIT", "WIRE OUT", "Zelle payment to", "Online Transfer",
          "BILL PAYMENT")  # fmt: skip
_NAMES = ("TESCO STORES", "Meridian Freight Ltd", "HARBOUR FOODS", "Blue Kite Studio", "J OKAFOR",
          "CITY WATER", "ORION ENERGY GMBH", "Priya Nair", "LONG WHARF MARKET", "NORTHGATE RAIL",
          "AMBER PHARMACY", "Dunes & Sons", "KESTREL MOTORS", "PIER 21 CAFE")  # fmt: skip
_PARTS = ("REF 88213", "LONDON GB", "CARD 4417", "INV-20260", "ON 11 JUN", "#2290", "EUR 45.00",
          "NO.7 HIGH ST", "order 450/2", "10:32", "MONTHLY", "Unit 5", "VIA MOBILE")  # fmt: skip
_ZH_VERBS = ("转账", "跨行汇款", "代发工资", "消费", "结息", "网银转账", "货款",
             "手续费", "现金存入",
             "ATM取款", "退款", "缴费", "快捷支付", "工本费")  # fmt: skip
_ZH_NAMES = ("深圳市恒通贸易有限公司", "王小明", "京东商城", "中国石化加油站", "上海远洋物流",
             "李静", "国网电力", "华润万家超市", "北京云帆科技有限公司", "张伟")  # fmt: skip
_ZH_PARTS = ("6月房租", "合同2026-018", "尾号4417", "电子渠道", "第三季度", "材料款", "INV-20260")


def _texts(content: Content, rng: Random) -> Iterator[tuple[str, str]]:
    """(text, counterparty), again and again."""
    verbs, names, parts = (
        (_ZH_VERBS, _ZH_NAMES, _ZH_PARTS) if content.is_chinese else (_VERBS, _NAMES, _PARTS)
    )
    while True:
        name = rng.choice(names)
        more = rng.sample(parts, rng.randint(0, max(0, content.words - 2)))
        yield " ".join([rng.choice(verbs), name, *more][: content.words]), name
