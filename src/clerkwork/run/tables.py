"""The tables of a run's report, from its plan and its items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from clerkwork.facts import Column, Entry, Plan, Receipt, Table, from_minor
from clerkwork.facts.because import because
from clerkwork.facts.codec import from_json
from clerkwork.run.items import instruction_of

STATES = {
    "new": ("new", "待处理"),
    "waiting": ("waiting", "待审批"),
    "approved": ("approved", "已审批"),
    "keying": ("keying", "录入中"),
    "keyed": ("keyed", "已录入"),
    "confirmed": ("confirmed", "已记账"),
    "refused": ("refused", "已拒绝"),
    "excepted": ("excepted", "异常"),
    "in_doubt": ("in doubt", "待核实"),
    "abandoned": ("abandoned", "已作废"),
}

# What cells say, in both languages: sides, kinds of instructions, colours, sources of entries.
WORDS = {
    "ours": ("ours", "我方"),
    "theirs": ("theirs", "对方"),
    "fee": ("fee", "手续费"),
    "suspense": ("suspense", "挂账"),
    "suspense_clearing": ("clearing of suspense", "销账"),
    "reversal": ("reversal", "冲正"),
    "correction": ("correct entry", "更正"),
    "write_off": ("write-off", "差额转销"),
    "hand_difference": ("difference of a match by hand", "手工勾对差额"),
    "cash_over": ("cash over", "长款"),
    "cash_short": ("cash short", "短款"),
    "red": ("red", "红字"),
    "blue": ("blue", "蓝字"),
    "journal": ("journal", "流水"),
    "statement": ("statement", "对账单"),
    "cash journal": ("cash journal", "现金流水"),
    "open breaks": ("open breaks", "未清不符项"),
}


def said(word: str, language: str) -> str:
    """A word of `WORDS` in `language`, an account behind it kept; others stay as they are."""
    head, _, account = word.rpartition(" ")
    if account.isdigit():
        return f"{said(head, language)} {account}"
    return WORDS.get(word, (word, word))[1 if language == "zh" else 0]


_ACCOUNT = Column("account", "Account", "账号")
_CURRENCY = Column("currency", "Currency", "币种")
_DATE = Column("accounting_date", "Accounting date", "会计日期", "date")
_AMOUNT = Column("amount", "Amount", "金额", "amount")
_REFERENCE = Column("reference", "Reference", "参考号")
_TEXT = Column("text", "Text", "摘要")
_RULE = Column("rule", "Rule", "勾对规则")
_BECAUSE = Column("because", "Because", "依据")
_STATE = Column("state", "State", "状态")


def tables(plan: Plan, items: Sequence[Any], language: str) -> tuple[Table, ...]:
    """All tables in the order of the report; texts of cells in `language`."""
    return (
        _matches(plan, "confirmed", "matched", "Matched", "已勾对", language),
        _matches(plan, "suggested", "suggested", "Suggested matches", "待确认勾对", language),
        _breaks(plan, language),
        _vouchers(items, language),
        _totals(plan, language),
        _items_totals(items, language),
        _exceptions(plan, language),
    )


def _matches(plan: Plan, status: str, name: str, en: str, zh: str, language: str) -> Table:
    ours, theirs = _by_id(plan, "left"), _by_id(plan, "right")

    def rows() -> Iterator[tuple[object, ...]]:
        for number, match in enumerate((m for m in plan.matches if m.status == status), start=1):
            for side, ids, entries in (("ours", match.left, ours), ("theirs", match.right, theirs)):
                for entry in (entries[one] for one in ids):
                    why = _why(match.because, language)
                    yield (number, said(side, language), *_entry(entry), match.rule, why)

    columns = (
        Column("match", "Match", "勾对号", "count"),
        Column("side", "Side", "方"),
        *(_ACCOUNT, _CURRENCY, _DATE, _AMOUNT, _REFERENCE, _TEXT, _RULE, _BECAUSE),
    )
    return Table(name, en, zh, columns, tuple(rows()))


def _why(sentences: Sequence[str], language: str) -> str:
    return ("；" if language == "zh" else "; ").join(because(one, language) for one in sentences)


def _by_id(plan: Plan, side: str) -> dict[str, Entry]:
    """One side's entries by id, those of open breaks too; both sides may use the same ids."""
    entries = {entry.id: entry for entry in (plan.left if side == "left" else plan.right)}
    for item in (*plan.breaks, *plan.cleared):
        own, other = (item.entry, item.counterpart)
        entry = own if item.side == side else other
        if entry is not None:
            entries.setdefault(entry.id, entry)
    return entries


def _entry(entry: Entry) -> tuple[object, ...]:
    return (
        entry.account,
        entry.currency,
        entry.accounting_date,
        entry.amount,
        entry.reference,
        entry.text,
    )


def _breaks(plan: Plan, language: str) -> Table:
    which = 1 if language == "zh" else 0
    rows = [
        (
            plan.reason_names.get(item.reason, (item.reason, item.reason))[which],
            plan.treatment_names.get(item.reason, ("", ""))[which],
            (plan.business_date - item.since).days,
            *_entry(item.entry),
            item.difference,
            item.counterpart.amount if item.counterpart else None,
            ", ".join(item.references),
            because(item.because, language),
        )
        for item in plan.breaks
    ]
    columns = (
        Column("reason", "Reason", "原因"),
        Column("treatment", "Treatment", "处理"),
        Column("age", "Age (days)", "账龄（天）", "count"),
        *(_ACCOUNT, _CURRENCY, _DATE, _AMOUNT, _REFERENCE, _TEXT),
        Column("difference", "Difference", "差额", "amount"),
        Column("counterpart", "Counterpart", "对方金额", "amount"),
        Column("instructions", "Instructions", "录入指令"),
        _BECAUSE,
    )
    return Table("breaks", "Breaks", "不符项", columns, tuple(rows))


def _vouchers(items: Sequence[Any], language: str) -> Table:
    which = 1 if language == "zh" else 0
    rows = []
    for item in items:
        fields = instruction_of(item).fields
        receipt = from_json(Receipt, item.receipt) if item.receipt else None
        rows.append(
            (
                item.id,
                STATES[item.state][which],
                said(item.kind, language),
                item.currency,
                from_minor(item.amount_minor, item.currency),
                fields.get("debit_account", ""),
                fields.get("credit_account", ""),
                said(fields.get("colour", ""), language),
                fields.get("narrative", ""),
                item.reference,
                receipt.number if receipt else "",
            )
        )
    columns = (
        Column("item", "Item", "业务件"),
        _STATE,
        Column("kind", "Kind", "种类"),
        *(_CURRENCY, _AMOUNT),
        Column("debit", "Debit", "借方"),
        Column("credit", "Credit", "贷方"),
        Column("colour", "Red/blue", "红蓝字"),
        Column("narrative", "Narrative", "摘要"),
        _REFERENCE,
        Column("receipt", "Receipt", "记账回执"),
    )
    return Table("vouchers", "Vouchers", "凭证", columns, tuple(rows))


def _totals(plan: Plan, language: str) -> Table:
    parts = ("entries", "matched", "suggested", "breaks", "refused")
    rows = [
        (
            said(t.source, language),
            t.currency,
            *(value for part in parts for value in getattr(t, part)),
        )
        for t in plan.totals
    ]
    names = (
        ("entries", "Entries", "明细"),
        ("matched", "Matched", "已勾对"),
        ("suggested", "Suggested", "待确认"),
        ("breaks", "Breaks", "不符项"),
        ("refused", "Refused", "拒收"),
    )
    columns = [Column("source", "Source", "来源"), _CURRENCY]
    for name, en, zh in names:
        columns.append(Column(name, en, f"{zh}笔数", "count"))
        columns.append(Column(f"{name}_amount", f"{en} amount", f"{zh}金额", "amount"))
    return Table("totals", "Control totals", "总笔数、总金额核对", tuple(columns), tuple(rows))


def _items_totals(items: Sequence[Any], language: str) -> Table:
    which = 1 if language == "zh" else 0
    sums: dict[tuple[str, str, str], list[int]] = {}
    for item in items:
        count = sums.setdefault((item.target, item.currency, item.state), [0, 0])
        count[0] += 1
        count[1] += item.amount_minor
    rows = [
        (target, STATES[state][which], currency, count, from_minor(minor, currency))
        for (target, currency, state), (count, minor) in sorted(sums.items())
    ]
    columns = (
        Column("target", "Target", "业务系统"),
        _STATE,
        _CURRENCY,
        Column("count", "Items", "业务件数", "count"),
        _AMOUNT,
    )
    return Table("planned", "Planned and what became of it", "录入指令去向", columns, tuple(rows))


def _exceptions(plan: Plan, language: str) -> Table:
    rows = [(e.source, e.code, e.zh if language == "zh" else e.en) for e in plan.exceptions]
    rows += [("-", "UNPROVEN", line) for line in plan.unproven]
    columns = (
        Column("source", "Source", "来源"),
        Column("code", "Code", "代码"),
        Column("text", "What a person must settle", "需人工处理"),
    )
    return Table("exceptions", "Exceptions", "异常件", columns, tuple(rows))
