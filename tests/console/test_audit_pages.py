"""The audit log in the console: searched page by page, proven, verified; nobody else's in it."""

from __future__ import annotations

import re

from .conftest import OTHER, OWN, House, post


def positions(text: str) -> list[int]:
    """The events listed on a page, in its order."""
    listed = text[text.index('<ol class="events">') : text.index("</ol>")]
    return [int(number) for number in re.findall(r'<li><a href="/audit/(\d+)"', listed)]


def all_pages(client, address: str) -> list[int]:
    """Every event that is found, a page at a time."""
    found: list[int] = []
    while address:
        page = client.get(address).text
        if '<ol class="events">' not in page:
            break
        found += positions(page)
        older = re.search(r'href="(/audit\?[^"]*before=[^"]*)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    return found


def test_pages_have_every_event_once_newest_first(house: House):
    """As many as the log has, without one lost or doubled between two pages."""
    with house.visitor("boss") as client:
        client.get("/audit")
        last = house.office.audit.record("worker.started", executor="x")
        found = all_pages(client, "/audit")

    assert found == list(range(last, 0, -1))


def test_events_are_found_by_name_run_and_day(house: House):
    """Each narrows the others; a day without events has none."""
    ended = house.event("run.ended")
    with house.visitor("auditor.own") as client:
        assert positions(client.get("/audit?name=run.ended").text) == [ended]
        mine = all_pages(client, f"/audit?run={house.runs[OWN]}")
        assert mine == [p for p, _ in reversed(house.office.audit.read_run(house.runs[OWN]))]
        both = client.get(f"/audit?run={house.runs[OWN]}&name=run.ended").text
        assert positions(both) == [ended]
        assert "No event is like that" in client.get("/audit?day=2020-01-01").text
        zone = house.office.workspace.zone
        day = house.office.clock().astimezone(zone).date()
        assert positions(client.get(f"/audit?name=run.ended&day={day}").text) == [ended]


def test_what_a_person_did_is_found_by_their_name(house: House):
    """As who did it and as whom it was done to; their name is shown, the log has a pseudonym."""
    house.add("mei", "checker")
    with house.visitor("boss") as client:
        found = client.get("/audit?person=mei").text
        assert "added mei as checker" in found
        event = client.get(f"/audit/{positions(found)[0]}").text
    assert "person:" in event


def test_another_desks_events_are_not_found_and_not_opened(house: House):
    """Neither by search nor by number."""
    theirs = house.office.audit.read_run(house.runs[OTHER])[0][0]
    with house.visitor("auditor.own") as client:
        assert all_pages(client, f"/audit?run={house.runs[OTHER]}") == []
        assert theirs not in all_pages(client, "/audit")
        assert client.get(f"/audit/{theirs}").status_code == 403
    with house.visitor("auditor.other") as client:
        assert client.get(f"/audit/{theirs}").status_code == 200


def test_who_signs_in_when_is_for_who_looks_after_people(house: House):
    """A checker finds no event of people, by no way."""
    with house.visitor("checker.own") as client:
        page = client.get("/audit?name=person.added").text
        assert 'value="person.added"' not in page
        assert "No event is like that" in page
        assert client.get(f"/audit/{house.event('person.added')}").status_code == 403


def test_an_event_has_its_proof(house: House):
    """One that is signed holds; one that came later says that it is not signed yet."""
    with house.visitor("auditor.own") as client:
        old = client.get("/audit/2").text
        assert "The proof holds" in old
        new = house.office.audit.record("worker.stopped", executor="x")
        assert "No checkpoint has signed" in client.get(f"/audit/{new}").text
        house.office.audit.checkpoint()
        assert "The proof holds" in client.get(f"/audit/{new}").text
        for nowhere in ("0", "999999999", "x", "-1", "9" * 40, "²"):
            assert client.get(f"/audit/{nowhere}").status_code == 404


def test_the_whole_log_is_verified_on_the_page(house: House):
    """With the numbers, and by who may."""
    with house.visitor("manager.own") as client:
        found = post(client, "/audit/verify", page="/audit")
        assert (found.status_code, "The audit log holds" in found.text) == (200, True)
    with house.visitor("checker.own") as client:
        assert "/audit/verify" not in client.get("/audit").text


def test_documents_are_named_to_nobody_who_may_not_see_them(house: House):
    """A developer reads that evidence was kept, not what the document is called."""
    kept = next(
        position
        for position, event in house.office.audit.read_run(house.runs[OWN])
        if event.name == "evidence.kept" and str(event.fields["what"]).endswith(".pdf")
    )
    with house.visitor("developer.own") as client:
        assert ".pdf" not in client.get("/audit?name=evidence.kept").text
        assert ".pdf" not in client.get(f"/audit/{kept}").text
    with house.visitor("auditor.own") as client:
        assert ".pdf" in client.get(f"/audit/{kept}").text
