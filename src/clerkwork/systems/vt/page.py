"""
The cells of a character screen: what printing, erasing, shifting and scrolling do to them.

A wide character takes two cells, the second is TAIL. Whatever cuts between the two leaves
two blanks, as on a real terminal, and never half a character:

    张三     cells  张 \\0 三 \\0
    ^ "A" here           A  _ 三 \\0
"""

from __future__ import annotations

from clerkwork.systems.grid.buffer import TAIL

BLANK = " "
_SOME = "E"  # DECALN fills the screen with it


class Page:
    """`rows` by `columns` cells. Rows and columns count from 0; ends are not included."""

    def __init__(self, rows: int, columns: int):
        self.columns = columns
        self._lines = [[BLANK] * columns for _ in range(rows)]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._lines)

    @property
    def raw(self) -> str:
        """Every cell, row by row."""
        return "".join(map("".join, self._lines))

    def put(self, row: int, column: int, character: str, width: int) -> None:
        """Print one character over what stands there."""
        line = self._lines[row]
        self._cut(line, column)
        self._cut(line, column + width)
        line[column : column + width] = [character, TAIL][:width]

    def at(self, row: int, column: int) -> str:
        """The cell; a TAIL for the second half of a wide character."""
        return self._lines[row][column]

    def erase(self, row: int, first: int, end: int) -> None:
        """Blank the cells from `first`; a wide character half in is blanked whole."""
        line = self._lines[row]
        end = min(end, self.columns)
        self._cut(line, first)
        self._cut(line, end)
        line[first:end] = [BLANK] * (end - first)

    def erase_rows(self, first: int, end: int) -> None:
        """Blank whole rows."""
        for row in range(first, end):
            self._lines[row] = [BLANK] * self.columns

    def insert_cells(self, row: int, column: int, count: int) -> None:
        """Push the rest of the row right; what leaves it at the margin is lost (ICH)."""
        line = self._lines[row]
        count = min(count, self.columns - column)
        self._cut(line, column)
        self._cut(line, self.columns - count)
        line[column:] = [BLANK] * count + line[column : self.columns - count]

    def delete_cells(self, row: int, column: int, count: int) -> None:
        """Pull the rest of the row left; blanks come in at the margin (DCH)."""
        line = self._lines[row]
        count = min(count, self.columns - column)
        self._cut(line, column)
        self._cut(line, column + count)
        line[column:] = line[column + count :] + [BLANK] * count

    def scroll_up(self, first: int, end: int, count: int) -> None:
        """Move the rows of a region up; blank rows come in below."""
        count = min(count, end - first)
        blank = [[BLANK] * self.columns for _ in range(count)]
        self._lines[first:end] = self._lines[first + count : end] + blank

    def scroll_down(self, first: int, end: int, count: int) -> None:
        """Move the rows of a region down; blank rows come in above."""
        count = min(count, end - first)
        blank = [[BLANK] * self.columns for _ in range(count)]
        self._lines[first:end] = blank + self._lines[first : end - count]

    def fill(self) -> None:
        """Every cell an E, as DECALN does."""
        self._lines = [[_SOME] * self.columns for _ in self._lines]

    def resize(self, rows: int, columns: int) -> None:
        """Cut or pad below and to the right; nothing is wrapped anew."""
        for line in self._lines:
            if columns < self.columns:
                self._cut(line, columns)
            line[columns:] = [BLANK] * (columns - len(line))
        self.columns = columns
        self._lines[rows:] = [[BLANK] * columns for _ in range(rows - len(self._lines))]

    def _cut(self, line: list[str], column: int) -> None:
        """Make sure that no wide character lies across the left edge of `column`."""
        if 0 < column < len(line) and line[column] == TAIL:
            line[column - 1 : column + 1] = [BLANK, BLANK]
