"""
CPU seconds from a file to proven entries, against the tools people use, in one run.

Ours is clerkwork.read.read_document and every entry taken, in a process of its own: the
limited child's start and the way back count (inputs/read_once.py). Peers that are slow
read the first pages only; their pages a second are scaled. The bars are the project's,
whatever is measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import median

import pdfplumber
from inputs.read_once import cpu_s
from inputs.statements import ROWS_A_PAGE, total, write_pdf, write_xlsx
from python_calamine import CalamineWorkbook

HERE = Path(__file__).parent
PEERS = HERE.parents[1] / ".venv-bench"
PACKAGES = ("camelot-py==2.0.0", "statementproof==0.2.2")
PAGES, SHEET_ROWS, ROUNDS = 500, 200_000, 3
SAMPLE = {"pdfplumber": 10, "camelot": 10, "statementproof": 50}  # pages
MEMORY_PAGES = (50, 500, 5_000)
TEXT = {"vertical_strategy": "text", "horizontal_strategy": "text"}
CAMELOT = """
import sys, time, warnings, camelot
warnings.simplefilter("ignore")
begun = time.process_time()
camelot.read_pdf(sys.argv[1], pages="1-" + sys.argv[2], flavor=sys.argv[3])
print(time.process_time() - begun)
"""


def ours(path: Path, rows: int) -> dict[str, float]:
    """Read in a fresh process; wrong or unproven entries end the bench."""
    command = [sys.executable, "-m", "inputs.read_once", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE)
    told = json.loads(done.stdout)
    read = told["entries"], Decimal(told["minor"]).scaleb(-2)
    if read != (rows, total(rows)) or not told["is_proven"]:
        raise SystemExit(f"{path.name} is not {rows} proven entries: {told}")
    return dict(told)


def plumber(path: Path, settings: dict[str, str]) -> float:
    """Pages a CPU second of words and tables."""
    begun = cpu_s()
    with pdfplumber.open(path) as document:
        for page in document.pages[: SAMPLE["pdfplumber"]]:
            assert page.extract_words() and page.extract_tables(settings)
            page.close()
    return SAMPLE["pdfplumber"] / (cpu_s() - begun)


def camelot(path: Path, flavor: str) -> float:
    """Pages a CPU second of its tables."""
    pages = SAMPLE["camelot"]
    command = [PEERS / "bin" / "python", "-c", CAMELOT, path, str(pages), flavor]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return pages / float(told)


def statementproof(path: Path) -> float:
    """Pages a CPU second of its command, its start included."""
    begun = cpu_s()
    command = [PEERS / "bin" / "statementproof", "--quiet", path]
    subprocess.run(command, check=False, capture_output=True)  # 1 when it proves nothing
    return SAMPLE["statementproof"] / (cpu_s() - begun)


def install_peers() -> bool:
    """Camelot and statementproof in an environment of their own; False, and said, where not."""
    if (PEERS / "bin" / "statementproof").exists():
        return True
    try:
        venv.create(PEERS, with_pip=True, clear=True)
        command = [PEERS / "bin" / "pip", "install", "-q", *PACKAGES]
        subprocess.run(command, check=True, capture_output=True)
    except (subprocess.CalledProcessError, OSError) as failed:
        print(f"camelot and statementproof are not measured: not installable here ({failed})")
        return False
    return True


def show(what: str, measured: str, ratio: float | None = None, bar: float | None = None, *,
         is_most: bool = False) -> None:  # fmt: skip
    """One line of the table: the figure, its ratio to ours, the bar and whether it is held."""
    line = f"  {what:<46} {measured:>18}"
    if ratio is not None:
        line += f"  {ratio:8.2f} x"
    if ratio is not None and bar is not None:
        is_held = ratio <= bar if is_most else ratio >= bar
        sign = "at most" if is_most else "at least"
        line += f"   bar: {sign} {bar:g} x  {'held' if is_held else 'NOT HELD'}"
    print(line, flush=True)


def compare_pdf(folder: Path, language: str, *, has_peers: bool) -> None:
    """500 pages: ours, and what the others take for theirs."""
    path = write_pdf(folder / f"{language}{PAGES}.pdf", PAGES, language)
    short = write_pdf(folder / f"{language}50.pdf", SAMPLE["statementproof"], language)
    look = "English, no rules" if language == "en" else "Chinese, ruled"
    spent = median(ours(path, PAGES * ROWS_A_PAGE)["cpu_s"] for _ in range(ROUNDS))
    speed = PAGES / spent
    print(f"{PAGES} pages, {PAGES * ROWS_A_PAGE} rows, {look} ({path.stat().st_size >> 10} kB)")
    show("ours, to proven entries", f"{speed:8.1f} pages/s")
    show("ours, CPU seconds", f"{spent:8.2f} s", spent / 3, 1, is_most=True)
    kind, settings = ("text", TEXT) if language == "en" else ("lines", {})
    peers: list[tuple[str, float | None, Callable[[], float]]] = [
        (f"pdfplumber words and {kind} tables", 20, lambda: plumber(short, settings)),
    ]
    if has_peers:
        flavor = "stream" if language == "en" else "lattice"
        peers += [
            (f"camelot {flavor}", None, lambda: camelot(short, flavor)),
            ("statementproof", 50, lambda: statementproof(short)),
        ]
    for name, bar, measure in peers:
        pages = SAMPLE[name.split()[0]]
        theirs = measure()
        show(f"{name} (of {pages} pages)", f"{theirs:8.1f} pages/s", speed / theirs, bar)


def compare_sheet(folder: Path) -> None:
    """200,000 rows of a workbook: ours, and the bare cells by the library that we use."""
    path = write_xlsx(folder / "rows.xlsx", SHEET_ROWS)
    told = ours(path, SHEET_ROWS)
    spent = told["cpu_s"]
    begun = time.process_time()
    with CalamineWorkbook.from_path(path) as book:
        assert len(book.get_sheet_by_index(0).to_python()) > SHEET_ROWS
    bare = time.process_time() - begun
    print(f"{SHEET_ROWS} rows of a workbook ({path.stat().st_size >> 10} kB)")
    show("bare calamine", f"{bare:8.2f} s")
    show(
        "ours, to proven entries, against bare", f"{spent:8.2f} s", spent / bare, 1.5, is_most=True
    )
    show("ours, CPU seconds", f"{spent:8.2f} s", spent / 2, 1, is_most=True)
    show("ours, and every entry as an object with its id", f"{told['objects_s']:8.2f} s")


def compare_memory(folder: Path) -> None:
    """Peaks of reading more and more pages; the entries are held to the end."""
    print("Memory, English, peaks against those of 50 pages")
    first: dict[str, float] = {}
    for pages in MEMORY_PAGES:
        path = folder / f"en{pages}.pdf"
        if not path.exists():
            write_pdf(path, pages, "en")
        found = ours(path, pages * ROWS_A_PAGE)
        first = first or found
        for who in ("child", "parent"):
            peak = found[f"{who}_mb"]
            show(
                f"{pages} pages, {who}", f"{peak:8.0f} MB", peak / first[f"{who}_mb"], 1.25,
                is_most=True,
            )  # fmt: skip


def main() -> None:
    """Everything, in turns."""
    has_peers = install_peers()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for language in ("en", "zh"):
            compare_pdf(folder, language, has_peers=has_peers)
        compare_sheet(folder)
        compare_memory(folder)


if __name__ == "__main__":
    main()
