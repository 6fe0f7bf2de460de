"""The browser driver on dialogs, frames in frames, and several windows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clerkwork.errors import Drifted, Refused
from tests.engine.site import FORM, IS_FORM, Site, yes


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The site, running."""
    with closing(Site(tmp_path)) as running:
        yield running


def test_the_dialogs_of_a_key_are_answered_as_mapped(site: Site) -> None:
    """Confirm, alert and prompt, each by its words; the evidence has what they said."""
    site.show("""<form method="post"><input type="hidden" name="why"><input type="submit"
      value="Go" onclick="if (!confirm('Sure?')) return false; alert('Now it goes');
      this.form.why.value = prompt('Reason, please'); return true"></form>""")
    key = 'keys.go = {label = "Go", commits = true, next = ["done"], confirms = "Sure", '
    key += 'alerts = "Now", answers = {"Reason" = "correction 更正"}}'
    site.open(FORM + IS_FORM + key).commit("go", yes)

    assert len(site.posts) == 1
    assert b"why=correction+%E6%9B%B4%E6%AD%A3" in site.posts[0]
    said = site.pictures[-1].text.splitlines()
    assert ["! Sure?", "! Now it goes", "! Reason, please"] == said[-3:]


def test_an_alert_with_a_mapped_message_is_what_it_means(site: Site) -> None:
    """A page that says no by an alert says no: Refused, with the text of messages.toml."""
    site.show("""<form method="post"><input type="submit" value="Go"
      onclick="alert('ST4201 nothing filled'); return false"></form>""")
    session = site.open(
        FORM + IS_FORM + 'keys.go = {label = "Go", commits = true, next = ["done"]}'
    )
    with pytest.raises(Refused, match="ST4201.*say it: ST4201 nothing filled"):
        session.commit("go", yes)

    assert site.posts == []


def test_an_alert_that_was_not_expected_twice_is_no_answer(site: Site) -> None:
    """A mapped dialog is answered once; the second one is a surprise."""
    site.show("""<form method="post"><input type="submit" value="Go"
      onclick="return confirm('Sure?') && confirm('Sure? Really?')"></form>""")
    key = 'keys.go = {label = "Go", commits = true, next = ["done"], confirms = "Sure"}'
    with pytest.raises(Drifted, match="DIALOG_UNEXPECTED.*Really"):
        site.open(FORM + IS_FORM + key).commit("go", yes)

    assert site.posts == []


def test_frames_in_frames_are_found_by_name_or_path(site: Site) -> None:
    """A nested frame by its name, a nameless one by its path."""
    site.pages["/"] = '<frameset cols="50%,50%"><frame name="left" src="/a"><frame src="/b">'
    site.show('<iframe name="inner" src="/in"></iframe>', "/a", "Left")
    site.show('<iframe src="/in"></iframe>', "/b", "Right")
    site.show('<table><tr><td>Note</td><td><input name="note"></td></tr></table>', "/in", "In")
    screen = """recognise = [{frame = "left", selector = "h1", text = "Left"}]
[fields]
first = {frame = "inner", label = "Note", length = 9}
second = {frame = "#2/#1", label = "Note", length = 9}
"""
    session = site.open(FORM + screen)
    session.set("first", "one")
    session.set("second", "two")

    assert session.now().fields == {"first": "one", "second": "two"}


POPUPS = """<script>function look(name) { window.open("/" + name, name) }</script>
<input name="account"><button onclick="look('help')">Help</button>
<button onclick="look('book')">Book</button>"""
IN_FRONT = (
    FORM
    + IS_FORM
    + """
fields.account = {selectors = ["[name=account]"], length = 9}
keys.help = {label = "Help", next = ["help"]}
keys.book = {label = "Book", next = ["book"]}
"""
)
HELP = """name = "help"\ntitle_en = "H"\ntitle_zh = "H"\nwindow = "help"
recognise = [{selector = "h1", text = "Help"}]
keys.take = {label = "Take", next = ["form"]}
keys.book = {label = "Book", next = ["book"]}
"""
BOOK = """name = "book"\ntitle_en = "B"\ntitle_zh = "B"\nwindow = "The book"
recognise = [{selector = "h1", text = "The book"}]
keys.back = {label = "Back", next = ["help"]}
"""  # fmt: skip


def test_a_pop_up_gives_its_choice_and_goes(site: Site) -> None:
    """What the pop-up covered stands in front again, with what it filled in."""
    take = "opener.document.querySelector('input').value = '4711'; window.close()"
    site.show(POPUPS)
    site.show(f'<button onclick="{take}">Take</button>', "/help", "Help")
    session = site.open(IN_FRONT, HELP, BOOK)
    session.press("help")
    screen = session.press("take")

    assert (screen.name, screen.fields["account"]) == ("form", "4711")


def test_work_goes_on_in_the_window_that_shows_the_screen(site: Site) -> None:
    """Three windows: a screen by its window's name or title; another one closes by itself."""
    site.show(POPUPS)
    site.show("<button onclick=\"window.open('/book', 'x')\">Book</button>", "/help", "Help")
    site.show('<button onclick="window.close()">Back</button>', "/book", "The book")
    session = site.open(IN_FRONT, HELP, BOOK)
    names = [session.press("help").name, session.press("book").name, session.press("back").name]

    assert names == ["help", "book", "help"]


def test_a_screen_in_a_window_that_is_not_its_own_is_unknown(site: Site) -> None:
    """A pop-up that looks like a screen of the first window is not taken for it."""
    site.show(POPUPS)
    site.show("", "/help", "Form")
    session = site.open(IN_FRONT, HELP, BOOK)
    with pytest.raises(Drifted, match="SCREEN_UNKNOWN"):
        session.press("help")
    with pytest.raises(Drifted, match="SCREEN_UNKNOWN"):
        session.set("account", "1")


def test_a_key_of_a_page_that_is_painted_again_and_again_is_waited_for(site: Site) -> None:
    """It is looked for anew while its document is being replaced."""
    site.deadline_s = 20.0
    site.show("""<a href="/done">Next</a><script>
      const times = +sessionStorage.times || 0; sessionStorage.times = times + 1;
      if (times < 30) setTimeout(() => location.reload(), 1)</script>""")
    session = site.open(FORM + IS_FORM + 'keys.next = {label = "Next", next = ["done"]}')

    assert session.press("next").name == "done"


@pytest.mark.parametrize("frame", ['src="/in"', 'srcdoc="<label>Box <input></label>"'])
def test_a_page_stands_once_its_frames_do(site: Site, frame: str) -> None:
    """A field in a frame that came while the page was looked at is not missing."""
    site.show("<label>Box <input></label>", path="/in")
    site.show(f'<iframe name="in" {frame}></iframe>')
    session = site.open(FORM + IS_FORM + 'fields.box = {label = "Box", frame = "in", length = 9}')
    session.set("box", "1")

    assert session.now().fields["box"] == "1"


def test_a_key_that_a_page_did_not_hear_while_it_was_painted_anew_is_pressed_again(
    site: Site,
) -> None:
    """As a person does who sees the same page still stand there."""
    site.show("""<a href="/done">Next</a><script>
      if (!sessionStorage.heard) document.querySelector("a").onclick = () => {
        sessionStorage.heard = 1;
        setTimeout(() => location.reload(), 50);
        return false;
      }</script>""")
    session = site.open(FORM + IS_FORM + 'keys.next = {label = "Next", next = ["done"]}')

    assert session.press("next").name == "done"
