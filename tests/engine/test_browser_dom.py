"""The documents that a failure on a web page leaves: all frames, and nothing that must not be."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from clerkwork.errors import Refused
from clerkwork.systems.browser import open_session
from clerkwork.systems.maps import EnvironmentMap, FieldMap, Mark, ScreenMap, SystemMap
from clerkwork.systems.port import Picture, SignOn

CARD, RESIDENT = "6222021234567890128", "11010519491231002X"
PASSWORD = "a&b<c>\"d'é 1"
PAGE = """<!doctype html><html><head><title>Form</title>
<meta name="csrf-token" content="TOKEN-META"></head><body>
<h1>Form</h1>
<!-- left by a programmer: {card} -->
<script>var card = "{card}", token = "TOKEN-SCRIPT";</script>
<form><table>
<tr><td>Amount</td><td><input name="amount" data-of="{resident}"></td></tr>
<tr><td>Memo</td><td><input name="memo"></td></tr>
<tr><td>Pin</td><td><input name="pin" value="1234" placeholder="four"></td></tr>
<tr><td>Password</td><td><input type="password" name="word" value="old word"></td></tr>
</table>
<input type="hidden" name="csrf" value="TOKEN-HIDDEN">
<textarea>{card}</textarea>
<select><option>one</option><option>two</option></select></form>
<p>split <b>6222021</b>23456<i>7890128</i> over tags, and {resident}, &lt;kept&gt;</p>
<img src="data:image/png;base64,{data}">
<template><p>{card}</p></template>
<iframe name="inner" srcdoc="<p>in {card} the frame</p>"></iframe>
<iframe name="other" src="other.html"></iframe>
<div id="shadow"></div>
<script>
document.querySelector("#shadow").attachShadow({{mode: "open"}}).innerHTML = "<u>{card}</u>";
document.querySelector("select").selectedIndex = 1;
</script></body></html>"""


def form() -> SystemMap:
    """A page with a field that a map says is secret, found by its label alone."""
    fields = {
        "amount": FieldMap(label="Amount", type="amount", length=10),
        "memo": FieldMap(label="Memo", length=60),
        "pin": FieldMap(label="Pin", length=8, secret=True),
        "word": FieldMap(selectors=("[name=word]",), length=60, secret=True),
    }
    mark = Mark(selector="h1", text="Form")
    screen = ScreenMap(
        name="form", title_en="Form", title_zh="表单", recognise=(mark,), fields=fields
    )
    return SystemMap(
        name="site",
        title_en="Site",
        title_zh="站点",
        driver="browser",
        code_page="utf-8",
        deadline_s=5.0,
        environments={"test": EnvironmentMap(address="file:///")},
        screens={"form": screen},
    )


@pytest.fixture
def failed(tmp_path: Path) -> Callable[[dict[str, str]], str]:
    """What the failure of a form filled like this leaves of its documents."""

    def fail(typed: dict[str, str]) -> str:
        page = PAGE.format(card=CARD, resident=RESIDENT, data="A" * 5000)
        (tmp_path / "form.html").write_text(page, encoding="utf-8")
        (tmp_path / "other.html").write_text("<p id=there>another file</p>", encoding="utf-8")
        pictures: list[Picture] = []
        address = (tmp_path / "form.html").as_uri()
        with open_session(
            form(), address, SignOn("RB01", PASSWORD), keep=pictures.append
        ) as session:
            session.expect("form")
            for field, value in typed.items():
                session.set(field, value)
            with pytest.raises(Refused):
                session.set("amount", "x")
        source = pictures[-1].source
        assert source is not None and source.kind == "dom"
        return source.text

    return fail


def test_a_failure_leaves_the_documents_of_all_frames(failed: Callable[..., str]) -> None:
    """As they stand, with what was typed; each below its name and address."""
    dom = failed({"memo": "typed & kept"})

    assert '<input name="memo" value="typed &amp; kept">' in dom
    assert '<option selected="">two</option>' in dom
    assert "&lt;kept&gt;" in dom
    assert re.findall(r"<!-- frame (\w+): ", dom) == ["page", "inner", "other"]
    assert '<p id="there">another file</p>' in dom


def test_nothing_in_the_documents_is_secret(failed: Callable[..., str]) -> None:
    """
    Not in text, split over tags, boxes, attributes, comments, scripts, templates, shadows;
    no token of a session; and a password as an attribute spells it.
    """
    dom = failed({"pin": "98765", "word": PASSWORD, "memo": PASSWORD})
    plain = re.sub(r"<[^>]*>", "", dom)

    for number in (CARD, RESIDENT):
        assert number not in dom
        assert number not in plain
        assert f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}" in plain
    for word in (PASSWORD, "98765", "1234<", '"1234"', "old word", "TOKEN", "a&amp;b", "AAAA" * 20):
        assert word not in dom
