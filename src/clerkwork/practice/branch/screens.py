"""The screens of the branch, 24 by 80, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clerkwork.practice.branch.form import Entry, Form, Text
from clerkwork.practice.slips import LENGTHS, Slip, cells
from clerkwork.practice.world import BRANCH

LABELS = {
    "account": "收款账号",
    "payee": "收款人",
    "amount": "金额",
    "purpose": "用途",
    "reference": "编号",
}
_LABEL, _VALUE = 6, 20
_CHOICES = (("F2", "凭条录入"), ("F4", "凭条查询"), ("F6", "凭条清单"))


def sign_on(message: str) -> Form:
    """Operator and password; the password is shown as stars."""
    return Form(
        "BR01", "登录", "Enter=登录",
        (Text(10, _LABEL, "操作员号"), Text(12, _LABEL, "密码")),
        (Entry("operator", 10, _VALUE, 8), Entry("password", 12, _VALUE, 8, is_hidden=True)),
        message,
    )  # fmt: skip


def password_expired(message: str) -> Form:
    """A new password is wanted; the practice bank lets nobody set one."""
    return Form(
        "BR02", "修改密码", "Enter=确定 F12=签退", (Text(10, _LABEL, "新密码"),),
        (Entry("password", 10, _VALUE, 8, is_hidden=True),), message,
    )  # fmt: skip


def menu(operator: str, message: str, *, is_moved: bool = False) -> Form:
    """What there is to do; `is_moved`: the choices stand elsewhere and their keys too."""
    names = [name for _, name in _CHOICES]
    if is_moved:
        names = names[1:] + names[:1]
    choices = tuple(
        Text(8 + 2 * place, _VALUE, f"{key}  {name}")
        for place, ((key, _), name) in enumerate(zip(_CHOICES, names, strict=True))
    )
    return Form(
        "BR10", "主菜单", "F12=签退",
        (Text(4, _LABEL, "操作员号"), Text(4, _VALUE, operator), *choices), (), message,
    )  # fmt: skip


def slip(typed: Mapping[str, str], message: str, *, reference_takes: int = 0) -> Form:
    """The slip to be filled, with what was typed before."""
    texts = [Text(4, _LABEL, "网点"), Text(4, _VALUE, BRANCH)]
    entries = []
    for place, (name, room) in enumerate(LENGTHS.items()):
        row = 7 + 2 * place
        texts.append(Text(row, _LABEL, LABELS[name]))
        takes = reference_takes if name == "reference" else 0
        entries.append(Entry(name, row, _VALUE, room, typed.get(name, ""), takes=takes))
    keys = "F5=记账 F3=返回 F12=签退"
    return Form("BR20", "凭条录入", keys, tuple(texts), tuple(entries), message)


def _stored(slip: Slip | None, first_row: int) -> tuple[Text, ...]:
    """Number and fields of a stored slip, a row each; blank when there is none."""
    named = {"number": "凭条号"} | LABELS
    return tuple(
        text
        for place, (name, label) in enumerate(named.items())
        for text in (
            Text(first_row + 2 * place, _LABEL, label),
            Text(first_row + 2 * place, _VALUE, str(getattr(slip, name)) if slip else ""),
        )
    )


def posted(slip: Slip, message: str) -> Form:
    """The slip as it was stored."""
    return Form("BR21", "已记账", "F3=返回 F12=签退 ", _stored(slip, 5), (), message)


def search(message: str) -> Form:
    """Which reference to look for."""
    entry = Entry("reference", 8, _VALUE, LENGTHS["reference"])
    keys = "Enter=查询 F3=返回 F12=签退"
    return Form(
        "BR30", "凭条查询", keys, (Text(8, _LABEL, LABELS["reference"]),), (entry,), message
    )


def found(asked: str, slips: Sequence[Slip], message: str) -> Form:
    """How many slips have the reference, and the first of them."""
    head = (
        Text(4, _LABEL, "查询编号"), Text(4, _VALUE, asked),
        Text(4, 50, "笔数"), Text(4, 56, str(len(slips))),
    )  # fmt: skip
    texts = head + _stored(slips[0] if slips else None, 7)
    return Form("BR31", "查询结果", "F3=返回 F12=签退", texts, (), message)


def listed(slips: Sequence[Slip], page: int, pages: int, message: str) -> Form:
    """One page of all slips."""
    texts = [
        Text(3, _LABEL, "页"), Text(3, 10, str(page)), Text(3, 14, "/"), Text(3, 16, str(pages)),
        Text(5, 2, "凭条号"), Text(5, 12, "收款账号"), Text(5, 24, "收款人"),
        Text(5, 50, "金额"), Text(5, 64, "编号"),
    ]  # fmt: skip
    for place, each in enumerate(slips):
        row = 7 + place
        amount = each.amount.rjust(16)
        texts += [
            Text(row, 2, each.number), Text(row, 12, each.account), Text(row, 23, each.payee),
            Text(row, 47, amount), Text(row, 64, each.reference),
        ]  # fmt: skip
    assert all(cells(each.payee) <= LENGTHS["payee"] for each in slips)
    return Form("BR40", "凭条清单", "F8=下页 F3=返回 F12=签退", tuple(texts), (), message)


def error(message: str) -> Form:
    """The system has failed."""
    texts = (Text(10, _LABEL, "系统错误，请联系科技部门"),)
    return Form("BR90", "系统错误", "F3=返回", texts, (), message)
