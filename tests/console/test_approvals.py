"""Approvals: what is shown before a decision, what it is bound to, and who may never take it."""

from __future__ import annotations

import re
from typing import Any

from clerkwork.facts import from_minor, grouped
from clerkwork.run.deciding import decide_item, edit_item
from clerkwork.run.items import instruction_of, list_items, load_item
from clerkwork.run.remarks import about_item, assign, comment, remarks_on

from .conftest import OWN, House, post


def waiting(house: House, *needs: str) -> Any:
    """The first item that still waits for exactly these roles, and nobody has touched."""
    return next(
        row
        for row in list_items(house.office, state="waiting")
        if tuple(row.needs) == needs and not row.edited_by and row.version == 2
    )


def bound(row: Any) -> dict[str, str]:
    """What the item's page carries of what it showed."""
    return {"version": str(row.version), "digest": row.digest}


def state(house: House, row: Any) -> str:
    """How the item stands now."""
    return str(load_item(house.office, row.id).state)


def test_the_queue_has_what_waits_for_this_person_and_its_totals(house: House):
    """By role, with count and sum per currency; a manager is shown other items."""
    rows = list_items(house.office, state="waiting")
    for role in ("checker", "authoriser", "manager"):
        mine = [row for row in rows if role in row.needs]
        with house.visitor(f"{role}.own") as client:
            page = client.get("/approvals").text
        shown = set(re.findall(r'href="/items/(\w+)"', page))
        assert {row.id for row in mine} == shown
        for currency in {row.currency for row in mine}:
            amounts = [row.amount_minor for row in mine if row.currency == currency]
            figure = grouped(from_minor(sum(amounts), currency), currency)
            assert f"{currency} · {len(amounts)}</dt>" in page
            assert f"{figure} {currency}</dd>" in page
    with house.visitor("checker.other") as client:
        assert "/items/" not in client.get("/approvals").text


def test_the_queue_is_ordered_and_filtered(house: House):
    """By amount the largest of a currency first; by kind only that kind."""
    rows = {row.id: row for row in list_items(house.office, state="waiting")}
    with house.visitor("checker.own") as client:
        largest = re.findall(r'<th scope="row"><a href="/items/(\w+)"', client.get(
            "/approvals?order=amount"
        ).text)  # fmt: skip
        fees = re.findall(r'href="/items/(\w+)"', client.get("/approvals?kind=fee").text)
    keys = [(rows[one].currency, -rows[one].amount_minor) for one in largest]
    assert keys == sorted(keys)
    assert {"fee"} == {rows[one].kind for one in fees}


def test_an_item_shows_what_will_be_keyed_beside_its_source(house: House):
    """Every field, the amount in words in both languages, the marked line, the framed picture."""
    row = next(r for r in list_items(house.office) if r.kind == "reversal")
    instruction = instruction_of(row)
    with house.visitor("checker.own") as client:
        page = client.get(f"/items/{row.id}").text
        for value in filter(None, instruction.fields.values()):
            assert f'<dd translate="no">{value}' in page
        assert "负" in page and "minus " in page
        marked = re.findall(r"<mark>(.*?)</mark>", page)
        assert len(marked) == 1 and instruction.fields["original_voucher"][-5:] in marked[0]
        (picture,) = set(re.findall(r'src="(/items/\w+/sources/\w+)"', page)) or {""}
        image = client.get(picture)
        assert (image.status_code, image.content[:4]) == (200, b"\x89PNG")
        assert "sandbox" in image.headers["content-security-policy"]
    with house.visitor("developer.own") as client:
        assert client.get(picture).status_code == 403
        assert picture not in client.get(f"/items/{row.id}").text


def test_what_has_no_history_and_a_new_account_is_said(house: House):
    """Nothing was confirmed yet, and the authority's tiers stand on the page."""
    row = waiting(house, "checker")
    with house.visitor("checker.own") as client:
        page = client.get(f"/items/{row.id}").text
    assert "none of this kind was confirmed before" in page
    assert "nobody may agree" in page and "of at most 60 items" in page


def test_agreeing_goes_on_to_the_next_that_waits(house: House):
    """The decision is the person's, on the digest that they saw."""
    row = waiting(house, "checker")
    with house.visitor("checker.own") as client:
        page = f"/items/{row.id}"
        done = post(client, f"{page}/agree", page=page, why="seen", **bound(row))
        assert done.status_code == 303
        following = done.headers["location"]
        assert following.startswith("/items/") and following != page
        assert client.get(following).status_code == 200
    assert state(house, row) == "approved"
    events = [e for _, e in house.office.audit.read_run(row.run_id) if e.name == "item.decided"]
    assert events[-1].fields["digest"] == row.digest


def test_what_changed_after_it_was_shown_is_not_decided_on(house: House):
    """An edit voids what was seen: the old page decides nothing, for good or bad."""
    row = waiting(house, "checker", "authoriser")
    seen = bound(row)
    people = house.person
    decide_item(house.office, row, people("checker.own"), "agree", "seen")
    narrative = {"narrative": f"{instruction_of(row).fields['narrative']} B"}
    edit_item(house.office, row, people("maker.own"), narrative, "clearer")
    page = f"/items/{row.id}"
    with house.visitor("checker.own") as client:
        for path, more in (("agree", {}), ("reject", {"decision": "refuse", "why": "x"})):
            answer = post(client, f"{page}/{path}", page=page, **seen, **more)
            assert (answer.status_code, "ITEM_CHANGED" in answer.text) == (422, True)
        seen_all = f"{row.id}:{seen['version']}:{seen['digest']}"
        answer = post(client, "/approvals/batch", page="/approvals", seen=seen_all)
        assert (answer.status_code, "ITEM_CHANGED" in answer.text) == (422, True)
        assert state(house, row) == "waiting"
        # the approval of before is void: both must agree anew
        now = load_item(house.office, row.id)
        assert post(client, f"{page}/agree", page=page, **bound(now)).status_code == 303
    assert state(house, row) == "waiting"


def test_without_the_digest_nothing_is_decided(house: House):
    """Also a form that leaves it out, or names another item's."""
    one, other = waiting(house, "checker"), waiting(house, "checker", "manager")
    page = f"/items/{one.id}"
    with house.visitor("checker.own") as client:
        for form in ({}, bound(other), {"version": str(one.version), "digest": ""}):
            answer = post(client, f"{page}/agree", page=page, **form)
            assert "ITEM_CHANGED" in answer.text
    assert state(house, one) == "waiting"


def test_who_edited_an_item_agrees_to_it_by_no_route(house: House):
    """Alone, in a batch, or once it is excepted; the page says why, and has no button."""
    house.add("both", "maker", "checker", "authoriser", "manager", desks=(OWN,))
    row = waiting(house, "checker", "manager")
    page = f"/items/{row.id}"
    with house.visitor("both") as client:
        fields = {f"field.{k}": v for k, v in instruction_of(row).fields.items()}
        changed = fields | {"field.narrative": f"{fields['field.narrative']} C", "why": "clearer"}
        saved = post(client, f"{page}/edit", page=f"{page}/edit", **bound(row), **changed)
        assert saved.status_code == 303
        now = load_item(house.office, row.id)
        assert now.edited_by == ["both"]
        shown = client.get(page).text
        assert "SELF_APPROVAL" in shown and "items/" + row.id + "/agree" in shown
        assert 'accesskey="a"' not in shown
        assert row.id not in client.get("/approvals").text
        assert post(client, f"{page}/agree", page=page, **bound(now)).status_code == 403
        seen = f"{row.id}:{now.version}:{now.digest}"
        assert post(client, "/approvals/batch", page="/me", seen=seen).status_code == 403
        assert post(client, f"{page}/retry", page=page, why="x", **bound(now)).status_code == 403
        bulk = post(client, "/exceptions/bulk", page="/me", do="retry", why="x", seen=seen)
        assert bulk.status_code == 403
    assert state(house, row) == "waiting"


def test_sending_back_and_refusing_need_a_why(house: House):
    """Without it the page comes again; with it the item goes back to be edited."""
    row = waiting(house, "checker")
    page = f"/items/{row.id}"
    with house.visitor("checker.own") as client:
        answer = post(client, f"{page}/reject", page=page, decision="send_back", **bound(row))
        assert (answer.status_code, "WHY_MISSING" in answer.text) == (422, True)
        answer = post(
            client, f"{page}/reject", page=page, decision="send_back", why="whose?", **bound(row)
        )
        assert answer.status_code == 303
    assert state(house, row) == "new"
    with house.visitor("maker.own") as client:
        assert f"{page}/edit" in client.get(page).text
        assert row.id in client.get("/exceptions?kind=new").text


def test_an_edit_is_checked_as_the_target_will(house: House):
    """An account number in the amount, a field too long, nothing changed: said, and not kept."""
    row = waiting(house, "checker")
    page = f"/items/{row.id}/edit"
    fields = {f"field.{name}": value for name, value in instruction_of(row).fields.items()}
    wrong = {
        "ABOVE_EVERY_LIMIT": {"field.amount": "9911840001.00"},
        "AMOUNT_IS_AN_ACCOUNT": {"field.amount": fields["field.debit_account"]},
        "FIELD_TOO_LONG": {"field.narrative": "x" * 61},
        "FIELD_NOT_NUMERIC": {"field.amount": "ten"},
        "NOTHING_CHANGED": {},
    }
    with house.visitor("maker.own") as client:
        for code, change in wrong.items():
            answer = post(client, page, **bound(row), **fields | change, why="test")
            assert (answer.status_code, code in answer.text) == (422, True), code
    assert load_item(house.office, row.id).digest == row.digest


def test_a_batch_is_counted_and_summed_before_it_is_agreed_to(house: House):
    """The dry run decides nothing; then all of it, or nothing when one item has changed."""
    rows = [r for r in list_items(house.office, state="waiting") if r.needs == ["checker"]][:2]
    query = "&".join(f"item={row.id}" for row in rows)
    with house.visitor("checker.own") as client:
        page = client.get(f"/approvals/batch?{query}").text
        assert f"Agree to {len(rows)} items" in page
        assert [state(house, row) for row in rows] == ["waiting"] * len(rows)
        (seen,) = re.findall(r'name="seen" value="([^"]+)"', page)
        assert len(seen.split()) == len(rows)
        last = seen.rpartition(":")[0] + ":" + "0" * 64
        changed = post(client, "/approvals/batch", page=f"/approvals/batch?{query}", seen=last)
        assert "ITEM_CHANGED" in changed.text
        assert [state(house, row) for row in rows] == ["waiting"] * len(rows)
        done = post(client, "/approvals/batch", page=f"/approvals/batch?{query}", seen=seen)
        assert (done.status_code, done.headers["location"]) == (303, "/approvals")
        assert "NOTHING_CHOSEN" in client.get("/approvals/batch").text
    assert [state(house, row) for row in rows] == ["approved"] * len(rows)


def test_an_item_is_given_to_somebody_of_its_desk_and_commented_on(house: House):
    """What is said is shown as text; another desk's people and strangers are refused."""
    row = list_items(house.office)[0]
    page = f"/items/{row.id}"
    with house.visitor("checker.own") as client:
        assert post(client, f"{page}/assign", page=page, person="maker.own").status_code == 303
        assert post(client, f"{page}/assign", page=page, person="maker.other").status_code == 403
        assert "PERSON_UNKNOWN" in post(client, f"{page}/assign", page=page, person="who").text
        said = post(client, f"{page}/comment", page=page, text="<b>asked 总账</b>")
        assert said.status_code == 303
        assert "COMMENT_EMPTY" in post(client, f"{page}/comment", page=page, text=" ").text
        shown = client.get(page).text
        assert "&lt;b&gt;asked 总账&lt;/b&gt;" in shown
    kept = remarks_on(house.office, about_item(row))
    assert [(one.kind, one.person) for one in kept] == [
        ("assignment", "maker.own"),
        ("comment", ""),
    ]
    logged = [e for _, e in house.office.audit.read_run(row.run_id) if e.name == "item.commented"]
    assert "总账" not in str(logged[-1].fields)


def test_the_shell_and_the_page_keep_the_same_remarks(house: House):
    """What a program keeps by `run.remarks` stands on the page."""
    row = list_items(house.office)[1]
    assign(house.office, about_item(row), house.person("manager.own"), "checker.own", desk=OWN)
    comment(house.office, about_item(row), house.person("manager.own"), "by hand")
    with house.visitor("auditor.own") as client:
        page = client.get(f"/items/{row.id}").text
    assert "by hand" in page and "checker.own" in page


def test_a_forged_form_decides_nothing(house: House):
    """Without the token of a page of ours, or from another site."""
    row = list_items(house.office, state="waiting")[0]
    with house.visitor("checker.own") as client:
        for path in ("agree", "reject", "retry", "abandon", "look-up", "assign", "comment"):
            answer = client.post(
                f"/items/{row.id}/{path}", data=bound(row), headers={"Origin": house.origin}
            )
            assert answer.status_code == 403, path
        for path in ("/approvals/batch", "/exceptions/bulk", "/stop-all", "/resume"):
            foreign = {"Origin": "https://elsewhere.example"}
            assert client.post(path, data={}, headers=foreign).status_code == 403, path
    assert state(house, row) == "waiting"
