"""No secret, and no card number or resident id for who may not see them, in any answer."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import httpx
import pytest
import sqlalchemy as sa

from clerkwork.console.covering import covered_facts, covered_page
from clerkwork.console.routes import ROUTES
from clerkwork.facts.codec import to_json
from clerkwork.people import ROLES, issue_token
from clerkwork.people.authoriser import ACTIONS
from clerkwork.run.breaks import break_of
from clerkwork.run.items import instruction_of
from clerkwork.run.remarks import about_break, about_item, comment
from clerkwork.run.worklist import standing_breaks
from clerkwork.store.tables import decisions, items, open_breaks, people, runs

from .conftest import OWN, PASSWORD, House
from .test_matrix import filled, the_item

CARDS = ("6222021234567890128", "4111111111111111", "6222 0212 3456 7890 128")
RESIDENTS = ("11010519491231002X", "440524188001010014")
NUMBERS = (*CARDS, *RESIDENTS)
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SECRET = "canary-of-a-secret-4711"
_LINK = re.compile(r'href="(/[^"#]*)"')
_VARIES = re.compile(r"=[^&]*|[0-9A-Za-z]{8,}|\d+|(?<=/evidence/)[^/]+|(?<=/sources/)[^/]+")
_KEPT_OUT = ("/static/", "/live", "/sign-out", "/first/", "/join/")


@pytest.fixture(scope="module")
def planted(house: House) -> House:
    """The house with numbers and secrets wherever somebody or something can put them."""
    office, item = house.office, the_item(house)
    said = " ".join(NUMBERS)
    instruction = instruction_of(item)
    fields = dict(instruction.fields)
    fields |= {"narrative": said, "counter_account": CARDS[1]}
    found = break_of(next(iter(standing_breaks(office, bots=None))))
    row = next(iter(standing_breaks(office, bots=None)))
    entry = replace(found.entry, text=said, counterparty=CARDS[0], account=CARDS[1])
    boss = house.person("boss")
    with office.store.begin() as conn:
        changed = to_json(replace(instruction, fields=fields)).decode()
        conn.execute(sa.update(items).where(items.c.id == item.id).values(instruction=changed))
        told = {"break": to_json(replace(found, entry=entry, because=said)).decode()}
        mine = open_breaks.c.id == row.id
        conn.execute(sa.update(open_breaks).where(mine).values(account=CARDS[1], **told))
        params = {"business_date": "2026-06-11", "branch": said}
        ran = runs.c.id == house.runs[OWN]
        conn.execute(sa.update(runs).where(ran).values(params=params))
        conn.execute(sa.update(decisions).values(why=said))
        conn.execute(sa.update(people).where(people.c.name == "boss").values(totp_secret=TOTP))
    for about in (about_item(item), about_break(row)):
        comment(office, about, boss, said)
    office.audit.record("worker.stop_asked", by="boss", why=said)
    (office.workspace.home / "secrets.toml").touch(mode=0o600)
    (office.workspace.home / "secrets.toml").write_text(
        f'[mail]\nsecret = "{SECRET}"\n', encoding="utf-8"
    )
    return house


@pytest.mark.parametrize("role", ROLES)
def test_a_crawl_of_every_page_and_answer_finds_no_canary(planted: House, role: str):
    """Secrets for nobody; numbers of cards and of residents for who may see documents only."""
    may_see = role in ACTIONS["see_documents"]
    hidden = secrets_of(planted) if may_see else [*secrets_of(planted), *NUMBERS]
    seen, found = 0, set()
    for address, text in crawl(planted, f"{role}.own"):
        seen += 1
        found |= {number for number in NUMBERS if number in text}
        leaked = [canary for canary in hidden if canary in text]
        assert leaked == [], f"{address} shows {role} {leaked}"

    assert seen > 60
    if may_see:  # they were there to be found
        assert found == set(NUMBERS)


def secrets_of(house: House) -> list[str]:
    """What nobody is ever shown: secrets, hashes, codes, tokens, sessions."""
    store = house.office.store
    with store.connect() as conn:
        hashes = list(conn.execute(sa.select(people.c.password)).scalars())
    token = issue_token(store, "boss", by="boss", record=house.office.audit.record)
    return [SECRET, TOTP, PASSWORD, token, house.session("boss"), *hashes, "$argon2id$"]


def crawl(house: House, name: str) -> Iterator[tuple[str, str]]:
    """Every address of the table, and whatever their pages lead to: address and text."""
    to_do = [filled(house, route) for route in ROUTES if route.method == "GET"]
    to_do = to_do[::-1]
    to_do += ["/runs?bot=reconcile_teller&state=done", f"/runs?before={CARDS[0]}"]
    done: set[str] = set()
    shapes: Counter[str] = Counter()  # of each kind of page, the first ones are looked at
    with house.visitor(name) as client:
        while to_do:
            address = to_do.pop()
            shape = _VARIES.sub("=", address)
            if address in done or address.startswith(_KEPT_OUT) or shapes[shape] >= 2:
                continue
            done.add(address)
            shapes[shape] += 1
            answer = client.get(address)
            assert answer.status_code < 500, address
            text = read(answer)
            to_do += [unescape(link) for link in _LINK.findall(text) if len(done) < 150]
            yield address, text


def read(answer: httpx.Response) -> str:
    """What stands in an answer that has text in it."""
    kind = answer.headers.get("content-type", "")
    is_text = kind.startswith(("text/", "application/json"))
    return unescape(answer.text) if is_text else ""


def test_what_is_covered_stays_what_it_was():
    """Digests, drawings, JSON: only the numbers themselves change."""
    digest = "a6222021234567890128" + "0" * 44
    page = f'<a href="/x/{digest}"><path d="M6222021234567890128"/></a>'
    assert covered_page(page) == page
    facts = {"n": 6222021234567890128, "a": [digest, "x6222021234567890128", None, True]}
    assert covered_facts(facts) == facts | {"a": [digest, "x622202*********0128", None, True]}
    assert json.dumps(covered_facts({CARDS[0]: CARDS[0]})).count("*") == 18
