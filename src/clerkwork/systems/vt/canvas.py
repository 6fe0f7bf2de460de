"""Page, cursor, scroll region, tabs and modes: where a character goes, and what moves it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from clerkwork.systems.grid.buffer import TAIL
from clerkwork.systems.vt.page import BLANK, Page
from clerkwork.systems.vt.width import width_of

_LINES = dict(
    zip("`abcdefghijklmnopqrstuvwxyz{|}~", "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True)
)
_TAB = 8


@dataclass(slots=True)  # written for every character: changed in place, copied when saved
class Cursor:
    """Where the next character goes, and how; rows and columns from 0."""

    row: int = 0
    column: int = 0
    is_past_margin: bool = False  # the last column is written: the next character wraps first
    sets: tuple[str, str] = ("B", "B")
    shifted: int = 0
    is_origin: bool = False  # rows count from the top of the scroll region


class Canvas:
    """A screen of `rows` by `columns`, blank."""

    def __init__(self, rows: int, columns: int, *, is_chinese_page: bool):
        self._rows, self._columns = rows, columns
        self._is_chinese_page = is_chinese_page
        self._main = self.page = Page(rows, columns)
        self._other = Page(rows, columns)
        self.cursor = Cursor()
        self._saved: dict[Page, Cursor] = {}  # each of the two pages has its own
        self._top, self._end = 0, rows
        self._last = ("", 0)
        self.wraps, self.inserts, self.newlines = True, False, False
        self._tabs = set(range(0, columns, _TAB))

    def resize(self, rows: int, columns: int) -> None:
        """Another size; the scroll region is all of it then."""
        self._rows, self._columns = rows, columns
        self._main.resize(rows, columns)
        self._other.resize(rows, columns)
        self._top, self._end = 0, rows
        self._tabs = set(range(0, columns, _TAB))
        self.go(self.cursor.row, self.cursor.column)

    def print(self, character: str) -> None:
        """One character as the host sent it."""
        if character.isascii() and self.cursor.sets[self.cursor.shifted] == "B":
            self._put(character, 1)
            return
        if self.cursor.sets[self.cursor.shifted] == "0" and character in _LINES:
            self._put(_LINES[character], 1)
            return
        width = width_of(character, is_chinese_page=self._is_chinese_page)
        if width:
            self._put(character, width)
        elif unicodedata.category(character) != "Cf":
            self._combine(character)

    def repeat(self, count: int) -> None:
        """REP: the character printed last, `count` times more."""
        character, width = self._last
        for _ in range(min(count, self._rows * self._columns) if width else 0):
            self._put(character, width)

    def _put(self, character: str, width: int) -> None:
        at = self.cursor
        self._last = (character, width)
        is_without_room = at.column + width > self._columns
        if self.wraps and (at.is_past_margin or is_without_room):
            if not at.is_past_margin:
                self.page.erase(at.row, at.column, self._columns)  # too narrow: left blank
            at.column = 0
            self.index()
        elif is_without_room:
            return  # without wrapping a wide character has no room in the last column
        if self.inserts:
            self.page.insert_cells(at.row, at.column, width)
        self.page.put(at.row, at.column, character, width)
        at.is_past_margin = at.column + width >= self._columns
        at.column = self._columns - 1 if at.is_past_margin else at.column + width

    def _combine(self, mark: str) -> None:
        """Join `mark` to the character before; U+FFFD there when the two are not one."""
        row, column = self.cursor.row, self.cursor.column
        column -= 0 if self.cursor.is_past_margin else 1
        width = 1
        if column > 0 and self.page.at(row, column) == TAIL:
            column, width = column - 1, 2
        if column >= 0 and self.page.at(row, column) != BLANK:
            joined = unicodedata.normalize("NFC", self.page.at(row, column) + mark)
            self.page.put(row, column, joined if len(joined) == 1 else "\ufffd", width)

    def go(self, row: int, column: int) -> None:
        """The cursor to a place, or as near as the screen has it."""
        self.cursor.row = min(max(row, 0), self._rows - 1)
        self.cursor.column = min(max(column, 0), self._columns - 1)
        self.cursor.is_past_margin = False

    def go_to(self, row: int, column: int) -> None:
        """As CUP counts rows: from the top of the scroll region in origin mode."""
        if self.cursor.is_origin:
            row = min(row + self._top, self._end - 1)
        self.go(row, column)

    def position(self) -> tuple[int, int]:
        """Where the cursor is, as a report counts: from 1, and from the region's top."""
        top = self._top if self.cursor.is_origin else 0
        return self.cursor.row - top + 1, self.cursor.column + 1

    def right(self, count: int) -> None:
        """Right (left when negative), not beyond the row; 0 forgets a wrap that was due."""
        self.go(self.cursor.row, self.cursor.column + count)

    def up(self, count: int) -> None:
        """Up, not out of the scroll region."""
        stop = self._top if self.cursor.row >= self._top else 0
        self.go(max(self.cursor.row - count, stop), self.cursor.column)

    def down(self, count: int) -> None:
        """Down, not out of the scroll region."""
        stop = self._end - 1 if self.cursor.row < self._end else self._rows - 1
        self.go(min(self.cursor.row + count, stop), self.cursor.column)

    def index(self) -> None:
        """A line down; at the end of the scroll region it scrolls."""
        if self.cursor.row == self._end - 1:
            self.page.scroll_up(self._top, self._end, 1)
            self.cursor.is_past_margin = False
        else:
            self.go(self.cursor.row + 1, self.cursor.column)

    def next_line(self) -> None:
        """To the beginning of the next line, scrolling as `index` does."""
        self.index()
        self.go(self.cursor.row, 0)

    def lines_down(self, count: int) -> None:
        """Down, to the beginning of the line."""
        self.down(count)
        self.go(self.cursor.row, 0)

    def lines_up(self, count: int) -> None:
        """Up, to the beginning of the line."""
        self.up(count)
        self.go(self.cursor.row, 0)

    def reverse_index(self) -> None:
        """A line up; at the top of the scroll region it scrolls."""
        if self.cursor.row == self._top:
            self.page.scroll_down(self._top, self._end, 1)
        else:
            self.go(self.cursor.row - 1, self.cursor.column)

    def tab(self, count: int) -> None:
        """To the next tab stop but `count` - 1, backwards when negative."""
        if count > 0 and self.cursor.is_past_margin:
            return
        column, step = self.cursor.column, 1 if count > 0 else -1
        for _ in range(min(abs(count), self._columns)):
            column += step
            while 0 < column < self._columns - 1 and column not in self._tabs:
                column += step
        self.go(self.cursor.row, column)

    def set_tab(self) -> None:
        """A tab stop here."""
        self._tabs.add(self.cursor.column)

    def clear_tabs(self, what: int) -> None:
        """TBC: 0 this one, 3 all."""
        if what == 0:
            self._tabs.discard(self.cursor.column)
        elif what == 3:
            self._tabs.clear()

    def save(self) -> None:
        """Remember the cursor."""
        self._saved[self.page] = replace(self.cursor)

    def restore(self) -> None:
        """The cursor as it was remembered, else home."""
        self.cursor = replace(self._saved.get(self.page, Cursor()))

    def erase_in_line(self, what: int) -> None:
        """EL: 0 from the cursor, 1 up to it, 2 all."""
        at = self.cursor
        first = at.column if what == 0 else 0
        self.page.erase(at.row, first, at.column + 1 if what == 1 else self._columns)
        self.right(0)

    def erase_in_page(self, what: int) -> None:
        """ED: 0 from the cursor, 1 up to it, 2 all; 3 is for what has scrolled away."""
        row = self.cursor.row
        if what in (0, 1):
            self.erase_in_line(what)
            self.page.erase_rows(*((row + 1, self._rows) if what == 0 else (0, row)))
        elif what == 2:
            self.page.erase_rows(0, self._rows)

    def erase(self, count: int) -> None:
        """ECH: blank `count` cells."""
        self.page.erase(self.cursor.row, self.cursor.column, self.cursor.column + count)
        self.right(0)

    def insert_cells(self, count: int) -> None:
        """ICH."""
        self.page.insert_cells(self.cursor.row, self.cursor.column, count)
        self.right(0)

    def delete_cells(self, count: int) -> None:
        """DCH."""
        self.page.delete_cells(self.cursor.row, self.cursor.column, count)
        self.right(0)

    def insert_lines(self, count: int) -> None:
        """IL, in the scroll region only."""
        self._shift_lines(self.page.scroll_down, count)

    def delete_lines(self, count: int) -> None:
        """DL, in the scroll region only."""
        self._shift_lines(self.page.scroll_up, count)

    def _shift_lines(self, shift: Callable[[int, int, int], None], count: int) -> None:
        if self._top <= self.cursor.row < self._end:
            shift(self.cursor.row, self._end, count)
            self.go(self.cursor.row, 0)

    def scroll_up(self, count: int) -> None:
        """SU."""
        self.page.scroll_up(self._top, self._end, count)

    def scroll_down(self, count: int) -> None:
        """SD."""
        self.page.scroll_down(self._top, self._end, count)

    def set_region(self, top: int, bottom: int) -> None:
        """DECSTBM: rows from 1, both included, 0 for the first and the last."""
        top, end = max(top, 1) - 1, min(bottom or self._rows, self._rows)
        if top < end - 1:
            self._top, self._end = top, end
            self.go_to(0, 0)

    def align(self) -> None:
        """DECALN."""
        self.page.fill()
        self._top, self._end = 0, self._rows
        self.go(0, 0)

    def designate(self, which: int, name: str) -> None:
        """Character set G0 or G1: "B" ASCII, "0" lines."""
        first, second = self.cursor.sets
        self.cursor.sets = (name, second) if which == 0 else (first, name)

    def shift(self, which: int) -> None:
        """SI and SO: which of the two sets characters come from."""
        self.cursor.shifted = which

    def set_origin(self, is_on: bool) -> None:
        """DECOM; the cursor goes home."""
        self.cursor.is_origin = is_on
        self.go_to(0, 0)

    def set_other_page(self, mode: int, is_on: bool) -> None:
        """The alternate screen (47, 1047, 1049 with the cursor saved), or that cursor (1048)."""
        if mode in (1048, 1049) and is_on:
            self.save()
        if mode != 1048:
            if (mode == 1049 and is_on) or (mode == 1047 and not is_on):
                self._other.erase_rows(0, self._rows)
            self.page = self._other if is_on else self._main
        if mode in (1048, 1049) and not is_on:
            self.restore()

    def soft_reset(self) -> None:
        """DECSTR: modes and region as at the beginning, what is shown stays."""
        self.wraps, self.inserts = True, False
        self._top, self._end = 0, self._rows
        self.cursor = Cursor(self.cursor.row, self.cursor.column)
        self._saved.pop(self.page, None)
