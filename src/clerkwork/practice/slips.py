"""
Payment slips: what core, counter, branch and the desktop program of the practice bank key.

Each system keeps its own, in an SQLite file of its own: the independent witness of what
was keyed. Every system shows the same form, lists and messages, in its own manner.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from pathlib import Path
from random import Random

# How many cells of a screen a field holds: a Chinese character takes two.
LENGTHS = {"account": 10, "payee": 24, "amount": 16, "purpose": 30, "reference": 16}
A_PAGE = 10
SEEDED = 25  # slips that lie there from the first day: three pages of a list

# The number of a message; each system writes its own two letters before it.
MESSAGES = {
    "4000": ("SIGNED OFF", "已签退"),
    "4001": ("SLIP POSTED", "已记账"),
    "4002": ("SLIPS FOUND", "查得凭条"),
    "4003": ("NO SLIP WITH THIS REFERENCE", "无此编号的凭条"),
    "4004": ("NO MORE PAGES", "已是最后一页"),
    "4005": ("FIRST PAGE", "已是第一页"),
    "4101": ("OPERATOR OR PASSWORD WRONG", "操作员号或密码错误"),
    "4102": ("OPERATOR SIGNED ON ELSEWHERE", "操作员已在别处登录"),
    "4103": ("PASSWORD EXPIRED, SET A NEW ONE", "密码已过期，请修改密码"),
    "4104": ("SESSION EXPIRED, NOTHING WAS BOOKED", "会话超时，未记账"),
    "4105": ("NOT PERMITTED FOR THIS OPERATOR", "操作员无此权限"),
    "4201": ("FIELD IS EMPTY", "栏位未填"),
    "4202": ("FIELD IS TOO LONG", "栏位超长"),
    "4203": ("ACCOUNT IS NOT TEN DIGITS", "账号不是十位数字"),
    "4204": ("AMOUNT IS NOT A NUMBER", "金额不是数字"),
    "4205": ("CHARACTER CANNOT BE STORED", "含无法存储的字符"),
    "4900": ("KEY NOT ACTIVE ON THIS SCREEN", "本界面无此功能键"),
    "4901": ("SYSTEM ERROR, NOTHING WAS BOOKED", "系统错误，未记账"),
}

_TABLE = """
CREATE TABLE IF NOT EXISTS slips (
    number TEXT PRIMARY KEY, account TEXT NOT NULL, payee TEXT NOT NULL,
    amount_minor INTEGER NOT NULL, purpose TEXT NOT NULL, reference TEXT NOT NULL,
    keyed_by TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS slips_by_reference ON slips (reference);
CREATE TABLE IF NOT EXISTS submits (at INTEGER PRIMARY KEY, reference TEXT NOT NULL) STRICT;
"""
_PAYEES = (
    "张三",
    "李四商行",
    "王五食品有限公司",
    "深圳市龙岗五金厂",
    "ACME TRADING LTD",
    "欧阳娜娜",
)
_PURPOSES = ("货款", "工资代发", "房租 06", "INVOICE 5017", "往来款", "电费")
_AMOUNT = re.compile(r"(\d{1,3}(,\d{3})+|\d{1,13})(\.\d{1,2})?", re.ASCII)


class Rejected(Exception):
    """The bank says no: `code` of MESSAGES, and the field. Nothing was stored."""

    def __init__(self, code: str, field: str = ""):
        super().__init__(code)
        self.code = code
        self.field = field


@dataclass(frozen=True)
class Slip:
    """A slip in the books; `amount_minor` in fen."""

    number: str
    account: str
    payee: str
    amount_minor: int
    purpose: str
    reference: str
    keyed_by: str

    @property
    def amount(self) -> str:
        """The amount as the screens show it: "1,234.50"."""
        return f"{self.amount_minor // 100:,}.{self.amount_minor % 100:02}"


_COLUMNS = ", ".join(field.name for field in fields(Slip))


class SlipBook:
    """The slips of one system in one SQLite file; every call has its own connection."""

    def __init__(self, path: Path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction() as db:
            if not db.execute("SELECT count(*) FROM slips").fetchone()[0]:
                for slip in _seeded():
                    _insert(db, slip)

    def note_submit(self, form: Mapping[str, str]) -> None:
        """Count that a filled form came in, whatever becomes of it."""
        with self._transaction() as db:
            reference = form.get("reference", "").strip()
            db.execute("INSERT INTO submits (reference) VALUES (?)", (reference,))

    def book(self, form: Mapping[str, str], *, keyed_by: str) -> Slip:
        """Check `form` and store it. Raises Rejected; the first wrong field is named."""
        typed = {field: form.get(field, "").strip() for field in LENGTHS}
        _check(typed)
        minor = int(Decimal(typed.pop("amount").replace(",", "")).scaleb(2))
        with self._transaction() as db:
            (taken,) = db.execute("SELECT count(*) FROM slips").fetchone()
            slip = Slip(f"S{taken + 1:07}", amount_minor=minor, keyed_by=keyed_by, **typed)
            _insert(db, slip)
        return slip

    def find(self, reference: str) -> list[Slip]:
        """Every slip with exactly this reference."""
        return self._select("WHERE reference = ? ORDER BY number", reference)

    def all(self) -> list[Slip]:
        """Every slip, oldest first."""
        return self._select("ORDER BY number")

    def times_submitted(self, reference: str) -> int:
        """How often a form with this reference came in, whatever became of it."""
        with self._transaction() as db:
            query = "SELECT count(*) FROM submits WHERE reference = ?"
            return int(db.execute(query, (reference,)).fetchone()[0])

    def _select(self, condition: str, *values: str) -> list[Slip]:
        with self._transaction() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM slips {condition}", values).fetchall()
        return [Slip(*row) for row in rows]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, isolation_level=None, timeout=10)
        try:
            db.executescript(_TABLE)
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        finally:
            db.close()  # what was not committed is gone


def page_of(slips: Sequence[Slip], number: int) -> tuple[Sequence[Slip], int]:
    """The slips of page `number`, from 1, and how many pages there are."""
    first = (number - 1) * A_PAGE
    return slips[first : first + A_PAGE], max(1, -(-len(slips) // A_PAGE))


def cells(text: str) -> int:
    """How many cells of a screen `text` takes."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _check(typed: Mapping[str, str]) -> None:
    for field, value in typed.items():
        if not value:
            raise Rejected("4201", field)
        if cells(value) > LENGTHS[field]:
            raise Rejected("4202", field)
        if not value.isprintable() or "\ufffd" in value:
            raise Rejected("4205", field)
    if not re.fullmatch("[0-9]{10}", typed["account"]):
        raise Rejected("4203", "account")
    if not _AMOUNT.fullmatch(typed["amount"]):
        raise Rejected("4204", "amount")


def _insert(db: sqlite3.Connection, slip: Slip) -> None:
    marks = ", ".join("?" * len(fields(Slip)))
    db.execute(f"INSERT INTO slips ({_COLUMNS}) VALUES ({marks})", astuple(slip))


def _seeded() -> Iterator[Slip]:
    random = Random(20260612)
    for number in range(1, SEEDED + 1):
        account = f"62{random.randrange(10**8):08}"
        yield Slip(
            f"S{number:07}", account, random.choice(_PAYEES), random.randrange(100, 10**8),
            random.choice(_PURPOSES), f"SEED{number:06}", "SEED",
        )  # fmt: skip
