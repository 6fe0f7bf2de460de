"""The chart of accounts (科目表) of branch 0755, as the ledger knows it."""

from __future__ import annotations

ACCOUNTS = {
    "1001156101": "Cash CNY teller T01 现金人民币",
    "1001156102": "Cash CNY teller T02 现金人民币",
    "1001156103": "Cash CNY teller T03 现金人民币",
    "1001840101": "Cash USD teller T04 现金美元",
    "1011156001": "Nostro CNY Huadong 存放同业人民币",
    "1011840001": "Nostro USD Meridian 存放同业美元",
    "1011978001": "Nostro EUR Rhenane 存放同业欧元",
    "1221000001": "Cash short 短款",
    "1221000009": "Suspense, receivable 挂账（应收）",
    "2241000001": "Cash over 长款",
    "2241000009": "Suspense, payable 挂账（应付）",
    "2431000001": "Clearing 待清算",
    "6301000001": "Difference income 营业外收入",
    "6421000001": "Fee expense 手续费支出",
    "6711000001": "Difference expense 营业外支出",
}

CURRENCIES = {"CNY": "156", "EUR": "978", "USD": "840"}
_ANY_CURRENCY = "000"


def takes(account: str, currency: str) -> bool:
    """Whether `account` is kept in `currency`: digits 5 to 7 are its ISO 4217 number."""
    return account[4:7] in (_ANY_CURRENCY, CURRENCIES[currency])
