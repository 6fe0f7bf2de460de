"""
What the emulator of character screens reads and costs, against pyte and libghostty.

Each reads the same probes, the hard ones of real hosts, and paints the same page of 24
rows in Chinese and amounts, row by row read after each. pyte is what most Python
programs use; pyghostty is Ghostty's own core in C.
"""

from __future__ import annotations

import json
import subprocess
import time
import venv
from pathlib import Path

from clerkwork.systems.grid.buffer import plain
from clerkwork.systems.vt.emulator import Emulator

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-bench"
PACKAGES = ("pyte==0.8.2", "pyghostty==0.1.3")
ROUNDS = 300

# What stands on the screen, and what a host sends for it.
PROBES = {
    "account by REP": ("62220\x1b[14b", "6222000000000000000"),
    "amount by REP": ("10\x1b[8b.00", "1000000000.00"),
    "left half overwritten": ("张三\rA", "A 三"),
    "DCH of half": ("张三 1.00\x1b[1;2H\x1b[P", " 三 1.00"),
    "ICH into half": ("张三\x1b[1;2H\x1b[@", "   三"),
    "ECH of half": ("张三 1.00\x1b[1;2H\x1b[X", "  三 1.00"),
    "EL up to half": ("张三 1.00\x1b[1;1H\x1b[1K", "  三 1.00"),
    "alternate screen": ("1.00\x1b[?1049h\x1b[H9.99\x1b[?1049l", "1.00"),
    "line drawing": ("\x1b(0lq\x1b(Bq1.00", "┌─q1.00"),
    "wide at the margin": ("\x1b[1;80H张\x1b[1;1H1.00", "1.00"),
    "scroll region": ("1.00\x1b[2;3r\x1b[3;1H\n\n\n\x1b[1;1H2", "2.00"),
    "zero is one": ("\x1b[2;1H1.00\x1b[1;1H\x1b[0M", "1.00"),
    "insert of wide": ("\x1b[1;80Hx\x1b[1;1H1.00\x1b[1;1H\x1b[4h张\x1b[4l", "张1.00"),
}
LINE = "张三李四商行 1,234,567.89 6222000000000000000 货款 ABC"
PAGE = "\x1b[H\x1b[2J" + "".join(
    f"\x1b[{row};1H\x1b[1m{LINE}\x1b[m{row:>4}" for row in range(1, 25)
)


def ours(text: str) -> str:
    """The first row by our emulator."""
    emulator = Emulator(24, 80, encoding="utf-8")
    emulator.feed(text.encode())
    return plain(emulator.raw[:80]).rstrip()


def our_seconds() -> float:
    """Painting and reading ROUNDS pages."""
    emulator, page = Emulator(24, 80, encoding="utf-8"), PAGE.encode()
    began = time.perf_counter()
    for _ in range(ROUNDS):
        emulator.feed(page)
        plain(emulator.raw)
    return time.perf_counter() - began


def install_peers() -> None:
    """The peers, in an environment of their own."""
    if not (PEERS / "lib").exists():
        venv.create(PEERS, with_pip=True)
    subprocess.run([str(PEERS / "bin" / "pip"), "install", "-q", *PACKAGES], check=True)


def peer(name: str) -> tuple[list[str], float]:
    """What one peer sees, and its seconds."""
    asked = {"probes": [sent for sent, _ in PROBES.values()], "page": PAGE, "rounds": ROUNDS}
    command = [
        str(PEERS / "bin" / "python"),
        "-I",
        str(Path(__file__).parent / "inputs" / "paint.py"),
    ]
    done = subprocess.run(
        [*command, name], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    return said["seen"], said["took_s"]


def main() -> None:
    """Print the table, and the ratios."""
    install_peers()
    mine = [ours(sent) for sent, _ in PROBES.values()]
    seconds = {"clerkwork": our_seconds()}
    seen = {"clerkwork": mine}
    for name in ("pyte", "pyghostty"):
        seen[name], seconds[name] = peer(name)
    for place, (probe, (_, expected)) in enumerate(PROBES.items()):
        marks = [
            f"{name} {'right' if rows[place] == expected else ascii(rows[place][:24])}"
            for name, rows in seen.items()
        ]
        print(f"{probe:22} {' | '.join(marks)}")
    expected_rows = [expected for _, expected in PROBES.values()]
    for name, rows in seen.items():
        right = sum(a == b for a, b in zip(rows, expected_rows, strict=True))
        pages = ROUNDS / seconds[name]
        ratio = seconds[name] / seconds["clerkwork"]
        print(f"{name:10} {right}/{len(PROBES)} right, {pages:8.0f} pages/s (ours x{ratio:.2f})")


if __name__ == "__main__":
    main()
