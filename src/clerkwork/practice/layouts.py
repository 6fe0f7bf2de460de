"""What the three correspondents print: their columns, their words, their way to write a date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from reportlab.lib.pagesizes import A4, letter
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont

from clerkwork.practice.books import StatementLine
from clerkwork.practice.paper import Column, Layout

# A font of Adobe's Chinese collection: it needs no file here, every viewer has one for it.
_SONG = "STSong-Light"
registerFont(UnicodeCIDFont(_SONG))
_MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"


@dataclass(frozen=True)
class Words:
    """The words of one correspondent's statement; `write` writes a day."""

    write: Callable[[date], str]
    account: str
    holder: tuple[str, str]
    currency: str
    period: str
    opening: str
    closing: str  # {day}
    later: str
    debits: str  # {count}
    credits: str  # {count}
    excluded: str


def american(day: date) -> str:
    """
    A day as Meridian prints it, whatever the locale.

    >>> american(date(2026, 6, 11))
    '11 JUN 2026'
    """
    start = day.month * 3 - 3
    return f"{day:%d} {_MONTHS[start : start + 3]} {day:%Y}"


def _dotted(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _time(line: StatementLine) -> str:
    return f"{line.at:%H:%M:%S}"


def _amount(line: StatementLine) -> str:
    return f"{line.amount:,.2f}"


def _in_column(side: str) -> Callable[[StatementLine], str]:
    return lambda line: _amount(line) if line.side == side else ""


def _balance(line: StatementLine) -> str:
    return f"{line.balance:,.2f}"


def _reference(line: StatementLine) -> str:
    return line.reference


def _text(line: StatementLine) -> str:
    return line.text


MERIDIAN = Layout(
    size=letter,
    bank="MERIDIAN BANK, N.A., NEW YORK",
    title="CORRESPONDENT ACCOUNT STATEMENT",
    columns=(
        Column("DATE", 47, lambda line: american(line.on)),
        Column("TIME", 35, _time),
        Column("VALUE", 47, lambda line: american(line.value_date)),
        Column("DESCRIPTION", 186, _text, wraps=True),
        Column("REFERENCE", 65, _reference),
        Column("DEBIT", 53, _in_column("D"), "r"),
        Column("CREDIT", 53, _in_column("C"), "r"),
        Column("BALANCE", 62, _balance, "r"),
    ),
    font="Helvetica",
    bold="Helvetica-Bold",
    page="PAGE {page} OF {pages}",
    copy="   COPY {copy}",
    ruled=True,
)
RHENANE = Layout(
    size=A4,
    bank="Banque Rhénane S.A., Luxembourg",
    title="Statement of account",
    columns=(
        Column("Booked", 42, lambda line: _dotted(line.on)),
        Column("Time", 34, _time),
        Column("Details", 204, _text),
        Column("Reference", 58, _reference),
        Column("Value", 42, lambda line: _dotted(line.value_date)),
        Column("Debit", 47, _in_column("D"), "r"),
        Column("Credit", 46, _in_column("C"), "r"),
        Column("Balance", 58, _balance, "r"),
    ),
    font="Helvetica",
    bold="Helvetica-Bold",
    page="Page {page} of {pages}",
    copy="   Copy {copy}",
    ruled=False,
    forwards=("Balance carried forward", "Balance brought forward"),
)
HUADONG = Layout(
    size=A4,
    bank="华东城市银行股份有限公司",
    title="同业存放对账单",
    columns=(
        Column("日期", 48, lambda line: line.on.isoformat()),
        Column("时间", 40, _time),
        Column("起息日", 48, lambda line: line.value_date.isoformat()),
        Column("流水号", 78, _reference),
        Column("摘要", 156, _text),
        Column("借/贷", 26, lambda line: "贷" if line.side == "C" else "借"),
        Column("发生额", 62, _amount, "r"),
        Column("余额", 72, _balance, "r"),
    ),
    font=_SONG,
    bold=_SONG,
    page="第 {page} 页 共 {pages} 页",
    copy="   第 {copy} 次补打",
    ruled=True,
    forwards=("过次页", "承前页"),
)

PAPERS = {
    "meridian": (
        MERIDIAN,
        Words(
            write=american,
            account="ACCOUNT NO.",
            holder=("ACCOUNT HOLDER", "PENGCHENG PRACTICE BANK"),
            currency="CURRENCY",
            period="PERIOD",
            opening="OPENING BALANCE",
            closing="CLOSING BALANCE AS OF {day}",
            later="ENTRIES BOOKED AFTER THE STATEMENT DATE (NOT IN THE CLOSING BALANCE)",
            debits="TOTAL DEBITS ({count} ENTRIES)",
            credits="TOTAL CREDITS ({count} ENTRIES)",
            excluded="TOTALS ARE THOSE OF THE STATEMENT DATE. REPORT DIFFERENCES IN 14 DAYS.",
        ),
    ),
    "rhenane": (
        RHENANE,
        Words(
            write=_dotted,
            account="Account (IBAN)",
            holder=("Account holder", "Pengcheng Practice Bank"),
            currency="Currency",
            period="Period",
            opening="Opening balance",
            closing="Closing balance as of {day}",
            later="Entries booked after the statement date, for information",
            debits="Total debits ({count} entries)",
            credits="Total credits ({count} entries)",
            excluded="Totals do not include entries booked after the statement date.",
        ),
    ),
    "huadong": (
        HUADONG,
        Words(
            write=date.isoformat,
            account="账号",
            holder=("户名", "鹏城演练银行"),
            currency="币种",
            period="对账期间",
            opening="期初余额",
            closing="期末余额（截至 {day}）",
            later="以下为对账日后入账明细，不计入期末余额",
            debits="借方发生额合计（{count} 笔）",
            credits="贷方发生额合计（{count} 笔）",
            excluded="合计仅含对账日当日发生额。如有不符，请于收到之日起十日内函告。",
        ),
    ),
}
