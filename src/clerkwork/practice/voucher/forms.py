"""The windows of the voucher program as data: what stands in each, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clerkwork.practice.slips import LENGTHS, MESSAGES, Slip, page_of

CAPTIONS = {
    "account": "账号",
    "payee": "收款人",
    "amount": "金额",
    "purpose": "用途",
    "reference": "业务编号",
}
COLUMNS = ("凭条号", "账号", "收款人", "金额", "业务编号")
OFF = ("签退", "sign_off")
BACK = ("返回", "back")
_TRUNCATED = 12


@dataclass(frozen=True)
class Box:
    """A box with its caption; `limit` is how many characters it takes."""

    name: str
    caption: str
    value: str = ""
    limit: int = 0
    is_open: bool = False
    is_secret: bool = False


@dataclass(frozen=True)
class Form:
    """A window: title, boxes, buttons (caption, action), menus, a table, and what it says."""

    title: str
    boxes: tuple[Box, ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()
    menus: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    rows: Sequence[tuple[str, ...]] | None = None
    message: str = ""
    kind: str = "window"  # "window", "dialog" or "alert"


def say(code: str, field: str = "") -> str:
    """What the program says for `code` of MESSAGES."""
    about = f"：{CAPTIONS[field]}" if field else ""
    return f"VD{code} {MESSAGES[code][1]}{about}"


def sign_on(message: str) -> Form:
    """Who are you?"""
    boxes = (
        Box("operator", "操作员号", limit=12, is_open=True),
        Box("password", "密码", limit=64, is_open=True, is_secret=True),
    )
    return Form("凭条系统 登录", boxes, (("登录", "enter"),), message=message)


def password_expired(operator: str) -> Form:
    """A new password is wanted first."""
    boxes = (
        Box("operator", "操作员号", operator),
        Box("new_password", "新密码", limit=64, is_open=True, is_secret=True),
    )
    return Form("修改密码", boxes, (BACK,), message=say("4103"))


def menu(operator: str, message: str, *, is_moved: bool) -> Form:
    """What shall it be? `is_moved`: another release, with the choices elsewhere."""
    choices = (("凭条录入", "slip"), ("凭条查询", "search"), ("凭条清单", "list"))
    menus = (("业务", choices), ("系统", (OFF,)))
    if is_moved:
        moved = (("清单", "list"), ("录入", "slip"), ("查询", "search"))
        menus = (("交易", moved), ("系统", (OFF,)))
    return Form(
        "凭条系统 主菜单", (Box("operator", "操作员", operator),), menus=menus, message=message
    )


def slip(typed: dict[str, str], message: str, *, is_truncated: bool) -> Form:
    """An empty slip, or the one that was rejected."""
    boxes = tuple(
        Box(name, CAPTIONS[name], typed.get(name, ""), limit=length, is_open=True)
        for name, length in LENGTHS.items()
    )
    if is_truncated:
        boxes = (*boxes[:-1], replace(boxes[-1], limit=_TRUNCATED))
    branch = Box("branch", "机构", "0755")
    return Form("凭条录入", (*boxes, branch), (("记账", "post"), BACK, OFF), message=message)


def posted(booked: Slip) -> Form:
    """What was booked, in a dialog."""
    boxes = (Box("number", "凭条号", booked.number), *_boxes_of(booked))
    return Form("记账结果", boxes, (BACK, OFF), message=say("4001"), kind="dialog")


def search() -> Form:
    """Which reference?"""
    box = Box("reference", CAPTIONS["reference"], limit=LENGTHS["reference"], is_open=True)
    return Form("凭条查询", (box,), (("查询", "find"), BACK, OFF))


def found(asked: str, slips: Sequence[Slip]) -> Form:
    """The first slip with that reference, and how many there are."""
    first = slips[0] if slips else None
    boxes = (
        Box("asked", "查询编号", asked),
        Box("count", "笔数", str(len(slips))),
        Box("number", "凭条号", first.number if first else ""),
        *_boxes_of(first),
    )
    message = say("4002" if slips else "4003")
    return Form("查询结果", boxes, (BACK, OFF), message=message)


def listing(slips: Sequence[Slip], page: int, message: str) -> Form:
    """One page of all slips."""
    shown, pages = page_of(slips, page)
    rows = [(s.number, s.account, s.payee, s.amount, s.reference) for s in shown]
    boxes = (Box("page", "页码", str(page)), Box("pages", "总页数", str(pages)))
    buttons = (("下一页", "forward"), BACK, OFF)
    return Form("凭条清单", boxes, buttons, rows=rows, message=message)


def confirm() -> Form:
    """Are you sure?"""
    return Form("确认", (), (("是", "yes"), ("否", "no")), message="确认记账？", kind="alert")


def error() -> Form:
    """The program failed, and says so."""
    return Form("系统错误", (), (("确定", "back"),), message=say("4901"), kind="alert")


def _boxes_of(shown: Slip | None) -> tuple[Box, ...]:
    return tuple(
        Box(name, caption, str(getattr(shown, name)) if shown else "")
        for name, caption in CAPTIONS.items()
    )
