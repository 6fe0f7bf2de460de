"""What the ledger says to its users: a code, English and Chinese on one line, old style."""

from __future__ import annotations

NOTICES = {
    "LG0001": "Voucher posted 已记账: {number}",
    "LG0002": "Voucher held for authorisation 待授权: {number}",
    "LG0003": "No voucher with reference 无此编号的凭证: {reference}",
    "LG0004": "{count} voucher(s) with reference 查得凭证: {reference}",
    "LG0005": "Voucher released 已授权记账: {number}",
    "LG0006": "Signed off 已退出",
    "LG1001": "Operator or password wrong 操作员号或密码错误",
    "LG1002": "Session expired, nothing was booked 会话超时，未记账",
    "LG1003": "Not permitted for operator 操作员无此权限: {operator}",
    "LG1004": "Accounting date not open 会计日期未开放: {value}",
    "LG1005": "Amount is not a number 金额不是数字: {value}",
    "LG1006": "Unknown currency 币种不存在: {value}",
    "LG1007": "Unknown account 账号不存在: {value}",
    "LG1008": "Debit and credit account are the same 借贷账号相同: {value}",
    "LG1009": "Red voucher without original voucher 红字凭证缺原凭证号",
    "LG1010": "Amount negative in blue, or not in red 红字金额须为负，蓝字须为正: {value}",
    "LG1011": "Field is empty 栏位未填: {field}",
    "LG1012": "Field is too long 栏位超长: {field}",
    "LG1013": "Character cannot be stored 含无法存储的字符: {field}",
    "LG1014": "Account not kept in this currency 账号币种不符: {value}",
    "LG1015": "Colour is neither blue nor red 红蓝标志错误: {value}",
    "LG1016": "No such voucher is held 无此待授权凭证: {number}",
}


def notice(code: str, **facts: object) -> str:
    """The line that a page shows for `code`."""
    return f"{code} {NOTICES[code].format(**facts)}"


class Rejected(Exception):
    """The ledger says no; `args[0]` is the line for the page. Nothing was stored."""

    def __init__(self, code: str, **facts: object):
        super().__init__(notice(code, **facts))
