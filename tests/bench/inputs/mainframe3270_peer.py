"""Slips keyed by Mainframe3270 at wait 0: one round for each line of its input, timed."""

from __future__ import annotations

import sys
import time
from itertools import count

from Mainframe3270 import Mainframe3270

ROWS = {"account": 8, "payee": 10, "amount": 12, "purpose": 14, "reference": 16}


def main(host: str, port: str, operator: str, password: str, slips: int) -> None:
    """Sign on, then for each line on stdin key `slips` slips and print the seconds."""
    screen = Mainframe3270(visible=False, timeout="10", wait_time="0", img_folder=".")
    screen.open_connection(host, port=int(port))
    screen.change_wait_time_after_write("0")
    _key(screen, "Enter()", {10: operator, 12: password}, "CB10 MENU")
    numbers = count()
    for _ in sys.stdin:
        begun = time.perf_counter()
        for _slip in range(slips):
            screen.send_pf("3")
            screen.send_pf("4")
            values = ("6222000011", "ACME TRADING", "1234.50", "INVOICE", f"MF{next(numbers):08}")
            _key(screen, "Enter()", dict(zip(ROWS.values(), values, strict=True)), "CB4001")
        print(time.perf_counter() - begun, flush=True)


def _key(screen: Mainframe3270, key: str, values: dict[int, str], expected: str) -> None:
    for row, value in values.items():
        screen.write_bare_in_position(value, row, 40)
    screen.execute_command(key)
    screen.page_should_contain_string(expected)


if __name__ == "__main__":
    main(*sys.argv[1:5], slips=int(sys.argv[5]))
