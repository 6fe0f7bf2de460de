"""The API: every line of it described, the same decisions as on the pages, the same refusals."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx
import pytest

from clerkwork.console.api.call import Call
from clerkwork.console.routes import ROUTES
from clerkwork.run.items import list_items
from clerkwork.run.worklist import standing_breaks

from .conftest import OTHER, OWN, House

LISTS = {
    "/api/runs": "runs",
    "/api/items": "items",
    "/api/breaks": "breaks",
    "/api/audit": "events",
    "/api/alerts": "alerts",
}


def test_every_line_for_programs_is_described_and_no_other(house: House):
    """The description is made from the table: its addresses, methods, bodies and answers."""
    with house.program("auditor.own") as client:
        told = client.get("/api/openapi.json").json()
    described = {
        (method.upper(), path) for path, found in told["paths"].items() for method in found
    }
    lines = {(route.method, route.path) for route in ROUTES if route.is_for_programs}

    assert told["openapi"].startswith("3.1")
    assert described == lines
    assert all(isinstance(route.page, Call) for route in ROUTES if route.is_for_programs)
    assert len({one["operationId"] for _, one in operations(told)}) == len(lines)
    for path, one in operations(told):
        assert one["summary"], path
        assert {"200", "401", "403", "422", "500"} <= one["responses"].keys(), path


def operations(told: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each operation of a description with its address."""
    return [(path, one) for path, found in told["paths"].items() for one in found.values()]


def test_lists_go_on_page_by_page_each_line_once(house: House):
    """`older` of one answer is `before` of the next, until it is null."""
    for _ in range(3):
        house.alert()
    with house.program("auditor.own") as client:
        for path, name in LISTS.items():
            whole = client.get(path, params={"limit": 200}).json()[name]
            seen, before = [], ""
            while before is not None and len(seen) <= len(whole):
                part = client.get(path, params={"limit": 7, "before": before}).json()
                assert len(part[name]) <= 7
                seen += part[name]
                before = part["older"]
                if path == "/api/audit" and len(seen) > 40:
                    break
            assert seen == whole[: len(seen)], path
            assert len(seen) in (len(whole), 42), path
            assert seen, path


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"before": "yesterday"}, "CURSOR_WRONG"),
        ({"limit": "0"}, "INPUT_WRONG"),
        ({"limit": "1000"}, "INPUT_WRONG"),
        ({"limit": "many"}, "INPUT_WRONG"),
        ({"page": "2"}, "INPUT_WRONG"),
    ],
)
def test_what_no_list_can_answer_is_refused_in_one_line(house: House, asked, code):
    """Nothing is guessed: a cursor that is none, a limit that is too much, a name unknown."""
    with house.program("auditor.own") as client:
        for path in LISTS:
            told = client.get(path, params=asked)
            assert (told.status_code, told.json()["code"]) == (422, code), path
            assert "\n" not in told.json()["message"]


def test_a_bot_is_rehearsed_and_run_by_the_schema_that_it_gives(house: House):
    """Who does not say for real rehearses; twice the same beside each other must be said."""
    with house.program("maker.other") as client:
        schema = client.get("/api/bots/count_cash").json()["params"]
        assert schema["properties"]["business_date"]["format"] == "date"
        path, sent = "/api/bots/count_cash/runs", {"business_date": "2026-06-10"}
        rehearsed = client.post(path, json={"params": sent}).json()
        assert (rehearsed["rehearse"], rehearsed["state"]) == (True, "queued")
        assert rehearsed["started_by"] == "maker.other"
        again = client.post(path, json={"params": sent})
        assert (again.status_code, again.json()["code"]) == (422, "RUN_TWICE")
        run = client.post(path, json={"params": sent, "how": "for_real", "again": True}).json()
        assert run["rehearse"] is False
        assert client.get(f"/api/runs/{run['id']}").json()["params"]["business_date"] == (
            "2026-06-10"
        )
        for params, code in (
            ({"business_date": "today"}, "PARAMETER_WRONG"),
            ({"day": "2026-06-10"}, "PARAMETER_UNKNOWN"),
        ):
            wrong = client.post(path, json={"params": params})
            assert (wrong.status_code, wrong.json()["code"]) == (422, code)
    with house.program("developer.other") as client:
        refused = client.post(path, json={"params": sent, "how": "for_real", "again": True})
        assert refused.json()["code"] == "NOT_ALLOWED"


def test_an_item_is_decided_as_it_was_shown_and_never_by_its_maker(house: House):
    """Version and digest are those that were seen; who started the run agrees to nothing."""
    waiting = next(row for row in list_items(house.office, state="waiting") if row.needs)
    path = f"/api/items/{waiting.id}"
    role = waiting.needs[0]
    with house.program(f"{role}.own") as client:
        shown = client.get(path).json()
        seen = {"version": shown["version"], "digest": shown["digest"]}
        for wrong in (seen | {"version": shown["version"] + 1}, seen | {"digest": "0" * 64}):
            told = client.post(f"{path}/agree", json=wrong)
            assert told.json()["code"] == "ITEM_CHANGED"
        agreed = client.post(f"{path}/agree", json=seen).json()
        assert [one["person"] for one in agreed["decisions"]] == [f"{role}.own"]
        twice = client.post(f"{path}/agree", json=seen)
        assert twice.json()["code"] == "SELF_APPROVAL"
    other = next(row for row in list_items(house.office, state="waiting") if row.id != waiting.id)
    house.add("both.own", "maker", "checker", "authoriser", "manager", desks=(OWN,))
    with house.program("both.own") as client:
        path = f"/api/items/{other.id}"
        shown = client.get(path).json()
        field = next(name for name in shown["fields"] if name in ("narrative", "text", "remark"))
        edited = client.post(
            f"{path}/edit",
            json={
                "version": shown["version"],
                "digest": shown["digest"],
                "why": "clearer",
                "fields": {field: "other words"},
            },
        ).json()
        assert edited["fields"][field] == "other words"
        seen = {"version": edited["version"], "digest": edited["digest"]}
        told = client.post(f"{path}/agree", json=seen)
        assert (told.status_code, told.json()["code"]) == (403, "SELF_APPROVAL")


def test_what_is_said_of_an_item_and_a_break_is_told_again(house: House):
    """Comments and who has it in hand, as on the pages."""
    item = list_items(house.office)[0]
    found = standing_breaks(house.office, bots=None)[0]
    with house.program("operator.own") as client:
        for path in (f"/api/items/{item.id}", f"/api/breaks/{found.id}"):
            said = client.post(f"{path}/comment", json={"text": "looked at"}).json()
            assert said["remarks"][-1]["text"] == "looked at"
            given = client.post(f"{path}/assign", json={"person": "operator.own"}).json()
            assert given["owner"] == "operator.own"
            assert client.post(f"{path}/assign", json={"person": ""}).json()["owner"] is None
            other = client.post(f"{path}/assign", json={"person": "operator.other"})
            assert other.json()["code"] == "OTHER_DESK"


def test_workers_are_stopped_and_started_with_a_reason(house: House):
    """The stop stands until somebody lets them start again."""
    with house.program("manager.own") as client:
        assert client.get("/api/stop-all").json()["is_stopped"] is False
        assert client.post("/api/stop-all", json={"why": " "}).json()["code"] == "WHY_MISSING"
        stopped = client.post("/api/stop-all", json={"why": "wrong totals"}).json()
        assert (stopped["is_stopped"], stopped["by"]) == (True, "manager.own")
        assert client.post("/api/resume", json={"why": "found"}).json()["is_stopped"] is False
        assert client.post("/api/resume", json={"why": "found"}).json()["code"] == "NOT_STOPPED"


def test_a_schedule_is_paused_skipped_resumed_and_run(house: House):
    """Each with its reason; how it stands is told with it."""
    path = "/api/schedules/reconcile_teller"
    with house.program("manager.own") as client:
        paused = client.post(f"{path}/pause", json={"why": "holiday"}).json()
        assert paused["schedule"]["state"] == "paused"
        assert paused["schedule"]["paused"]["by"] == "manager.own"
        resumed = client.post(f"{path}/resume", json={"why": "over"}).json()
        assert resumed["schedule"]["state"] == "enabled"
        due = resumed["schedule"]["next_due"]
        skipped = client.post(f"{path}/skip", json={"why": "once"}).json()
        assert skipped["schedule"]["next_due"] > due
        assert client.get(path).json()["coming"]
        names = [one["name"] for one in client.get("/api/schedules").json()["schedules"]]
        assert "reconcile_teller" in names


def test_an_event_is_found_with_its_proof_and_the_log_is_verified(house: House):
    """By run and day; the proof is that of the page."""
    house.office.audit.checkpoint()
    with house.program("auditor.own") as client:
        run = house.runs[OWN]
        told = client.get("/api/audit", params={"run": run, "name": "run.ended"}).json()
        (event,) = told["events"]
        assert (event["run"], event["name"]) == (run, "run.ended")
        whole = client.get(f"/api/audit/{event['position']}").json()
        assert whole["proof"]["holds"] is True
        assert whole["fields"]["run"] == run
        nothing = client.get("/api/audit", params={"since": "2100-01-01T00:00:00Z"}).json()
        assert nothing["events"] == []
        assert client.post("/api/audit/verify").json()["holds"] is True


def test_an_alert_is_taken_in_hand_once(house: House):
    """With a reason; by somebody of its desk."""
    number = house.alert()
    path = f"/api/alerts/{number}/acknowledge"
    with house.program("operator.own") as client:
        taken = client.post(path, json={"why": "I look"}).json()
        assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", "operator.own")
        assert client.post(path, json={"why": "again"}).json()["code"] == "ALERT_ACKNOWLEDGED"
    with house.program("operator.other") as client:
        number = house.alert(OWN)
        assert client.get("/api/alerts").json()["alerts"] == []


def test_people_are_invited_disabled_and_reset(house: House):
    """The link is given once; the administrator never knows a password."""
    with house.program("administrator.own") as client:
        sent = {"name": "newcomer", "zh": "新人", "roles": ["checker"], "desks": [OTHER]}
        invited = client.post("/api/people", json=sent).json()
        assert invited["address"].startswith(f"{house.origin}/join/")
        known = {one["name"]: one for one in client.get("/api/people").json()["people"]}
        assert known["newcomer"]["en"] == "新人"
        assert client.post("/api/people/newcomer/reset").json()["person"] == "newcomer"
        assert client.post("/api/people/newcomer/disable").json()["disabled"] is True
        assert client.post("/api/people/nobody/reset").status_code == 404
        for wrong, code in (
            (sent | {"name": "x", "roles": ["king"]}, "INPUT_WRONG"),
            (sent | {"name": "x", "desks": ["nowhere"]}, "DESK_UNKNOWN"),
            (sent | {"name": "X!"}, "NAME_WRONG"),
            (sent | {"password": "12345678"}, "INPUT_WRONG"),
        ):
            told = client.post("/api/people", json=wrong)
            assert (told.status_code, told.json()["code"]) == (422, code)


def test_who_one_is_is_told(house: House):
    """With what one may do at all; systems and bots are those of one's desks."""
    with house.program("checker.other") as client:
        me = client.get("/api/me").json()
        assert (me["name"], me["roles"], me["desks"]) == ("checker.other", ["checker"], [OTHER])
        assert "approve" in me["may"]
        assert "start_run" not in me["may"]
        bots = client.get("/api/bots").json()["bots"]
        assert [one["name"] for one in bots] == ["count_cash"]
        assert client.get("/api/systems").json()["systems"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "INPUT_WRONG"),
        (b"{", 400, "BODY_NOT_JSON"),
        (b"\xff", 400, "BODY_NOT_JSON"),
        (b"[]", 422, "INPUT_WRONG"),
        (b'{"text": 1}', 422, "INPUT_WRONG"),
        (b'{"text": "x", "by": "boss"}', 422, "INPUT_WRONG"),
        (b'{"text": "\\u0000"}', 422, "INPUT_WRONG"),
        (b'{"text": "\\ud800"}', 400, "BODY_NOT_JSON"),
    ],
)
def test_what_is_not_as_described_is_refused(house: House, content, status, code):
    """Before anything is done, with the place that is wrong."""
    item = list_items(house.office)[0].id
    with house.program("operator.own") as client:
        told = client.post(f"/api/items/{item}/comment", content=content)
        assert (told.status_code, told.json()["code"]) == (status, code)


def test_a_method_that_an_address_does_not_take_is_named(house: House):
    """405 with those that it takes."""
    with house.program("operator.own") as client:
        told = client.put("/api/runs")
        assert (told.status_code, told.headers["allow"]) == (405, "GET, HEAD")
        assert told.json()["code"] == "METHOD_UNKNOWN"
        assert client.delete("/api/nowhere").status_code == 404


def test_a_browser_changes_nothing_by_the_api(house: House):
    """A session reads; what changes something must be sent with a token, so no form can."""
    item = list_items(house.office)[0].id
    with house.visitor("operator.own") as browser:
        assert browser.get("/api/runs").status_code == 200
        told = browser.post(
            f"/api/items/{item}/comment",
            json={"text": "x"},
            headers={"Origin": house.origin, "Sec-Fetch-Site": "same-origin"},
        )
        assert (told.status_code, told.json()["code"]) == (403, "TOKEN_NEEDED")
    with house.visitor() as stranger:
        told = stranger.post(f"/api/items/{item}/comment", json={"text": "x"})
        assert (told.status_code, told.headers["www-authenticate"]) == (401, "Bearer")


def test_a_body_that_is_too_long_is_cut_off(house: House):
    """Said beforehand or not."""
    with house.program("operator.own") as client:
        told = client.post("/api/stop-all", content=b"x" * (1024 * 1024 + 1))
        assert told.status_code == 413

        def chunks():
            for _ in range(40):
                yield b"x" * 65536

        with contextlib.suppress(httpx.TransportError):  # cut off
            assert client.post("/api/stop-all", content=chunks()).status_code == 413
        assert client.get("/api/me").status_code == 200
