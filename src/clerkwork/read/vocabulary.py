"""The words that head columns, in English and Chinese, and what they mean."""

from __future__ import annotations

import re

from clerkwork.read.values import unified

DATES = ("booked", "date", "value_date")
FIGURES = ("debit", "credit", "amount", "balance")
# What a wrapped cell may continue; the rest of a row stands on its first line.
WRITING = ("text", "reference", "counterparty", "type", "other")

# role -> column heads; a head is the words of one cell without punctuation
_ENGLISH = {
    "booked": """booked; book date; booking date; posting date; post date; posted; posted date;
        date posted; entry date; date paid; date credited; date debited; buchungstag""",
    "date": "date; transaction date; trans date; tran date; txn date; trade date; day",
    "value_date": "value date; value; val date; value dt; effective date",
    "time": "time; transaction time",
    "text": """description; transaction description; details; transaction details; particulars;
        narrative; narration; remarks; memo; payment details; transaction; transactions; label;
        activity; detail; verwendungszweck; description of transaction""",
    "reference": """reference; ref; ref no; reference no; reference number; check number;
        cheque number; check no; cheque no; chq no; no; transaction id; voucher no; trace no;
        customer reference; bank reference; our reference""",
    "debit": """debit; debits; debit amount; debit amt; withdrawal; withdrawals; withdrawal amount;
        withdrawal amt; money out; paid out; out; payments; dr; amount debited; outflow""",
    "credit": """credit; credits; credit amount; credit amt; deposit; deposits; deposit amount;
        deposit amt; money in; paid in; in; receipts; cr; amount credited; inflow""",
    "amount": "amount; amounts; transaction amount; billing amount; amt; sum; betrag; net amount",
    "flag": "d c; dr cr; c d; cr dr; debit credit; db cr; sign",
    "type": "type; transaction type; status; kind",
    "balance": """balance; running balance; account balance; balance amount; ledger balance;
        book balance; closing balance; ending balance""",
    "currency": "currency; ccy; cur; billing currency; balance currency; transaction currency",
    "counterparty": "counterparty; counter party; beneficiary; partner name; payer; payee; name",
    "other": "category; branch; channel; teller; bank account; serial; iban",
}
_HEADS: dict[tuple[str, ...], str] = {
    tuple(head.split()): role for role, heads in _ENGLISH.items() for head in heads.split(";")
}
LONGEST_HEAD = max(map(len, _HEADS))
_HEAD_WORDS = {word for head in _HEADS for word in head}

# The first pattern that is found in the head decides.
_CHINESE = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        ("counterparty", "(对方|对手|收款人|付款人)(账户)?(户名|名称|信息|姓名)|^交易对方$"),
        ("other", "对方|对手|序号|地点|场所|渠道|网点|柜员|国家|地区|余额方向"),
        ("balance", "余额|结余"),
        ("flag", "借贷|收支|方向"),
        ("credit", "收入|存入|贷方|转入|来账金额"),
        ("debit", "支出|支取|借方|转出|付出|往账金额"),
        ("value_date", "起息"),
        ("time", "时间"),
        ("booked", "(记账|入账|记帐|会计|过账)(日期?|时间)$"),
        ("date", "日期$|^交易日$"),
        ("currency", "币种|货币|币别"),
        ("amount", "金额|发生额"),
        ("reference", "流水号|凭证|参考号|单号|编号|日志号"),
        ("type", "类型|种类"),
        ("text", "摘要|附言|备注|用途|说明|描述|详情|商品|交易名称"),
    )
)
_LATIN_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_CHINESE_WORD = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff/（）()]*")
_LONGEST_CHINESE_HEAD = 12


def head_words(text: str) -> list[tuple[str, int, int]]:
    """The words in a piece of text that could head a column, with their place in it."""
    plain = text if text.isascii() else unified(text)
    if len(plain) != len(text):
        plain = text
    found = [*_LATIN_WORD.finditer(plain), *_CHINESE_WORD.finditer(plain)]
    return sorted(((m.group().lower(), m.start(), m.end()) for m in found), key=lambda w: w[1])


def role_of(words: tuple[str, ...]) -> str | None:
    """
    What a column with this head holds; None when the words head nothing known.

    >>> role_of(("value", "date")), role_of(("记账金额(收入)",)), role_of(("hello",))
    ('value_date', 'credit', None)
    """
    if len(words) == 1 and "\u4e00" <= words[0][0] <= "\u9fff":
        return _chinese_role(words[0])
    return _HEADS.get(words)


def may_head(word: str) -> bool:
    """Whether the word stands in any known head."""
    return word in _HEAD_WORDS or "\u4e00" <= word[0] <= "\u9fff"


def _chinese_role(head: str) -> str | None:
    plain = re.sub(r"[/（）()]", "", head)
    if len(plain) > _LONGEST_CHINESE_HEAD:
        return None
    return next((role for role, pattern in _CHINESE if pattern.search(plain)), None)


_DEBIT = r"d|dr|debit|debits?|withdrawal|expense|out|借|借方|支|支出|付|往"
_CREDIT = r"c|cr|credit|credits?|deposit|income|in|贷|贷方|收|收入|来"
_DEBIT_FLAG = re.compile(rf"(?:{_DEBIT})(?:[ /](?:{_DEBIT}))?", re.IGNORECASE)
_CREDIT_FLAG = re.compile(rf"(?:{_CREDIT})(?:[ /](?:{_CREDIT}))?", re.IGNORECASE)


def side_of(flag: str) -> str | None:
    """
    "debit" or "credit" for what stands in a flag column, None for anything else.

    >>> side_of("借 Dr"), side_of("DEPOSIT"), side_of("存款利息")
    ('debit', 'credit', None)
    """
    plain = unified(flag).strip(" .()")
    if _DEBIT_FLAG.fullmatch(plain):
        return "debit"
    return "credit" if _CREDIT_FLAG.fullmatch(plain) else None


_NEITHER = re.compile(r"/|不计收支|中性(?:交易)?|neutral", re.IGNORECASE)


def is_neutral(flag: str) -> bool:
    """Whether a flag says that the source counts the row neither as income nor as expense."""
    return bool(_NEITHER.fullmatch(unified(flag).strip()))


# Words over a table of unsigned amounts that say that all of them go out.
_OUT = re.compile(r"\b(withdrawals?|debits?|(checks|cheques) paid)\b|支出|支取", re.IGNORECASE)
_IN = re.compile(r"\b(deposits?|credits?|additions?)\b|收入|存入", re.IGNORECASE)


def is_outgoing(title: str) -> bool:
    """Whether the title over a table says that its amounts are paid out."""
    return bool(_OUT.search(title)) and not _IN.search(title)


_CURRENCY_NAMES = {
    "人民币": "CNY", "RMB": "CNY", "美元": "USD", "港币": "HKD", "港元": "HKD", "欧元": "EUR",
    "英镑": "GBP", "日元": "JPY", "新加坡元": "SGD", "澳元": "AUD", "瑞士法郎": "CHF",
    "US$": "USD", "HK$": "HKD", "S$": "SGD", "A$": "AUD", "C$": "CAD", "NZ$": "NZD",
    "NT$": "TWD", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW",
}  # fmt: skip
# ISO 4217: the currencies that statements come in.
_CODES = frozenset((
    "AED", "AUD", "BDT", "BHD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK",
    "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JOD", "JPY", "KES", "KRW", "KWD",
    "LAK", "LKR", "MAD", "MMK", "MOP", "MXN", "MYR", "NGN", "NOK", "NPR", "NZD", "OMR", "PEN",
    "PHP", "PKR", "PLN", "QAR", "RON", "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "TWD",
    "TZS", "UAH", "UGX", "USD", "VND", "XAF", "XOF", "ZAR",
))  # fmt: skip


def currency_of(text: str) -> str:
    """
    The ISO 4217 code that a printed currency means, "" where it means several or none.

    >>> currency_of("人民币"), currency_of("SGD"), currency_of("$")
    ('CNY', 'SGD', '')
    """
    plain = unified(text).strip().upper()
    known = _CURRENCY_NAMES.get(plain)
    return known or (plain if plain in _CODES else "")
