"""The words that stand on a report, in both languages."""

from __future__ import annotations

Language = str  # "en" or "zh"

WORDS: dict[str, tuple[str, str]] = {
    "statement": ("Balance reconciliation statement", "余额调节表"),
    "statement_tab": ("Balance reconciliation", "余额调节表"),
    "cash": ("Cash check: journal against vault count", "账实核对表"),
    "summary": ("Summary", "汇总"),
    "business_date": ("Accounting date", "会计日期"),
    "run": ("Run", "运行编号"),
    "account": ("Account", "账号"),
    "account_name": ("Account name", "户名"),
    "currency": ("Currency", "币种"),
    "as_of": ("As of", "截止日期"),
    "our_books": ("Our books", "我行账"),
    "their_books": ("Their statement", "对方对账单"),
    "date": ("Date", "日期"),
    "reference": ("Reference", "参考号"),
    "particulars": ("Particulars", "摘要"),
    "amount": ("Amount", "金额"),
    "our_balance": ("Balance in our books", "我行账面余额"),
    "their_balance": ("Balance in their statement", "对方对账单余额"),
    "add_ours": ("Add: received by them, not yet by us", "加：对方已收、我行未收"),
    "less_ours": ("Less: paid by them, not yet by us", "减：对方已付、我行未付"),
    "add_theirs": ("Add: received by us, not yet by them", "加：我行已收、对方未收"),
    "less_theirs": ("Less: paid by us, not yet by them", "减：我行已付、对方未付"),
    "errors": ("Errors awaiting correction (+ / −)", "待更正差错（增／减）"),
    "adjusted": ("Adjusted balance", "调节后余额"),
    "difference": ("Difference", "差额"),
    "result": ("Result", "核对结果"),
    "equal": ("Equal", "相符"),
    "unequal": ("Not equal", "不符"),
    "none": ("none", "无"),
    "nothing": ("Nothing to show.", "无记录。"),
    "teller": ("Teller", "柜员"),
    "book": ("Book balance", "账面余额"),
    "counted": ("Counted", "实点金额"),
    "over": ("Over", "长款"),
    "short": ("Short", "短款"),
    "prepared": ("Prepared by", "经办"),
    "checked": ("Checked by", "复核"),
    "authorised": ("Authorised by", "授权"),
    "signed_on": ("Date", "日期"),
    "page": ("Page &P of &N", "第 &P 页，共 &N 页"),
    "part": ("part", "续"),
}


def word(name: str, language: Language) -> str:
    """The word `name` in `language`."""
    return chosen(WORDS[name], language)


def chosen(texts: tuple[str, str], language: Language) -> str:
    """The one of an (English, Chinese) pair that `language` asks for."""
    return texts[0] if language == "en" else texts[1]
