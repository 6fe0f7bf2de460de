"""The words that head columns, in English and Chinese, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clerkwork.read.values import unified

DATES = ("booked", "date", "value_date")
FIGURES = ("debit", "credit", "amount", "balance")
# What a wrapped cell may continue; the rest of a row stands on its first line.
WRITING = ("text", "reference", "counterparty", "type", "other")

_BETWEEN = ("and", "or")  # words between two names of one column
# Other ways to write a word of a head.
_SAME = {
    "txn": "transaction", "tran": "transaction", "trans": "transaction", "trn": "transaction",
    "amt": "amount", "amnt": "amount", "dt": "date", "val": "value", "valuta": "value",
    "bal": "balance", "ref": "reference", "no": "number", "nr": "number", "num": "number",
    "id": "number", "chq": "check", "cheque": "check", "chk": "check", "instrument": "check",
    "detail": "details", "particular": "particulars", "remark": "remarks",
    "narration": "narrative", "posting": "booking", "post": "booking", "posted": "booking",
    "process": "booking", "processed": "booking", "processing": "booking", "book": "booking",
    "entry": "booking", "booked": "booking", "withdrawals": "withdrawal", "deposits": "deposit",
    "debits": "debit", "credits": "credit", "payments": "payment", "receipts": "receipt",
    "amounts": "amount", "transactions": "transaction", "acct": "account", "ccy": "currency",
    "cur": "currency", "curr": "currency", "payor": "payer",
}  # fmt: skip
# role -> column heads; a head is the words of one cell without punctuation
_ENGLISH = {
    "booked": """booking; completed date; booking date; date booking; date paid; date credited;
        date debited; buchungstag""",
    "date": """date; datum; started date; transaction date; date transaction; trade date; day;
        date of transaction; date time; transaction date time""",
    "value_date": "value date; value; effective date; wert; wertstellung",
    "time": "time; transaction time; booking time",
    "text": """description; transaction description; details; transaction details; particulars;
        transaction particulars; narrative; transaction narrative; remarks; transaction remarks;
        memo; payment details; payment type and details; transaction; label; activity;
        verwendungszweck; description of transaction; details of transaction; booking text;
        transaction type and details; particulars of transaction; description and details;
        transaction reference details; buchungstext; comment; comments; text""",
    "reference": """reference; reference number; check number; number; transaction number;
        voucher number; trace number; customer reference; bank reference; our reference;
        transaction reference; check reference number; check; your reference;
        reference check number; check reference; document number; journal number""",
    "debit": """debit; debit amount; withdrawal; withdrawal amount; money out; paid out; out;
        payment; payment out; dr; amount debited; outflow; amount out; amount withdrawn; outgoing;
        charge; charges; soll; payment amount""",
    "credit": """credit; credit amount; deposit; deposit amount; money in; paid in; receipt; in;
        payment in; cr; amount credited; inflow; amount in; amount deposited; lodgement;
        lodgements; incoming; addition; additions; haben; receipt amount""",
    "amount": "amount; transaction amount; billing amount; sum; betrag; net amount; value amount",
    "flag": "d c; dr cr; c d; cr dr; debit credit; credit debit; db cr; sign; dc; cd; s h",
    "type": "type; transaction type; status; kind; payment type; transaction code",
    "balance": """balance; running balance; account balance; balance amount; ledger balance;
        booking balance; closing balance; ending balance; balance after transaction;
        balance after; current balance; available balance; balance outstanding; saldo""",
    "currency": "currency; billing currency; balance currency; transaction currency",
    "counterparty": """counterparty; counter party; counterparty name; beneficiary; payer; payee;
        remitter; beneficiary name; partner name; name; sender; recipient; payer name; payee name;
        beneficiary remitter; remitter beneficiary""",
    "account": "account; account number; bank account; own account; my account",
    "other": """category; branch; channel; teller; serial; iban; serial number;
        s number; sl number; sr number; s n; line number; branch code; init br; code; bic; seq;
        item; location; #; counterparty account""",
}
_HEADS: dict[tuple[str, ...], str] = {
    tuple(_SAME.get(word, word) for word in head.split()): role
    for role, heads in _ENGLISH.items()
    for head in heads.split(";")
}
LONGEST_HEAD = max(map(len, _HEADS)) + 1  # the Chinese word before the English ones
_HEAD_WORDS = {word for head in _HEADS for word in head} | _SAME.keys()

# The first pattern that is found in the head decides.
_CHINESE = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        (
            "counterparty",
            "(对方|对手|收款人|付款人|收付款人|收付方)(单位|账户|帐户)?(户名|名称|信息|姓名|全称)"
            "|^交易对[方手]$|^对方$",
        ),
        (
            "other",
            "对方|对手|序号|地点|场所|渠道|网点|机构|国家|地区|余额方向|钞汇|柜员(号|代码)?$",
        ),
        (
            "account",
            "^(本方|我方|本人|交易|客户)?(账号|帐号|账户|帐户|卡号|账号/?卡号|卡号/?账号)$",
        ),
        ("balance", "余额|结余|结存"),
        ("flag", "借贷|收支|方向|收付标志|支收"),
        ("credit", "收入|存入|贷方|转入|来账金额|收款金额|^贷$"),
        ("debit", "支出|支取|借方|转出|付出|取出|往账金额|付款金额|^借$"),
        ("value_date", "起息|生效日"),
        ("time", "时间"),
        ("booked", "(记账|入账|记帐|会计|过账)(日期?|时间)$"),
        ("date", "日期$|^(交易|业务|发生)日$"),
        ("currency", "币种|货币|币别"),
        ("amount", "金额|发生额|交易额"),
        ("reference", "流水号|凭证|参考号|单号|编号|日志号|传票号|票据号|票号"),
        ("type", "类型|种类"),
        ("text", "摘要|附言|备注|用途|说明|描述|详情|商品|交易名称|交易内容"),
    )
)
_LATIN_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_CHINESE_WORD = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff/（）()]*")
_LONGEST_CHINESE_HEAD = 12


def head_words(text: str) -> list[tuple[str, int, int]]:
    """The words in a piece of text that could head a column, with their place in it."""
    if text == "#":
        return [(text, 0, 1)]
    plain = text if text.isascii() else unified(text)
    if len(plain) != len(text):
        plain = text
    found = [*_LATIN_WORD.finditer(plain), *_CHINESE_WORD.finditer(plain)]
    return sorted(((m.group().lower(), m.start(), m.end()) for m in found), key=lambda w: w[1])


def role_of(words: tuple[str, ...]) -> str | None:
    """
    What a column with this head holds; None when the words head nothing known.

    A head in both languages is what its Chinese part is; a currency says nothing.

    >>> role_of(("value", "date")), role_of(("记账金额(收入)",)), role_of(("hello",))
    ('value_date', 'credit', None)
    >>> role_of(("余额", "available", "usd"))
    'balance'
    """
    chinese = [word for word in words if "\u4e00" <= word[0] <= "\u9fff"]
    if chinese:
        role = _chinese_role(chinese[0]) if len(chinese) == 1 else None
        if role or len(chinese) == len(words):
            return role
    latin = [_SAME.get(word, word) for word in words if word not in chinese]
    if len(latin) > 1 and currency_of(latin[-1]):
        latin.pop()
    return _HEADS.get(tuple(latin))


def role_of_cell(words: Sequence[str]) -> str | None:
    """
    What a column is whose head has several names in one cell, also in both languages.

    >>> role_of_cell(("ref", "no", "cheque", "no")), role_of_cell(("deposits", "and", "credits"))
    ('reference', 'credit')
    """
    chinese = "".join(word for word in words if not word.isascii())
    latin = [word for word in words if word.isascii()]
    whole = role_of((chinese, *latin) if chinese else tuple(latin))
    if whole or chinese:
        return whole
    rest, roles = [word for word in latin if word not in _BETWEEN], []
    while rest:
        size = next((n for n in range(len(rest), 0, -1) if role_of(tuple(rest[:n]))), 1)
        roles.append(role_of(tuple(rest[:size])))
        rest = rest[size:]
    if "text" in roles and set(roles) <= {"text", "counterparty", "reference"}:
        return "text"
    return roles[0] if len(set(roles)) == 1 else None


def may_head(word: str) -> bool:
    """Whether the word stands in any known head."""
    return word in _HEAD_WORDS or "\u4e00" <= word[0] <= "\u9fff"


def _chinese_role(head: str) -> str | None:
    plain = re.sub(r"[/（）()]", "", head)
    if len(plain) > _LONGEST_CHINESE_HEAD:
        return None
    return next((role for role, pattern in _CHINESE if pattern.search(plain)), None)


_DEBIT = r"s|soll|d|dr|debit|debits?|withdrawal|expense|out|借|借方|支|支出|付|往"
_CREDIT = r"h|haben|c|cr|credit|credits?|deposit|income|in|贷|贷方|收|收入|来"
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
_OUT = re.compile(
    r"\b(withdrawals?|debits?|(money|paid) out|(checks|cheques) paid)\b|支出|支取|借方",
    re.IGNORECASE,
)
_IN = re.compile(
    r"\b(deposits?|credits?|additions?|(money|paid) in)\b|收入|存入|贷方", re.IGNORECASE
)
_PENDING = re.compile(
    r"(?:pending|unposted|uncleared)(?: (?:transactions?|items?|activity|payments?))?(?:\s*\(.*\))?"
    r"|[待未]入账(?:交易|明细|记录)?|在途(?:交易|明细)",
    re.IGNORECASE,
)
_POSTED = re.compile(
    r"(?:posted|booked|cleared)(?: (?:transactions?|items?|activity))?|已入账(?:交易|明细|记录)?",
    re.IGNORECASE,
)
_DAILY = re.compile(
    r"(?:ending )?daily (?:(?:ending|ledger|closing|account) )?balances?"
    r"(?: (?:summary|details?|information))?|每日余额",
    re.IGNORECASE,
)
_LONGEST_TITLE = 8  # words


def title_says(title: str) -> str:
    """
    What the title over a table says of its rows: "out" or "in", "pending" (they are not
    booked yet) or "posted" (they are), "daily" (they are balances of days, no entries), ""
    for nothing of the kind.

    >>> title_says("Withdrawals and other debits"), title_says("待入账交易"), title_says("Hello")
    ('out', 'pending', '')
    """
    if len(title.split()) > _LONGEST_TITLE or title.endswith((".", "。")):
        return ""
    if _PENDING.fullmatch(title.strip(" :：")):
        return "pending"
    if _POSTED.fullmatch(title.strip(" :：")):
        return "posted"
    if _DAILY.fullmatch(title.strip(" :：")):
        return "daily"
    is_out, is_in = bool(_OUT.search(title)), bool(_IN.search(title))
    return "" if is_out == is_in else "out" if is_out else "in"


_CURRENCY_NAMES = {
    "人民币": "CNY", "RMB": "CNY", "美元": "USD", "港币": "HKD", "港元": "HKD", "欧元": "EUR",
    "英镑": "GBP", "日元": "JPY", "新加坡元": "SGD", "澳元": "AUD", "瑞士法郎": "CHF",
    "US$": "USD", "HK$": "HKD", "S$": "SGD", "A$": "AUD", "C$": "CAD", "NZ$": "NZD",
    "EURO": "EUR", "EUROS": "EUR", "美金": "USD", "加元": "CAD", "日圆": "JPY", "新台币": "TWD",
    "澳门元": "MOP", "韩元": "KRW", "泰铢": "THB", "纽元": "NZD", "瑞郎": "CHF", "卢布": "RUB",
    "YUAN": "CNY", "RENMINBI": "CNY", "STERLING": "GBP", "YEN": "JPY", "BAHT": "THB",
    "RINGGIT": "MYR", "NT$": "TWD", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW",
}  # fmt: skip
# ISO 4217: the currencies that statements come in.
_CODES = frozenset((
    "AED", "AUD", "BDT", "BHD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK",
    "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JOD", "JPY", "KES", "KRW", "KWD",
    "LAK", "LKR", "MAD", "MMK", "MOP", "MXN", "MYR", "NGN", "NOK", "NPR", "NZD", "OMR", "PEN",
    "PHP", "PKR", "PLN", "QAR", "RON", "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "TWD",
    "TZS", "UAH", "UGX", "USD", "VND", "XAF", "XOF", "ZAR",
))  # fmt: skip


# Signs that several currencies have, or one that has no other: what they may stand for.
_SIGNS = {
    "$": {"AUD", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "TWD", "USD"},
    "¥": {"CNY", "CNH", "JPY"}, "元": {"CNY", "CNH", "HKD", "MOP", "TWD"}, "RS": {"INR", "LKR",
    "NPR", "PKR"}, "฿": {"THB"}, "₫": {"VND"}, "₱": {"PHP"}, "₽": {"RUB"},
}  # fmt: skip


def sign_of(text: str) -> str:
    """
    The sign of a currency that stands alone in a text, as its key; "" for none.

    >>> sign_of("50.00元"), sign_of("￥5"), sign_of("HK$"), sign_of("美元")
    ('元', '¥', '', '')
    """
    found = _SIGN.search(unified(text))
    return found[0].rstrip(".").upper() if found else ""


_SIGN = re.compile(r"(?<![A-Za-z])\$|¥|(?<=[\d ])元|(?<![A-Za-z])Rs\.?(?![A-Za-z])|[฿₫₱₽]")


def may_stand_for(sign: str, currency: str) -> bool:
    """Whether a sign may be that of the currency; "" may be any."""
    return currency == "" or currency in _SIGNS[sign]


def currency_of(text: str) -> str:
    """
    The ISO 4217 code that a printed currency means, "" where it means several or none.

    >>> currency_of("人民币"), currency_of("SGD"), currency_of("$")
    ('CNY', 'SGD', '')
    """
    plain = unified(text).strip().upper()
    known = _CURRENCY_NAMES.get(plain)
    return known or (plain if plain in _CODES else "")
