"""Forms as real GTK windows: boxes with their labels, menus, buttons, a table, a status bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gi

gi.require_version("Gtk", "3.0")

from gi.repository import GLib, Gtk  # noqa: E402 (the version comes first)

from clerkwork.practice.manners import PAINT_S  # noqa: E402
from clerkwork.practice.voucher.forms import COLUMNS, Form  # noqa: E402

READY, WAITS = "就绪", "请稍候"
Act = Callable[[str, dict[str, str]], None]
_PARTS = 3
_WIDE, _SPACE = 28, 8


class Window:
    """
    One form on the screen; `act` is called with the action and what stands in the boxes.

    `late`: it is painted in three parts, and says "就绪" when it is whole, as always.
    """

    def __init__(self, form: Form, act: Act, *, over: Window | None = None, late: bool = False):
        self._form = form
        self._act = act
        self._boxes: dict[str, Any] = {}
        self._store: Any = None
        self.window = _frame(form)
        self.window.connect("delete-event", lambda *_: True)  # by its buttons only
        if over is not None:
            self.window.set_transient_for(over.window)
            self.window.set_modal(True)
            self.window.set_destroy_with_parent(True)
        self._grid = Gtk.Grid(column_spacing=_SPACE, row_spacing=_SPACE)
        self._rows_place = Gtk.Box()
        self._buttons = Gtk.Box(spacing=_SPACE)
        self._message = Gtk.Statusbar()
        self._state = Gtk.Label(label=WAITS)
        self._lay_out()
        self._paint(0, late=late)

    def say(self, message: str) -> None:
        """Show another message at the foot."""
        self._message.remove_all(0)
        self._message.push(0, message)

    def typed(self) -> dict[str, str]:
        """What stands in the boxes."""
        return {name: box.get_text() for name, box in self._boxes.items()}

    def close(self) -> None:
        """Take it off the screen, with what stands over it."""
        self.window.destroy()

    def _lay_out(self) -> None:
        outer = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=_SPACE)
        if self._form.menus:
            outer.pack_start(self._menu_bar(), False, False, 0)
        foot = Gtk.Box(spacing=_SPACE)
        foot.pack_start(self._message, True, True, 0)
        foot.pack_end(self._state, False, False, _SPACE)
        # an alert has its message as a text of its own, and is never half there
        feet = () if self._form.kind == "alert" else (foot,)
        for part in (self._grid, self._rows_place, self._buttons, *feet):
            outer.pack_start(part, False, False, 0)
        if self._form.kind == "window":
            self.window.add(outer)
        else:
            self.window.get_content_area().add(outer)
        self._buttons.set_halign(Gtk.Align.CENTER)

    def _paint(self, part: int, *, late: bool) -> bool:
        boxes, rows = self._form.boxes, self._form.rows
        first, last = (len(boxes) * part // _PARTS, len(boxes) * (part + 1) // _PARTS)
        for number in range(first, last):
            self._add_box(number)
        if rows is not None:
            self._add_rows(len(rows) * part // _PARTS, len(rows) * (part + 1) // _PARTS)
        if part == _PARTS - 1:
            self._finish()
        self.window.show_all()
        if part < _PARTS - 1:
            if late:
                GLib.timeout_add(int(PAINT_S * 1000), lambda: self._paint(part + 1, late=late))
            else:
                self._paint(part + 1, late=late)
        return False  # to the timer: once

    def _finish(self) -> None:
        for caption, action in self._form.buttons:
            button = Gtk.Button(label=caption)
            button.connect("clicked", lambda _, what=action: self._act(what, self.typed()))
            self._buttons.add(button)
        self.say(self._form.message)
        self._state.set_text(READY)

    def _add_box(self, number: int) -> None:
        box = self._form.boxes[number]
        entry = Gtk.Entry(
            text=box.value, editable=box.is_open, visibility=not box.is_secret, width_chars=_WIDE
        )
        entry.set_max_length(box.limit)
        entry.connect("changed", lambda _: self.say(""))
        label = Gtk.Label(label=box.caption, mnemonic_widget=entry, xalign=1.0)
        self._grid.attach(label, 0, number, 1, 1)
        self._grid.attach(entry, 1, number, 1, 1)
        self._boxes[box.name] = entry

    def _add_rows(self, first: int, last: int) -> None:
        assert self._form.rows is not None
        if self._store is None:
            self._store = Gtk.ListStore(*[str] * len(COLUMNS))
            view = Gtk.TreeView(model=self._store)
            for number, caption in enumerate(COLUMNS):
                renderer = Gtk.CellRendererText()
                view.append_column(Gtk.TreeViewColumn(caption, renderer, text=number))
            view.get_accessible().set_name(self._form.title)
            self._rows_place.pack_start(view, True, True, 0)
        for row in self._form.rows[first:last]:
            self._store.append(row)

    def _menu_bar(self) -> Any:
        bar = Gtk.MenuBar()
        for caption, choices in self._form.menus:
            menu = Gtk.Menu()
            for text, action in choices:
                item = Gtk.MenuItem(label=text)
                item.connect("activate", lambda _, what=action: self._act(what, self.typed()))
                menu.append(item)
            head = Gtk.MenuItem(label=caption)
            head.set_submenu(menu)
            bar.append(head)
        return bar


def _frame(form: Form) -> Any:
    if form.kind == "window":
        window = Gtk.Window(title=form.title)
    elif form.kind == "dialog":
        window = Gtk.Dialog(title=form.title)
    else:
        window = Gtk.MessageDialog(title=form.title, text=form.message)
    window.set_border_width(_SPACE)
    return window


def main_loop() -> None:
    """Serve the windows until the program ends."""
    Gtk.main()
