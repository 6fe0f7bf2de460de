"""The browser driver on files, on fields that the page completes, and on selectors that drift."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

import pytest

from clerkwork.errors import Drifted, InDoubt, Misconfigured, Refused, Unavailable
from tests.engine.site import FORM, IS_FORM, Site, yes


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The site, running."""
    with closing(Site(tmp_path)) as running:
        yield running


def test_a_file_is_uploaded(site: Site, tmp_path: Path) -> None:
    """By its path; the field shows its name, the server gets its bytes."""
    site.show("""<form method="post" enctype="multipart/form-data"><label>File
      <input type="file" name="file"></label><input type="submit" value="Send"></form>""")
    path = tmp_path / "工资.csv"
    path.write_bytes("张三,100.00\n".encode())
    session = site.open(
        FORM + IS_FORM + 'fields.file = {label = "File", type = "file", length = 40}\n'
        'keys.send = {label = "Send", commits = true, next = ["done"]}'
    )
    with pytest.raises(Refused, match="FIELD_FILE_MISSING"):
        session.set("file", "工资.csv")
    session.set("file", str(path))
    shown = session.now().fields["file"]
    session.commit("send", yes)
    (part,) = _parts(site.posts[0])

    assert shown == "工资.csv"
    assert part == path.read_bytes()


def _parts(post: bytes) -> list[bytes]:
    """The contents of a multipart form."""
    message = message_from_bytes(post)
    parts = [part for part in message.walk() if not part.is_multipart()]
    return [bytes(part.get_payload(decode=True)) for part in parts]


def test_a_file_that_is_asked_for_comes(site: Site) -> None:
    """One that nobody asked for is let go; one that does not come is Unavailable."""
    site.files["/file"] = b"\x00\xff" * 1000
    site.show("""<a href="/file">File</a><a href="javascript:void(0)">None</a>
      <a href="/file" onclick="setTimeout(() => { location = '/done' }, 500)">Both</a>""")
    session = site.open(
        FORM
        + IS_FORM
        + """
keys.file = {label = "File"}
keys.none = {label = "None"}
keys.both = {label = "Both", next = ["done"]}
"""
    )
    file = session.download("file")
    with pytest.raises(Unavailable, match="DOWNLOAD_MISSING"):
        session.download("none")

    assert (file.name, file.content) == ("a.bin", site.files["/file"])
    assert session.press("both").name == "done"


COMPLETED = """<input name="account" maxlength="9"><input name="holder" readonly>
<script>
const [account, holder] = document.querySelectorAll("input");
account.onkeyup = () => { holder.value = "";
  ANSWER };
</script><button onclick="if (holder.value) location = '/done'">Save</button>"""
RESOLVES = FORM + IS_FORM + """
fields.account = {selectors = ["[name=account]"], length = 9, resolves = "holder"}
fields.holder = {selectors = ["[name=holder]"], length = 9, readonly = true}
keys.save = {label = "Save", commits = true, next = ["done"]}
"""  # fmt: skip


def test_a_field_counts_as_set_when_it_shows_its_resolved_value(site: Site) -> None:
    """Typed key by key, awaited; so the save that is lost before it is not lost."""
    late = "clearTimeout(window.t); window.t = setTimeout(() => { holder.value = 'Li' }, 400)"
    site.show(COMPLETED.replace("ANSWER", late))
    session = site.open(RESOLVES)
    session.set("account", "123")

    assert session.now().fields["holder"] == "Li"
    assert session.commit("save", yes).name == "done"


def test_a_field_that_does_not_resolve_is_refused(site: Site) -> None:
    """The value is one that the page does not know."""
    site.show(COMPLETED.replace("ANSWER", ""))
    session = site.open(RESOLVES)
    with pytest.raises(Refused, match="FIELD_NOT_RESOLVED.*holder"):
        session.set("account", "123")


def test_a_resolved_value_that_goes_away_is_seen_before_the_key(site: Site) -> None:
    """What was completed is looked at again before the committing key."""
    wipes = "holder.value = 'Li'; setTimeout(() => { holder.value = '' }, 600)"
    site.show(COMPLETED.replace("ANSWER", wipes))
    session = site.open(RESOLVES)
    session.set("account", "1")
    threading.Event().wait(0.8)
    with pytest.raises(Refused, match="FIELD_NOT_RESOLVED"):
        session.commit("save", yes)


def test_a_save_that_nobody_heard_is_in_doubt(site: Site) -> None:
    """No request, no message: after the key only a look-up can tell."""
    site.show(COMPLETED)
    session = site.open(RESOLVES.replace(', resolves = "holder"', ""))
    with pytest.raises(InDoubt, match="ANSWER_NOT_SEEN"):
        session.commit("save", yes)


@pytest.mark.parametrize(
    "selector",
    [
        "#ctl48213_4", "#j_idt45 input", "[id='ext-gen1021']", "#ember12", "#\\\\:r1\\\\:",
        "input#f3a9c2d1", "#isc_4F", "[id^=yui_3]", "#a1b2c3",
    ],
)  # fmt: skip
def test_generated_ids_are_no_selectors(site: Site, selector: str) -> None:
    """A map that names an element by an id of one load only is refused when it is loaded."""
    for text in (
        f'fields.note = {{selectors = ["{selector}"], length = 9}}',
        f'keys.go = {{selector = "{selector}"}}',
        f'message = {{selector = "{selector}"}}',
    ):
        with pytest.raises(Misconfigured, match="MANIFEST_WRONG.*looks generated"):
            site.maps(FORM + IS_FORM + text)


def test_lasting_ids_are_selectors(site: Site) -> None:
    """Ids that somebody wrote are as good as names."""
    for selector in ("#message", "#m-search", "form#signon", "#tab2", "#payee_1", "#付款"):
        site.maps(FORM + IS_FORM + f'keys.go = {{selector = "{selector}"}}')


def test_a_later_selector_that_is_not_the_only_one_heals_nothing(site: Site) -> None:
    """Two elements are two guesses: the field is missing, for reading too."""
    site.show('<b class="one">1</b><b class="two">2</b>')
    with pytest.raises(Drifted, match="FIELD_MISSING"):
        site.open(FORM + IS_FORM + 'fields.n = {selectors = ["i", ".one", ".two"], length = 9}')


def test_a_selector_that_has_drifted_moves_behind(site: Site) -> None:
    """Without a label the selector that still finds the field is proposed as the first."""
    site.show('<input name="remark">')
    screen = 'fields.note = {selectors = ["[name=note]", "[name=remark]"], length = 9}'
    session = site.open(FORM + IS_FORM + screen)
    assert session.now().fields["note"] == ""
    with pytest.raises(Drifted, match="SELECTOR_DRIFTED") as drifted:
        session.set("note", "x")

    assert str(drifted.value.facts["diff"]).splitlines() == [
        "--- a/resources/systems/site/screens/form.toml",
        "+++ b/resources/systems/site/screens/form.toml",
        "@@ [fields] @@",
        '-note = { selectors = ["[name=note]", "[name=remark]"], length = 9 }',
        '+note = { selectors = ["[name=remark]"], length = 9 }',
    ]
    assert [picture.moment for picture in site.pictures] == ["failure", "repair"]


HEARD = {
    "attribute": "box.setAttribute('onkeydown', 'heard(event)')",
    "listener": "box.addEventListener('keydown', heard)",
    "property": "box.onkeydown = heard",
    "document": "document.addEventListener('keydown', heard, {capture: true})",
    "window": "addEventListener('keydown', heard)",
    "at the focus": "box.onfocus = () => box.addEventListener('keydown', heard)",
    "after the focus": "box.onfocus = async () => { await 0; box.onkeydown = heard }",
    "shadow": """const shadow = document.querySelector("p").attachShadow({mode: "open"});
      shadow.innerHTML = "<div><slot></slot></div>";
      shadow.querySelector("div").addEventListener("keydown", heard)""",
    "by way of a frame": """document.body.append(document.createElement("iframe"));
      frames[0].EventTarget.prototype.addEventListener.call(box, "keydown", heard)""",
    "where it reads as native": """
      if (/{ .native code. }$/.test(EventTarget.prototype.addEventListener.toString()))
        box.addEventListener(new String("keydown"), heard)""",
}


@pytest.mark.parametrize("script", HEARD.values(), ids=list(HEARD))
def test_a_field_is_typed_key_by_key_where_somebody_listens(site: Site, script: str) -> None:
    """Every key is heard, wherever the page listens for it."""
    site.show(f"""<p><label>Box <input id="box" value="old"></label></p><output></output><script>
      const said = document.querySelector("output");
      const heard = (event) => {{ said.textContent += event.key }};
      {script}</script>""")
    fields = 'fields.box = {label = "Box", length = 9}\n'
    fields += 'fields.keys = {selectors = ["output"], length = 99, readonly = true}\n'
    session = site.open(FORM + IS_FORM + fields)
    session.set("box", "1a更")

    assert session.now().fields["box"] == "1a更"
    assert session.now().fields["keys"].startswith("Controla")
    assert "Delete1a" in session.now().fields["keys"]


def test_a_field_that_nobody_listens_to_is_filled_in_one_go(site: Site) -> None:
    """Its page hears of the change once; what does not fit into it is not read back."""
    site.show("""<label>Box <input id="box" value="old" maxlength="5"></label>
      <output></output><script>const said = document.querySelector("output");
      box.onchange = () => { said.textContent += `changed to ${box.value};` }</script>""")
    fields = 'fields.box = {label = "Box", length = 9}\n'
    fields += 'fields.said = {selectors = ["output"], length = 99, readonly = true}\n'
    session = site.open(FORM + IS_FORM + fields)
    session.set("box", "1a更")

    assert session.now().fields == {"box": "1a更", "said": "changed to 1a更;"}
    with pytest.raises(Refused, match="FIELD_NOT_READ_BACK"):
        session.set("box", "123456")


def test_a_choice_that_cannot_be_made_is_none(site: Site) -> None:
    """A list tells its page of the choice; an option that is disabled is not offered."""
    site.show("""<label for="list">List</label>
      <select id="list" onchange="said.textContent = this.value">
      <option value="">-</option><option value="a">First</option>
      <option value="b" disabled>Second</option>
      <optgroup label="Old" disabled><option value="c">Third</option></optgroup></select>
      <output id="said"></output>""")
    fields = 'fields.list = {label = "List", type = "choice", length = 9}\n'
    fields += 'fields.said = {selectors = ["output"], length = 99, readonly = true}\n'
    session = site.open(FORM + IS_FORM + fields)
    session.set("list", "First")

    assert session.now().fields == {"list": "a", "said": "a"}
    for closed in ("Second", "c"):
        with pytest.raises(Refused, match="FIELD_NOT_A_CHOICE"):
            session.set("list", closed)


def test_the_option_that_is_meant_is_chosen(site: Site) -> None:
    """One that is closed, or says something else, may have its value; Event may be the page's."""
    site.show("""<script>function Event() {}</script><label for="list">List</label>
      <select id="list" onchange="said.textContent = this.selectedOptions[0].text">
      <option value="">-</option><option value="a" disabled>First</option>
      <option value="a">Second</option><option value="a">Third</option></select>
      <output id="said"></output>""")
    fields = 'fields.list = {label = "List", type = "choice", length = 9}\n'
    fields += 'fields.said = {selectors = ["output"], length = 99, readonly = true}\n'
    session = site.open(FORM + IS_FORM + fields)
    said = []
    for choice in ("a", "Third", ""):
        session.set("list", choice)
        said.append(session.now().fields["said"])

    assert said == ["Second", "Third", "-"]


def test_a_field_in_a_closed_group_does_not_accept_typing(site: Site) -> None:
    """Nothing is typed to where the cursor stood before."""
    site.show("""<input id="other"><fieldset disabled><label>Box <input></label></fieldset>
      <script>other.focus()</script>""")
    fields = 'fields.box = {label = "Box", length = 9}\n'
    fields += 'fields.other = {selectors = ["#other"], length = 9}\n'
    session = site.open(FORM + IS_FORM + fields)
    with pytest.raises(Drifted, match="FIELD_PROTECTED"):
        session.set("box", "1")

    assert session.now().fields["other"] == ""


@pytest.mark.parametrize(("kind", "value"), [("date", "2026-02-28"), ("time", "23:05")])
def test_a_date_is_set_as_it_is_written_in_the_instruction(
    site: Site, kind: str, value: str
) -> None:
    """ISO 8601, whatever the language of the browser; what is none is refused."""
    site.show(f"""<label>When <input type="{kind}" onchange="said.textContent = this.value">
      </label><output id="said"></output>""")
    fields = 'fields.when = {label = "When", length = 10}\n'
    fields += 'fields.said = {selectors = ["output"], length = 99, readonly = true}\n'
    session = site.open(FORM + IS_FORM + fields)
    session.set("when", value)

    assert session.now().fields == {"when": value, "said": value}
    with pytest.raises(Refused, match="FIELD_NOT_READ_BACK"):
        session.set("when", "31/02/2026")
