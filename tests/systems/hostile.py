"""Values that would act, if a driver let them: as keystrokes, markup, shell, SQL or escapes."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_SEEDS = (
    'AA") Tab() String("INJECTED',
    "A\\tB\\n",
    'A"B\\C',
    "\\u000d\\x0d",
    "Enter() PF(3)",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><b>",
    "&lt;b&gt;&#13;",
    "${7*7}{{7*7}}<%= 7 %>",
    "'; DROP TABLE slips; --",
    "$(reboot) `id` | sh",
    "%0d%0aSet-Cookie: a=b",
    "=1+1",
    "@SUM(A1)",
    "-2+3",
    "ctrl+a BackSpace Return",
    "{ENTER}{TAB}%{F4}",
    "^c^v~",
    "\x1b[2J\x1b[31m",
    "\x1bOP\x1b[15~",
    "\x9b2J",
    "A\rB",
    "A\nB",
    "A\tB",
    "A\x00B",
    "A\x7fB",
    "\u202eABC",
    "\ufeffABC",
    "A\u200bB",
    "Ａ１（全角）",
    "张三‘李四’",
    "龘𠮷😀",
    "é à ü ß",
    "0x1b",
    "../../etc/passwd",
    "C:\\boot.ini",
    "%s%n%x",
    "NULL",
    "true",
)
_PIECES = "\"\\'`$(){}[]<>&;|%=+-@^~#!?*/.,: \t\r\n\x1b\x00\x9bA1张％"


def hostile_values(count: int, *, seed: int = 4) -> Iterator[str]:
    """`count` values of at most 30 characters: the known ones, then random mixtures."""
    random = Random(seed)
    yield from _SEEDS[:count]
    for _ in range(count - len(_SEEDS)):
        if random.random() < 0.5:
            yield "".join(random.choices(_PIECES, k=random.randint(1, 14)))
        else:
            first, second = random.sample(_SEEDS, 2)
            yield (first[: random.randint(1, 12)] + second[: random.randint(1, 12)])[:30]
