"""What the counter says to its users: a code, Chinese and English on one line."""

from __future__ import annotations

from clerkwork.practice.slips import MESSAGES

_LABELS = {
    "account": "账号",
    "payee": "收款人",
    "amount": "金额",
    "purpose": "用途",
    "reference": "业务编号",
}


def notice(code: str, field: str = "") -> str:
    """The line that a page shows for `code` of MESSAGES, and the field it speaks of."""
    english, chinese = MESSAGES[code]
    line = f"CT{code} {chinese} {english}"
    return f"{line}: {_LABELS[field]}" if field else line


def holder_of(account: str) -> str:
    """Who holds an account: what the page completes while it is typed."""
    if not (len(account) == 10 and account.isascii() and account.isdigit()):
        return "无此账号"
    return f"{_HOLDERS[int(account) % len(_HOLDERS)]} {account[-4:]}"


_HOLDERS = ("基本存款账户", "一般存款账户", "专用存款账户", "临时存款账户", "个人结算账户")
