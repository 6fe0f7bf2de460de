"""`clerkwork read`: statements of any layout, with their proof."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import typer

from clerkwork.cli.named_files import check_inputs, check_outputs
from clerkwork.cli.read_files import Table, write_csv, write_picture, write_xlsx
from clerkwork.cli.read_show import show, show_summary
from clerkwork.cli.speak import language, text
from clerkwork.errors import Refused
from clerkwork.read import Document, draw_document, json_parts, read_documents

app = typer.Typer(add_completion=False)

_FILES = typer.Argument(help="PDF, XLSX, XLS, CSV, MT940, CAMT, OFX or BAI2 files / 文件")
_CSV = typer.Option(None, "--csv", help="Write all entries to this CSV file / 明细写入 CSV")
_XLSX = typer.Option(None, "--xlsx", help="Write all entries to this workbook / 明细写入 XLSX")


_PICTURE = typer.Option(None, "--picture", help="Draw what was read (PNG) / 画出识别结果")


@app.command()
def read(
    files: list[Path] = _FILES,
    as_json_list: bool = typer.Option(False, "--json", help="For programs / 供程序使用"),
    entries: bool = typer.Option(False, "--entries", help="List the entries too / 同时列出明细"),
    csv: Path | None = _CSV,
    xlsx: Path | None = _XLSX,
    picture: Path | None = _PICTURE,
) -> None:
    """
    Read statements and prove them by arithmetic / 读取对账单并逐笔校验。

    Exit code 0: every amount is proven; 3: something is not; 1: a file was refused.
    """
    check_inputs(files)
    check_outputs({"--csv": csv, "--xlsx": xlsx, "--picture": picture}, files)
    if picture and len(files) > 1:
        raise typer.BadParameter(
            text("--picture draws one file; name only that", "--picture 只画一个文件；请只给出一个")
        )
    if picture:
        _check_pages(files[0])
    found = []
    documents = _with_progress(files)
    if as_json_list:
        documents = _as_json_list(documents)
    for document in documents:
        if not as_json_list:
            show(document, with_entries=entries)
        found.append(document)
    if not as_json_list and len(found) > 1:
        show_summary(found)
    table = Table(found)
    if csv:
        write_csv(table, csv)
    if xlsx:
        write_xlsx(table, xlsx)
    if picture and not found[0].refused:
        write_picture(draw_document(files[0], language=language()), picture)
    raise typer.Exit(_exit_code(found))


def _check_pages(path: Path) -> None:
    """Raise Refused PICTURE_OF_PAGES_ONLY for a sheet or message, before it is read."""
    with path.open("rb") as file:
        if b"%PDF-" in file.read(1024):
            return
    try:
        draw_document(path)  # which draws nothing of it, and says what it is
    except Refused as refused:
        if refused.facts.get("kind") != "unknown":  # of that, the reading says more
            raise


def _with_progress(files: list[Path]) -> Iterator[Document]:
    """The documents as they are read, with a bar on standard error where a person looks."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    documents = read_documents(files, language=language())
    console = Console(stderr=True)
    if len(files) < 2 or not console.is_terminal:
        yield from documents
        return
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*bar, console=console, transient=True) as progress:
        task = progress.add_task(text("reading", "读取中"), total=len(files))
        for document in documents:
            progress.advance(task)
            yield document


def _as_json_list(documents: Iterator[Document]) -> Iterator[Document]:
    """Print each document as an item of one JSON list when it is there, and pass it on."""
    separator = "["
    for document in documents:
        sys.stdout.write(separator)
        sys.stdout.writelines(json_parts(document, language=language()))
        separator = ",\n"
        yield document
    sys.stdout.write("]\n")


def _exit_code(documents: list[Document]) -> int:
    if any(document.refused for document in documents):
        return 1
    return 0 if all(document.is_proven for document in documents) else 3
