"""The files that a command is given by name: checked first, written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import combinations
from pathlib import Path
from secrets import token_hex

import typer

from clerkwork.cli.speak import language, text
from clerkwork.errors import Refused

# the system's words for these are English wherever it stands
_CHINESE = {
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "超出磁盘配额",
    errno.EFBIG: "超出文件大小限制",
    errno.EACCES: "无写入权限",
    errno.EPERM: "不允许写入",
    errno.EROFS: "文件系统只读",
    errno.ENAMETOOLONG: "文件名过长",
}


def check_inputs(files: Iterable[Path], *, kind: str = "pdf") -> None:
    """Raise a wrong call for a file that is missing, is a folder, or may not be read."""
    for path in files:
        if _holds(path.is_dir):
            some = path / f"*.{kind}"
            raise typer.BadParameter(
                text(
                    f"{path} is a folder; name the files in it, e.g. {some}",
                    f"{path} 是目录；请给出其中的文件，例如 {some}",
                )
            )
        if not _holds(path.is_file):
            raise typer.BadParameter(Refused("FILE_MISSING", file=str(path)).message(language()))
        if not os.access(path, os.R_OK):
            raise typer.BadParameter(Refused("FILE_FORBIDDEN", file=str(path)).message(language()))


def check_outputs(outputs: Mapping[str, Path | None], inputs: Iterable[Path]) -> None:
    """
    Raise a wrong call for outputs (by option) that are no place for a file, the same file
    twice or an input, and Refused OUTPUT_NOT_WRITTEN where nothing may be written.
    """
    named = {option: path for option, path in outputs.items() if path}
    inputs = list(inputs)
    for option, path in named.items():
        _check_place(option, path)
        if any(_is_same(path, read) for read in inputs):
            raise typer.BadParameter(
                text(
                    f"{option} {path} is a file to be read; name another",
                    f"{option} {path} 是待读取的文件；请另取文件名",
                )
            )
    for (one, path), (other, second) in combinations(named.items(), 2):
        if _is_same(path, second):
            raise typer.BadParameter(
                text(
                    f"{one} and {other} name the same file, {path}; give each its own",
                    f"{one} 与 {other} 指向同一文件 {path}；请分别命名",
                )
            )


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """
    Where to write what shall stand at `path`: beside it, put in its place when it is whole.

    A device or a pipe is written as it is. Raises Refused OUTPUT_NOT_WRITTEN for every
    OSError within; what stood at `path` is then as it was.
    """
    is_device = _holds(path.exists) and not path.is_file()
    target = path if is_device else Path(os.path.realpath(path))
    beside = path if is_device else target.with_name(f".{token_hex(8)}.part")
    try:
        yield beside
        if not is_device:
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
    except OSError as failure:
        raise _not_written(path, failure) from None
    finally:
        if not is_device:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def _check_place(option: str, path: Path) -> None:
    """Raise for an output that cannot be: a folder, in no folder, or where none may write."""
    if _holds(path.is_dir):
        some = path / "entries"
        raise typer.BadParameter(
            text(
                f"{option} {path} is a folder; name a file in it, e.g. {some}",
                f"{option} {path} 是目录；请给出其中的文件名，例如 {some}",
            )
        )
    parent = path.absolute().parent
    if not _holds(parent.is_dir):
        raise typer.BadParameter(
            text(
                f"{option} {path}: there is no folder {parent}; make it first",
                f"{option} {path}：没有目录 {parent}；请先建立",
            )
        )
    is_device = _holds(path.exists) and not path.is_file()
    places = [path] if is_device else [Path(os.path.realpath(path)).parent]
    if _holds(path.is_file):
        places.append(path)
    if not all(os.access(place, os.W_OK) for place in places):
        raise _not_written(path, OSError(errno.EACCES, os.strerror(errno.EACCES)))


def _not_written(path: Path, failure: OSError) -> Refused:
    said = failure.strerror or str(failure)
    detail = text(said, _CHINESE.get(failure.errno or 0, said))
    return Refused("OUTPUT_NOT_WRITTEN", file=str(path), detail=detail)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths are one file, or would be: by other spellings or links."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there yet
        return False


def _holds(question: Callable[[], bool]) -> bool:
    """The answer of `path.is_file` and its like; no for a name that cannot be one (too long)."""
    try:
        return question()
    except OSError:
        return False
