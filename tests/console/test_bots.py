"""Bots: the catalogue, the process map, the procedure, and starting one from its form."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clerkwork.console.drawing import Box, draw, wrapped
from clerkwork.console.procedure import shown
from clerkwork.run.runs import find_run, list_runs
from clerkwork.workspace import load_process

from .conftest import COOKIE, OWN, House, post

BOT = "reconcile_teller"
FORM = f"/bots/{BOT}/run"


def started(house: House) -> int:
    """How many runs there are."""
    return len(list_runs(house.office))


def test_the_catalogue_has_the_bots_of_ones_own_desks(house: House):
    """Another desk's bot is neither listed nor shown."""
    with house.visitor("checker.own") as client:
        listed = client.get("/bots").text
        assert f"/bots/{BOT}" in listed
        assert "count_cash" not in listed
        assert house.runs[OWN] in listed
        other = client.get("/bots/count_cash")
        assert (other.status_code, "OTHER_DESK" in other.text) == (403, True)
        assert client.get("/bots/no_such_bot").status_code == 404
        assert client.get("/bots/..%2f..").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_map_draws_every_step_and_system(house: House, language: str):
    """All words of every step stand in the drawing, in the reader's language, without styles."""
    with house.visitor("auditor.own", headers={"Accept-Language": language}) as client:
        page = client.get(f"/bots/{BOT}").text

    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(drawings) == 2  # for wide pages and for narrow ones
    for drawing in drawings:
        said = re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", drawing)).replace("&#39;", "'")
        for step in load_process(house.office.workspace, BOT).steps:
            name = step.zh if language == "zh" else step.en
            assert name.replace(" ", "") in said
        assert {"en": "Generalledger", "zh": "总账"}[language] in said
        assert {"en": "checker", "zh": "复核"}[language] in said
    assert "style=" not in page


def step(name: str, executor: str, system: str = "") -> Any:
    """A step of a map, in both languages the same."""
    return SimpleNamespace(name=name, en=name, zh=name, executor=executor, system=system)


def overlap(one: Box, two: Box) -> bool:
    """Whether two boxes lie on one another."""
    return (
        one.x < two.x + two.width
        and two.x < one.x + one.width
        and one.y < two.y + two.height
        and two.y < one.y + one.height
    )


def test_no_box_lies_on_another_and_all_lie_within_the_drawing():
    """Long names, many lanes, one system in two stretches."""
    steps = [
        step("a step with quite a long name that takes several lines " * 2, "bot", "core"),
        step("核对当日流水与往来行对账单并说明全部不符项，逐笔登记", "checker"),
        step("third", "bot", "core"),
        step("fourth", "manager"),
        step("fifth", "bot", "ledger"),
        step("sixth", "bot", "ledger"),
    ]
    drawing = draw(steps, language="en", executor=str, system=str)

    boxes = [*drawing.steps, *drawing.systems]
    assert len(drawing.steps) == 6
    assert [box.words.lines for box in drawing.systems] == [("core",), ("core",), ("ledger",)]
    assert [lane.words.lines for lane in drawing.lanes] == [("checker",), ("manager",), ("bot",)]
    assert not [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :] if overlap(a, b)]
    for box in boxes:
        assert 0 <= box.x and box.x + box.width <= drawing.width
        assert 0 <= box.y and box.y + box.height <= drawing.height
        assert box.words.y + (len(box.words.lines) - 1) * box.words.step < box.y + box.height
    assert len(drawing.arrows) == 5


def test_a_narrow_drawing_fits_a_narrow_page_and_says_who():
    """No lanes: what a person does says so in its box, and all of it is 358 pixels wide."""
    steps = [step("read", "bot", "core"), step("agree", "checker")]
    drawing = draw(steps, language="en", executor=str, system=str, is_narrow=True)

    assert drawing.width <= 358
    assert drawing.lanes == ()
    assert [box.words.lines for box in drawing.steps] == [("read",), ("agree (checker)",)]
    assert [box.kind for box in drawing.steps] == ["bot", "person"]


def test_a_procedure_is_read_in_ones_own_language(house: House):
    """Where the bank has it in both."""
    shown_in = {}
    for language in ("en", "zh"):
        with house.visitor("checker.own", headers={"Accept-Language": language}) as client:
            shown_in[language] = client.get(f"/bots/{BOT}").text
    assert "What stops it" in shown_in["en"]
    assert "机器人停止的情形" in shown_in["zh"]
    assert "What stops it" not in shown_in["zh"]


def test_a_map_without_steps_is_drawn_empty():
    """Nothing is divided by nothing."""
    assert draw([], language="en", executor=str, system=str).steps == ()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("one two", ["one two"]),
        ("one two three four", ["one two three", "four"]),
        ("读取当日流水并校验", ["读取当日流水并", "校验"]),
        ("读取当日流水并，校验", ["读取当日流水", "并，校验"]),
        ("unbreakablewordwithoutspaces", ["unbreakablewordwithoutspaces"]),
    ],
)
def test_words_are_broken_where_a_reader_would(text: str, lines: list[str]):
    """English at spaces; Chinese anywhere but before closing marks; nothing is lost."""
    assert wrapped(text, 100) == lines


def test_a_procedure_cannot_bring_anything_to_life():
    """Tags are text; scripts, pictures and links into the house are none; no styles."""
    html = shown(
        "# Title\n\n## Part <b>x</b>\n\n<script>alert(1)</script>\n\n"
        "[a](javascript:alert(1)) [b](https://bank.example/) [c](../../etc/passwd)\n\n"
        "![p](https://bank.example/p.png)\n\n| l | r |\n|:--|--:|\n| 1 | `2` |\n"
    )

    assert "Title" not in html
    assert "<h3>Part &lt;b&gt;x&lt;/b&gt;</h3>" in html
    assert "<script" not in html
    assert "<img" not in html
    assert "style=" not in html
    assert re.findall(r'href="([^"]*)"', html) == [
        "https://bank.example/",
        "https://bank.example/p.png",
    ]
    assert "<code>2</code>" in html


def test_readiness_names_a_missing_credential_and_no_secret(house: House):
    """What is there is said by name; what it says is not."""
    with house.visitor("developer.own") as client:
        page = client.get(f"/bots/{BOT}").text

    assert "General ledger" in page
    for secret in passwords(house):
        assert secret not in page


def passwords(house: House) -> list[str]:
    """The passwords of the practice bank's operators."""
    import json

    path: Path = house.office.workspace.home / "practice" / "credentials.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    found = [pair["password"] for pair in told.values()]
    assert found
    return found


def test_a_form_is_made_from_the_parameters_and_their_defaults(house: House):
    """Labels in the reader's language, types, defaults."""
    with house.visitor("operator.own", headers={"Accept-Language": "zh"}) as client:
        page = client.get(FORM).text

    assert "会计日期" in page
    assert re.search(r'name="business_date" value="" type="date"', page)
    assert re.search(r'name="branch" value="0755" type="text"', page)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "is not a date"), ("zh", "不是日期")], ids=["en", "zh"]
)
def test_a_wrong_value_is_told_at_its_field_and_nothing_starts(
    house: House, language: str, said: str
):
    """What was typed stays; the other field too."""
    before = started(house)
    with house.visitor("operator.own", headers={"Accept-Language": language}) as client:
        again = post(client, FORM, business_date="11.06.<b>", branch="0888", how="for_real")

    assert again.status_code == 422
    assert said in again.text
    assert 'aria-invalid="true" aria-describedby="wrong-business_date' in again.text
    assert 'value="0888"' in again.text
    assert "11.06.&lt;b&gt;" in again.text
    assert "<b>”" not in again.text
    assert started(house) == before


def test_a_bot_is_started_once_and_a_second_time_only_on_purpose(house: House):
    """The run is the person's; the same again is asked about, and then is a new run."""
    form = {"business_date": "2026-06-10", "branch": "0755", "how": "for_real"}
    with house.visitor("maker.own") as client:
        done = post(client, FORM, **form)
        run_id = done.headers["location"].removeprefix("/runs/")
        assert done.status_code == 303
        row = find_run(house.office, run_id)
        assert (row.started_by, row.rehearse, row.state) == ("maker.own", False, "queued")
        assert row.params == {"business_date": "2026-06-10", "branch": "0755"}
        followed = client.get(done.headers["location"])
        assert "The run is asked for" in followed.text
        assert "asked for run" in followed.text
        assert "<progress" in followed.text

        before = started(house)
        asked = post(client, FORM, **form)
        assert (asked.status_code, run_id in asked.text) == (422, True)
        assert started(house) == before
        second = post(client, FORM, **form, again="yes")
        assert second.headers["location"] == f"/runs/{row.stem}.{row.sequence + 1}"

        as_last = client.get(f"{FORM}?as=last").text
        assert 'name="business_date" value="2026-06-10"' in as_last


def test_a_rehearsal_is_a_choice_and_all_that_a_developer_has(house: House):
    """Not for real by the form's own field either; unsaid, it is a rehearsal."""
    with house.visitor("developer.own") as client:
        assert "disabled" in client.get(FORM).text
        refused = post(client, FORM, business_date="2026-06-09", how="for_real")
        assert refused.status_code == 403
        for day, how in (("2026-06-08", {"how": "rehearse"}), ("2026-06-07", {})):
            done = post(client, FORM, business_date=day, **how)
            row = find_run(house.office, done.headers["location"].removeprefix("/runs/"))
            assert row.rehearse


def test_the_log_of_a_run_has_every_line_once_and_in_order(house: House):
    """Numbers are places in the audit log; each leads to its proof, for who may see it."""
    events = house.office.audit.read_run(house.runs[OWN])
    with house.visitor("auditor.own") as client:
        page = client.get(f"/runs/{house.runs[OWN]}").text

    lines = [int(number) for number in re.findall(r'id="line-(\d+)"', page)]
    assert lines == sorted((position for position, _ in events), reverse=True)[: len(lines)]
    assert len(lines) == min(len(events), 200)
    assert page.count(f"/audit/{lines[0]}") == 1


def test_a_queued_run_is_followed_live_in_a_browser(house: House):
    """From the form to the run's page, where lines come without loading it again."""
    from playwright.sync_api import sync_playwright

    from clerkwork.systems.browser import find_browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        context = browser.new_context(base_url=house.origin, locale="en-GB")
        token = house.session("operator.own")
        context.add_cookies([{"name": COOKIE, "value": token, "url": house.origin}])
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(f"/bots/{BOT}")
        page.get_by_role("button", name="Run …").click()
        page.get_by_label("Accounting date").fill("2026-06-05")
        page.get_by_role("button", name="Start").click()
        page.wait_for_url("**/runs/*")
        run_id = page.url.rpartition("/")[2]
        page.wait_for_selector("html[data-stream=open]")
        assert page.locator(".log li").count() == 1

        positions = [
            house.office.audit.record("step.started", run=run_id, step=f"step-{number}")
            for number in range(30)
        ]
        page.wait_for_selector(f"#line-{positions[-1]}")
        shown_lines = page.locator(".log li").evaluate_all("all => all.map(one => one.id)")
        assert shown_lines[:30] == [f"line-{position}" for position in reversed(positions)]
        assert len(set(shown_lines)) == 31
        assert wrong == []
        browser.close()
