"""
The terminal that the host paints on: bytes in, a screen of cells and a cursor out.

What it does not know it says (`unknown`), because a sequence passed over in silence is an
amount misread: REP, which ncurses sends in any locale but UTF-8, makes 10.00 of
1000000000.00 for an emulator that ignores it. Behaviour: ECMA-48, DEC STD 070, xterm.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

from clerkwork.systems.vt.canvas import Canvas
from clerkwork.systems.vt.parser import Action, Parser

# Modes that change neither where a character goes nor what it is: blinking, colours, the
# mouse, the keypad, focus, pasting, titles, synchronised painting.
_HARMLESS_MODES = frozenset(
    {3, 4, 5, 8, 9, 10, 12, 13, 14, 18, 19, 25, 30, 35, 40, 66, 67}
    | {1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016}
    | {1034, 1035, 1036, 1037, 1039, 1040, 1041, 1042, 1043, 1044}
    | {1050, 1051, 1052, 1053, 1060, 1061, 2004, 2005, 2006, 2026, 2027, 2031, 2048}
)
# As little do these: the keypad, 7-bit answers, the end of a string; colours, windows,
# the cursor's look, what is asked for and need not be answered.
_HARMLESS_ESCAPES = frozenset({"=", ">", " F", " G", "%G", "%@", "\\"})
_HARMLESS_CSI = frozenset({"m", ">m", "?m", "t", " q", "q", ">c", "=c", "$p", "?$p", "i", "?i"})
_VT220 = b"\x1b[?62;22c"


class Emulator:
    """
    A terminal of `rows` by `columns` for a host that speaks `encoding`.

    `is_chinese_page`: the host counts cells as in zh_CN.GB18030 (see `width_of`); by
    default when it speaks it.
    """

    def __init__(
        self, rows: int, columns: int, *, encoding: str, is_chinese_page: bool | None = None
    ):
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        if is_chinese_page is None:
            is_chinese_page = codecs.lookup(encoding).name.startswith("gb")
        self.is_chinese_page = is_chinese_page
        self._rows, self.columns = rows, columns
        self._parser = Parser()
        self._canvas = Canvas(rows, columns, is_chinese_page=is_chinese_page)
        self.is_application_cursor = False  # DECCKM: arrow keys are sent as ESC O A
        self.unknown = ""  # the first sequence that it does not know
        self.answers = b""  # what the host asked for: to be sent, and emptied

    @property
    def raw(self) -> str:
        r"""All cells, row by row; the right half of a wide character is "\0"."""
        return self._canvas.page.raw

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column, both from 0."""
        return self._canvas.cursor.row, self._canvas.cursor.column

    @property
    def is_midway(self) -> bool:
        """Whether the last bytes were the beginning of a character or a sequence."""
        return self._parser.is_midway or bool(self._decoder.getstate()[0])

    def feed(self, data: bytes) -> None:
        """Take what the host sent; it may be cut anywhere."""
        for action in self._parser.split(self._decoder.decode(data)):
            if action.kind == "text":
                for character in action.text:
                    self._canvas.print(character)
            elif action.kind == "control":
                self._control(action.text)
            elif action.kind == "escape":
                self._escape(action.marks + action.text)
            elif action.kind == "csi":
                self._csi(action)
            else:
                self._miss(action.text)

    def resize(self, rows: int, columns: int) -> None:
        """Another size of the screen: cut or padded, nothing is wrapped anew."""
        self._rows, self.columns = rows, columns
        self._canvas.resize(rows, columns)

    def _miss(self, sequence: str) -> None:
        self.unknown = self.unknown or ascii(sequence).strip("'")

    def _control(self, character: str) -> None:
        canvas = self._canvas
        if character == "\b":
            canvas.right(-1)
        elif character == "\t":
            canvas.tab(1)
        elif character == "\r" or (character in "\n\v\f" and canvas.newlines):
            canvas.go(canvas.cursor.row, 0)
        elif character in "\x0e\x0f":
            canvas.shift(1 if character == "\x0e" else 0)
        if character in "\n\v\f":
            canvas.index()

    def _escape(self, sequence: str) -> None:
        if sequence in _ESCAPES:
            _ESCAPES[sequence](self._canvas)
        elif sequence[0] in "()" and sequence[1:] in ("0", "B"):
            self._canvas.designate("()".index(sequence[0]), sequence[1])
        elif sequence == "c":
            self._canvas = Canvas(self._rows, self.columns, is_chinese_page=self.is_chinese_page)
            self.is_application_cursor = False
        elif sequence not in _HARMLESS_ESCAPES:
            self._miss(sequence)

    def _csi(self, action: Action) -> None:
        name = action.marks + action.text
        first, second = tuple(number or 0 for number in (*action.numbers, 0))[:2]
        if name in _COUNTED:
            _COUNTED[name](self._canvas, max(first, 1))
        elif name in _NUMBERED:
            _NUMBERED[name](self._canvas, first, second)
        elif name in ("h", "l"):
            self._ansi_modes(action.numbers, name == "h")
        elif name in ("?h", "?l"):
            self._private_modes(action.numbers, name == "?h")
        elif name == "!p":
            self._canvas.soft_reset()
            self.is_application_cursor = False
        elif name in ("n", "c"):
            self._answer(name, first)
        elif name not in _HARMLESS_CSI:
            self._miss("[" + name)

    def _answer(self, name: str, what: int) -> None:
        if name == "c" and what == 0:
            self.answers += _VT220
        elif name == "n" and what == 5:
            self.answers += b"\x1b[0n"
        elif name == "n" and what == 6:
            self.answers += b"\x1b[%d;%dR" % self._canvas.position()

    def _ansi_modes(self, numbers: tuple[int | None, ...], is_on: bool) -> None:
        for number in numbers:
            if number == 4:
                self._canvas.inserts = is_on
            elif number == 20:
                self._canvas.newlines = is_on
            elif is_on and number not in (2, 12):
                self._miss(f"[{number}h")

    def _private_modes(self, numbers: tuple[int | None, ...], is_on: bool) -> None:
        for number in numbers:
            if number == 1:
                self.is_application_cursor = is_on
            elif number == 6:
                self._canvas.set_origin(is_on)
            elif number == 7:
                self._canvas.wraps = is_on
            elif number in (47, 1047, 1048, 1049):
                self._canvas.set_other_page(number, is_on)
            elif is_on and number not in _HARMLESS_MODES:
                self._miss(f"[?{number}h")


_ESCAPES: dict[str, Callable[[Canvas], None]] = {
    "7": Canvas.save,
    "8": Canvas.restore,
    "D": Canvas.index,
    "E": Canvas.next_line,
    "H": Canvas.set_tab,
    "M": Canvas.reverse_index,
    "#8": Canvas.align,
}
# One number, at least 1.
_COUNTED: dict[str, Callable[[Canvas, int], None]] = {
    "A": Canvas.up,
    "B": Canvas.down,
    "e": Canvas.down,
    "C": Canvas.right,
    "a": Canvas.right,
    "D": lambda it, count: it.right(-count),
    "E": Canvas.lines_down,
    "F": Canvas.lines_up,
    "G": lambda it, column: it.go(it.cursor.row, column - 1),
    "`": lambda it, column: it.go(it.cursor.row, column - 1),
    "d": lambda it, row: it.go_to(row - 1, it.cursor.column),
    "I": Canvas.tab,
    "Z": lambda it, count: it.tab(-count),
    "L": Canvas.insert_lines,
    "M": Canvas.delete_lines,
    "S": Canvas.scroll_up,
    "T": Canvas.scroll_down,
    "@": Canvas.insert_cells,
    "P": Canvas.delete_cells,
    "X": Canvas.erase,
    "b": Canvas.repeat,
}
# Two numbers, 0 where not given.
_NUMBERED: dict[str, Callable[[Canvas, int, int], None]] = {
    "H": lambda it, row, column: it.go_to(max(row, 1) - 1, max(column, 1) - 1),
    "f": lambda it, row, column: it.go_to(max(row, 1) - 1, max(column, 1) - 1),
    "J": lambda it, what, _: it.erase_in_page(what),
    "K": lambda it, what, _: it.erase_in_line(what),
    "g": lambda it, what, _: it.clear_tabs(what),
    "r": Canvas.set_region,
    "s": lambda it, _row, _column: it.save(),
    "u": lambda it, _row, _column: it.restore(),
}
