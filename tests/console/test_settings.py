"""Settings: people and their links, secrets by name, alerts taken in hand; systems."""

from __future__ import annotations

import re

from clerkwork.alert import Alert, raise_alert
from clerkwork.alert.kinds import KINDS
from clerkwork.errors import Drifted
from clerkwork.run.evidence import keep_picture

from .conftest import OTHER, OWN, PASSWORD, House, post
from .test_bots import passwords

PEOPLE = "/settings/people"
FORM = {"en": "Sun Li", "zh": "孙丽", "role.checker": "on", f"desk.{OWN}": "on"}


def link_on(page: str) -> str:
    """The path of the link that the page hands out."""
    found = re.search(r'class="secret">[^<]*(/join/[\w-]+)<', page)
    assert found is not None, page
    return found[1]


def signs_in(house: House, name: str, password: str) -> bool:
    """Whether that person comes in by that password."""
    with house.visitor() as client:
        return post(client, "/sign-in", name=name, password=password).status_code == 303


def test_somebody_is_added_and_sets_their_own_password(house: House):
    """Nobody else ever knows it; the link is good once, and not for a short password."""
    with house.visitor("boss") as boss, house.visitor() as sun:
        made = post(boss, PEOPLE, name="sun.li", **FORM)
        path = link_on(made.text)
        assert house.person("sun.li").desks == (OWN,)
        assert house.person("sun.li").roles == ("checker",)
        assert "/join/" not in boss.get(PEOPLE).text

        assert "sun.li" in sun.get(path).text
        assert "PASSWORD_TOO_SHORT" in post(sun, path, password="short", again="short").text
        assert "PASSWORDS_DIFFER" in post(sun, path, password=PASSWORD, again="x").text
        done = post(sun, path, password=PASSWORD, again=PASSWORD)
        assert done.headers["location"] == "/sign-in"
        assert sun.get(path).status_code == 404
    assert signs_in(house, "sun.li", PASSWORD)


def test_nobody_is_added_without_role_or_desk_or_under_a_taken_name(house: House):
    """What was typed stays in the form."""
    lacking = (
        ({"name": "a.b"} | {k: v for k, v in FORM.items() if "role" not in k}, "ROLE_UNKNOWN"),
        ({"name": "a.b"} | {k: v for k, v in FORM.items() if "desk" not in k}, "DESK_MISSING"),
        ({"name": "boss"} | FORM, "NAME_TAKEN"),
        ({"name": "Not A Name"} | FORM, "NAME_WRONG"),
    )
    with house.visitor("boss") as client:
        for form, code in lacking:
            refused = post(client, PEOPLE, **form)
            assert (refused.status_code, code in refused.text) == (422, True)
            assert "孙丽" in refused.text


def test_a_reset_voids_everything_that_somebody_signs_in_with(house: House):
    """Password, sessions and earlier links; a new link is the way back."""
    house.add("lost.phone", "checker")
    with house.visitor("boss") as boss, house.visitor("lost.phone") as theirs:
        assert theirs.get("/").status_code == 200
        first = link_on(post(boss, f"{PEOPLE}/lost.phone/reset", page=PEOPLE).text)
        assert theirs.get("/").status_code == 303
        assert not signs_in(house, "lost.phone", PASSWORD)
        second = link_on(post(boss, f"{PEOPLE}/lost.phone/reset", page=PEOPLE).text)
    with house.visitor() as client:
        assert client.get(first).status_code == 404
        new = "another-long-one"
        assert post(client, second, password=new, again=new).status_code == 303
    assert signs_in(house, "lost.phone", new)


def test_who_is_disabled_can_do_nothing_and_their_link_opens_nothing(house: House):
    """At once; and nobody can be reset who is disabled or unknown."""
    with house.visitor("boss") as boss:
        path = link_on(post(boss, PEOPLE, name="leaves.soon", **FORM).text)
        assert post(boss, f"{PEOPLE}/leaves.soon/disable", page=PEOPLE).status_code == 303
        assert "PERSON_UNKNOWN" in post(boss, f"{PEOPLE}/leaves.soon/reset", page=PEOPLE).text
        assert post(boss, f"{PEOPLE}/no.body/disable", page=PEOPLE).status_code == 404
    with house.visitor() as client:
        refused = post(client, path, password=PASSWORD, again=PASSWORD)
        assert "LINK_OVER" in refused.text
    assert not signs_in(house, "leaves.soon", PASSWORD)


def test_people_are_shown_to_administrators_only(house: House):
    """Others come to the alerts instead."""
    with house.visitor("checker.own") as client:
        assert client.get("/settings").headers["location"] == "/settings/alerts"
        assert PEOPLE not in client.get("/settings/alerts").text
    with house.visitor("administrator.own") as client:
        assert client.get("/settings").headers["location"] == PEOPLE


def test_secrets_are_named_and_never_said(house: House):
    """On no page that speaks of them."""
    with house.visitor("boss") as client:
        named = client.get("/settings/secrets").text
        assert "ledger-keyboard" in named
        for page in ("/settings/secrets", "/systems", "/bots/reconcile_teller", "/audit"):
            text = client.get(page).text
            assert not [secret for secret in passwords(house) if secret in text]


def test_an_alert_is_taken_in_hand_once_with_what_is_done(house: House):
    """By somebody of its desk; who and what stand with it."""
    number = house.alert()
    path = f"/settings/alerts/{number}/acknowledge"
    with house.visitor("operator.own") as client:
        assert "WHY_MISSING" in post(client, path, page="/settings/alerts", why=" ").text
        assert post(client, path, page="/settings/alerts", why="asked <core>").status_code == 303
        listed = client.get("/settings/alerts").text
        assert "acknowledged by operator.own" in listed
        assert "asked &lt;core&gt;" in listed
        again = post(client, path, page="/settings/alerts", why="again")
        assert "ALERT_ACKNOWLEDGED" in again.text
        nowhere = post(client, "/settings/alerts/0/acknowledge", page="/settings/alerts", why="x")
        assert nowhere.status_code == 404


def test_another_desks_alerts_are_neither_listed_nor_taken(house: House):
    """Whose it is stands in the alert."""
    number = house.alert(OTHER)
    with house.visitor("operator.own") as client:
        assert f'id="alert-{number}"' not in client.get("/settings/alerts").text
        path = f"/settings/alerts/{number}/acknowledge"
        assert post(client, path, page="/me", why="mine").status_code == 403
    with house.visitor("operator.other") as client:
        assert f'id="alert-{number}"' in client.get("/settings/alerts").text


def test_a_system_has_its_state_its_sign_ons_and_the_last_comparison(house: House):
    """As the store and the audit log know it."""
    house.office.audit.record(
        "screens.compared", system="ledger", bot="reconcile_teller", screens=6, differences=2
    )
    with house.visitor("developer.own") as client:
        page = client.get("/systems").text
    assert "General ledger" in page
    assert "ledger-keyboard" in page
    assert "2 differences" in page
    assert f"/runs/{house.runs[OWN]}" in page
    assert "Counter" not in page  # no bot of this desk uses it


def test_an_alert_of_every_kind_is_shown(house: House):
    """Each says its sentence, whatever facts it has; test messages too."""
    about = {
        "schedule": "reconcile_teller", "bot": "reconcile_teller", "system": "ledger",
        "worker": "worker-1", "rule": "ready", "condition": "ready", "source": "mail",
        "run": "reconcile_teller.000000.1", "code": "DEFECT", "at_risk": "3", "count": "2",
        "minutes": "5",
    }  # fmt: skip
    moment = "2026-06-11T17:30:00+00:00"
    with house.office.store.begin() as conn:
        for kind, known in KINDS.items():
            facts = {name: about.get(name, moment) for name in known.facts}
            raise_alert(conn, Alert(kind, f"every:{kind}", facts), at=house.office.clock())
    for language, said in (("en", "This is a test"), ("zh", "这是一条测试消息")):
        with house.visitor("operator.own", headers={"Accept-Language": language}) as client:
            page = client.get("/settings/alerts").text
        assert said in page
        assert page.count("<article") >= len(KINDS)


def test_roles_and_desks_are_changed_at_once_and_stand_in_the_log(house: House):
    """Who was signed in must sign in again, and may then what the new roles may."""
    house.add("moves.on", "maker", desks=(OWN,))
    page = f"{PEOPLE}/moves.on"
    with house.visitor("boss") as boss, house.visitor("moves.on") as theirs:
        assert theirs.get(f"/runs/{house.runs[OWN]}").status_code == 200
        assert 'name="role.maker" checked' in boss.get(page).text
        changed = post(boss, page, **{"role.checker": "on", f"desk.{OTHER}": "on"})
        assert changed.headers["location"] == page
        assert theirs.get("/").headers["location"].startswith("/sign-in")
        shown = boss.get(f"/audit/{house.event('person.changed')}").text
        assert "checker" in shown
        assert "maker" in shown
    with house.visitor("moves.on") as again:
        assert again.get(f"/runs/{house.runs[OWN]}").status_code == 403
        assert again.get("/approvals").status_code == 200
        assert again.get("/bots/count_cash/run").status_code == 403


def test_nobody_changes_their_own_roles_and_somebody_always_administers(house: House):
    """By the form, and by an address that is typed; nothing is left half changed."""
    with house.visitor("boss") as boss:
        page = boss.get(f"{PEOPLE}/boss").text
        assert 'name="role.' not in page
        refused = post(boss, f"{PEOPLE}/boss", **{"role.checker": "on", "desk.*": "on"})
        assert (refused.status_code, "OWN_ROLES" in refused.text) == (422, True)
        lacking = (
            ({"role.checker": "on"}, "DESK_MISSING"),
            ({"desk.*": "on"}, "ROLE_UNKNOWN"),
        )
        for form, code in lacking:
            assert code in post(boss, f"{PEOPLE}/checker.own", **form).text
        assert boss.get(f"{PEOPLE}/no.body").status_code == 404
    assert house.person("boss").roles == ("administrator",)
    assert house.person("checker.own").roles == ("checker",)


def test_who_was_disabled_is_enabled_again_with_the_same_password(house: House):
    """Sessions of before stay over; who is not disabled is not enabled."""
    house.add("comes.back", "checker")
    with house.visitor("boss") as boss, house.visitor("comes.back") as theirs:
        assert post(boss, f"{PEOPLE}/comes.back/disable", page=PEOPLE).status_code == 303
        assert not signs_in(house, "comes.back", PASSWORD)
        assert post(boss, f"{PEOPLE}/comes.back/enable", page=PEOPLE).status_code == 303
        assert theirs.get("/").headers["location"].startswith("/sign-in")
        again = post(boss, f"{PEOPLE}/comes.back/enable", page=PEOPLE)
        assert "PERSON_UNKNOWN" in again.text
    assert signs_in(house, "comes.back", PASSWORD)


def test_a_system_is_paused_and_resumed_with_why(house: House):
    """By who may, for a system that a bot of theirs uses; who and why stand on the page."""
    with house.visitor("operator.own") as client:
        assert "WHY_MISSING" in post(client, "/systems/core/pause", page="/systems", why=" ").text
        done = post(client, "/systems/core/pause", page="/systems", why="a <new> disk")
        assert done.headers["location"] == "/systems#core"
        page = client.get("/systems").text
        assert "Paused by operator.own" in page
        assert "a &lt;new&gt; disk" in page
        again = post(client, "/systems/core/pause", page="/systems", why="x")
        assert "SYSTEM_PAUSED_ALREADY" in again.text
        nowhere = post(client, "/systems/counter/pause", page="/systems", why="x")
        assert nowhere.status_code == 404
        assert post(client, "/systems/core/resume", page="/systems", why="x").status_code == 303
        assert "Paused by" not in client.get("/systems").text


def test_the_proposed_repair_of_a_map_is_shown_as_a_diff(house: House):
    """As the run kept it, when something was not where its map says."""
    from clerkwork.run.office import failure_facts
    from clerkwork.run.runs import change_run
    from clerkwork.systems.port import Picture

    keep = keep_picture(house.office, run_id=house.runs[OTHER])
    diff = "--- a/resources/systems/ledger/screens/voucher.toml\n+++ b/x\n@@ [fields] @@\n-a\n+b"
    text = f"the screen\n{diff}"
    keep(Picture("ledger", "voucher", "repair", text, None, house.office.clock()))
    failure = Drifted("DOCUMENT", en="ledger voucher: moved", zh="ledger voucher：已移动")
    change_run(
        house.office, house.runs[OTHER], state="failed", ended_at=house.office.clock(),
        failure=failure_facts(failure),
    )  # fmt: skip
    with house.visitor("developer.other") as client:
        page = client.get("/systems").text
        assert "Proposed repair of its map" in page
        assert "+++ b/x" in page
        assert "the screen" not in page
