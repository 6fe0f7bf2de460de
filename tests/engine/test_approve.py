"""Approval: who must agree, and decisions bound to what was seen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from clerkwork.approve import decide, load_authority, needs
from clerkwork.errors import Misconfigured, Refused
from clerkwork.facts import Instruction
from clerkwork.store import Store, open_store
from clerkwork.store.items import edit, move
from clerkwork.store.tables import decisions, item_states, items, runs

NOW = datetime(2026, 6, 12, 1, 30, tzinfo=UTC)
FILE = Path(__file__).parents[2] / "resources" / "rules" / "authority.toml"
AUTHORITY = load_authority(FILE)


def instruction(
    amount: str = "12.50", currency: str = "CNY", kind: str = "fee", **fields: str
) -> Instruction:
    """A voucher that debits an expense and credits a clearing account."""
    accounts = {"debit_account": "6421000001", "credit_account": "2431000001"}
    return Instruction(
        target="ledger",
        form="voucher",
        purpose=kind,
        kind=kind,
        reference="CWABCDEFGH234567",
        fields=accounts | {"amount": amount} | fields,
        sources=("e1",),
        amount=Decimal(amount),
        currency=currency,
        takes={},
    )


CHECKER, BOTH, MANAGER = ("checker",), ("checker", "authoriser"), ("checker", "manager")
ALL = ("checker", "authoriser", "manager")


@pytest.mark.parametrize(
    ("amount", "currency", "kind", "expected"),
    [
        ("0.01", "CNY", "fee", CHECKER),
        ("50000.00", "CNY", "suspense", CHECKER),
        ("50000.01", "CNY", "suspense", BOTH),
        ("300000.00", "CNY", "suspense", BOTH),
        ("300000.01", "CNY", "suspense", MANAGER),
        ("386000.00", "CNY", "suspense", MANAGER),  # the practice bank's large one
        ("5000000.00", "CNY", "suspense", MANAGER),
        ("7000.00", "USD", "fee", CHECKER),
        ("7000.01", "USD", "fee", BOTH),
        ("42000.01", "USD", "fee", MANAGER),
        ("6500.01", "EUR", "fee", BOTH),
        ("-386000.00", "CNY", "suspense", MANAGER),  # red: the same tier
        ("0.01", "CNY", "reversal", BOTH),
        ("-0.01", "CNY", "reversal", BOTH),
        ("0.01", "CNY", "correction", BOTH),
        ("0.01", "CNY", "suspense_clearing", BOTH),
        ("386000.00", "CNY", "reversal", ALL),
        ("12.00", "CNY", "cash_over", CHECKER),
        ("12.00", "CNY", "cash_short", CHECKER),
    ],
)
def test_who_must_agree_follows_amount_and_kind(amount, currency, kind, expected):
    """The tier of the amount, and what the kind asks besides."""
    assert needs(instruction(amount, currency, kind), AUTHORITY) == expected


@pytest.mark.parametrize("side", ["debit_account", "credit_account"])
@pytest.mark.parametrize("account", ["2011000042", "6222020000000000001"])
def test_a_customers_account_needs_the_authoriser(side, account):
    """Whatever the amount, on either side."""
    assert needs(instruction("0.01", **{side: account}), AUTHORITY) == BOTH


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (instruction("5000000.01"), "ABOVE_EVERY_LIMIT"),
        (instruction("-5000000.01"), "ABOVE_EVERY_LIMIT"),
        (instruction("1.00", currency="HKD"), "AUTHORITY_SILENT"),
        (instruction("1.00", kind="gift"), "AUTHORITY_SILENT"),
        (replace(instruction("900000.00"), amount=Decimal("9.00")), "AMOUNT_IS_NOT_KEYED"),
        (replace(instruction(), fields={"amount": "many"}), "AMOUNT_UNREADABLE"),
    ],
    ids=["above", "below", "currency", "kind", "another amount", "no amount"],
)
def test_what_the_authority_does_not_allow_is_refused(given, code):
    """There is no default: silence is no."""
    with pytest.raises(Refused) as refused:
        needs(given, AUTHORITY)

    assert refused.value.code == code


SOUND = """
[tiers]
CNY = [{ up_to = "10.00", needs = ["checker"] }, { up_to = "20.00", needs = ["manager:wang.fang"] }]
[kinds]
fee = ["manager"]
[customers]
accounts = []
needs = ["checker"]
"""


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('up_to = "10.00"', "up_to = 10.00", "tiers.CNY.0.up_to"),
        ('up_to = "10.00"', 'up_to = "ten"', "tiers.CNY.0.up_to"),
        ('up_to = "10.00"', 'up_to = "NaN"', "tiers.CNY.0.up_to"),
        ('up_to = "10.00"', 'up_to = "-1"', "tiers.CNY.0.up_to"),
        ('up_to = "10.00"', 'up_to = "20.00"', "above the one before"),
        ('needs = ["checker"] },', "needs = [] },", "tiers.CNY.0.needs"),
        ('fee = ["manager"]', 'fee = ["maker"]', "kinds.fee.0"),
        ("[customers]", "limit = []\n[customers]\nextra = 1", "customers.extra"),
        ("[kinds]", "[kind]", "kind"),
    ],
)
def test_a_wrong_authority_names_the_key(tmp_path, old, new, key):
    """Amounts are texts above zero, tiers rise, roles are those that approve."""
    file = tmp_path / "authority.toml"
    assert SOUND.count(old) >= 1
    file.write_text(SOUND.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(Misconfigured) as wrong:
        load_authority(file)

    assert wrong.value.code == "MANIFEST_WRONG"
    assert str(file) in wrong.value.message("en") and key in wrong.value.message("en")


def test_a_named_manager_stands_for_the_role(tmp_path):
    """Where a tier names a person, the kind's plain role asks for nobody else."""
    file = tmp_path / "authority.toml"
    file.write_text(SOUND, encoding="utf-8")

    assert needs(instruction("15.00"), load_authority(file)) == ("manager:wang.fang",)
    assert needs(instruction("5.00"), load_authority(file)) == ("checker", "manager")


@dataclass(frozen=True)
class Somebody:
    """A person, as far as a decision goes."""

    name: str
    roles: tuple[str, ...]


LI_NA = Somebody("li.na", ("operator", "maker", "checker", "authoriser", "manager"))  # the starter
ZHANG = Somebody("zhang.wei", ("checker",))
WANG = Somebody("wang.fang", ("authoriser",))
CHEN = Somebody("chen.jie", ("manager",))
ZHAO = Somebody("zhao.lei", ("checker", "authoriser", "manager"))


@dataclass
class Case:
    """A store with one waiting item, and what was recorded."""

    store: Store
    recorded: list[dict[str, object]] = field(default_factory=list)

    @property
    def item(self) -> Any:
        """Its row now."""
        with self.store.connect() as conn:
            return conn.execute(sa.select(items)).one()

    def decide(
        self, person: Somebody, decision: str = "agree", why: str = "", **options: Any
    ) -> str:
        """A decision on the item, as it stands unless given."""
        item = options.pop("item", None) or self.item
        options = {"record": self.record, "now": NOW} | options
        return decide(self.store, item, person, decision, why, **options)

    def record(self, name: str, **fields: object) -> None:
        """An audit event."""
        self.recorded.append({"event": name} | fields)

    def kept(self) -> list[tuple[str, str, str]]:
        """Every stored decision: person, role, decision."""
        with self.store.connect() as conn:
            rows = conn.execute(sa.select(decisions).order_by(decisions.c.id)).all()
        return [(row.person, row.role, row.decision) for row in rows]


@pytest.fixture
def case(tmp_path) -> Iterator[Case]:
    """An item that waits for a checker and an authoriser; li.na started its run."""
    store = open_store(tmp_path)
    with store.begin() as conn:
        conn.execute(
            sa.insert(runs).values(
                id="r.1",
                stem="r",
                sequence=1,
                bot="b",
                params={},
                environment="practice",
                state="done",
                started_by="li.na",
                created_at=NOW,
            )
        )
        conn.execute(
            sa.insert(items).values(
                id="ABCDEFGH",
                environment="practice",
                target="ledger",
                reference="CWABCDEFGH",
                run_id="r.1",
                ordinal=0,
                instruction="{}",
                digest=instruction().digest,
                state="new",
                kind="fee",
                amount_minor=1,
                currency="CNY",
                needs=list(BOTH),
                created_at=NOW,
                updated_at=NOW,
            )
        )
        move(conn, "ABCDEFGH", "waiting", by="policy", why="")
    yield Case(store)
    store.close()


def refusal(case: Case, *arguments: Any, **options: Any) -> str:
    """The code with which a decision is refused; nothing of it stays."""
    before = case.item, case.kept(), list(case.recorded)
    with pytest.raises(Refused) as refused:
        case.decide(*arguments, **options)
    assert (case.item, case.kept(), case.recorded) == before
    return refused.value.code


def set_needs(case: Case, *roles: str) -> None:
    """Who must agree to the item."""
    with case.store.begin() as conn:
        conn.execute(sa.update(items).values(needs=list(roles)))


def test_an_item_is_approved_when_all_who_must_have_agreed(case):
    """In any order; until then it waits."""
    assert case.decide(WANG) == "waiting"
    assert case.item.state == "waiting"
    assert case.decide(ZHANG, why="seen the fee note") == "approved"
    assert case.item.state == "approved"
    assert case.kept() == [
        ("wang.fang", "authoriser", "agree"),
        ("zhang.wei", "checker", "agree"),
    ]
    assert case.recorded[-1] == {
        "event": "item.decided",
        "run": "r.1",
        "item": "ABCDEFGH",
        "by": "zhang.wei",
        "role": "checker",
        "decision": "agree",
        "digest": case.item.digest,
        "why": "seen the fee note",
    }


def test_one_person_does_not_agree_in_two_roles(case):
    """Who holds both roles needs somebody else for the other."""
    assert case.decide(ZHAO) == "waiting"
    assert refusal(case, ZHAO) == "SELF_APPROVAL"
    assert case.decide(WANG) == "approved"
    assert case.kept()[0] == ("zhao.lei", "checker", "agree")


@pytest.mark.parametrize("needed", ["checker", "authoriser", "manager"])
def test_who_started_the_run_does_not_decide_for_it(case, needed):
    """In whatever role; the decision itself refuses, also where nobody asked before."""
    set_needs(case, needed)

    assert refusal(case, LI_NA) == "SELF_APPROVAL"


@pytest.mark.parametrize("needed", ["checker", "authoriser", "manager"])
def test_who_edited_the_item_does_not_decide_for_it(case, needed):
    """Not the last editor, and not an earlier one."""
    other = replace(instruction(), fields={"amount": "12.50", "narrative": "x"})
    with case.store.begin() as conn:
        for editor in ("zhao.lei", "somebody"):
            edit(conn, "ABCDEFGH", other, needs=(needed,), by=editor, why="typo")
        move(conn, "ABCDEFGH", "waiting", by="policy", why="")

    assert refusal(case, ZHAO) == "SELF_APPROVAL"


@pytest.mark.parametrize(
    ("person", "roles", "needed"),
    [
        ("chen.jie", ("manager",), BOTH),
        ("ann", ("operator", "maker", "auditor", "developer", "administrator"), BOTH),
        ("wang.fang", ("authoriser",), CHECKER),
        ("ann", ("manager",), ("manager:chen.jie",)),
    ],
)
def test_a_role_that_is_not_needed_does_not_count(case, person, roles, needed):
    """Neither a higher one in the place of a lower, nor another than the named manager."""
    set_needs(case, *needed)

    assert refusal(case, Somebody(person, roles)) == "ROLE_NOT_NEEDED"
    assert refusal(case, Somebody(person, roles), "refuse", "no") == "ROLE_NOT_NEEDED"


def test_the_named_manager_agrees(case):
    """And the decision is kept under the role."""
    set_needs(case, "manager:chen.jie")

    assert case.decide(CHEN) == "approved"
    assert case.kept() == [("chen.jie", "manager", "agree")]


def test_who_refuses_ends_the_item(case):
    """One no is enough, after any yes, and it says why."""
    case.decide(ZHANG)

    assert refusal(case, WANG, "refuse", "  ") == "WHY_MISSING"
    assert case.decide(WANG, "refuse", "wrong account") == "refused"
    assert refusal(case, ZHAO) == "ITEM_STATE"
    with case.store.connect() as conn:
        last = conn.execute(sa.select(item_states).order_by(item_states.c.seq.desc())).first()
    assert (last.to_state, last.by, last.why) == ("refused", "wang.fang", "wrong account")


def test_an_item_that_was_sent_back_is_new_and_begins_again(case):
    """What was agreed before is void, even when the item comes back unchanged."""
    case.decide(ZHANG)
    assert case.decide(WANG, "send_back", "which contract?") == "new"
    assert refusal(case, WANG) == "ITEM_STATE"
    with case.store.begin() as conn:
        move(conn, "ABCDEFGH", "waiting", by="policy", why="")

    assert case.decide(WANG) == "waiting"
    assert case.decide(ZHANG) == "approved"


def test_a_decision_counts_for_what_was_seen_only(case):
    """An edit in between is refused, and voids what others agreed to."""
    seen = case.item
    case.decide(ZHANG)
    other = replace(instruction(), fields={"amount": "12.50", "narrative": "x"})
    with case.store.begin() as conn:
        edit(conn, "ABCDEFGH", other, needs=BOTH, by="somebody", why="typo")
        move(conn, "ABCDEFGH", "waiting", by="policy", why="")

    assert refusal(case, WANG, item=seen) == "ITEM_CHANGED"
    assert case.decide(WANG) == "waiting"
    assert case.decide(ZHANG) == "approved"


def test_an_edit_there_and_back_does_not_revive_an_agreement(case):
    """The digest is the old one again, the agreement is not."""
    case.decide(ZHANG)
    with case.store.begin() as conn:
        for fields in ({"amount": "12.50"}, dict(instruction().fields)):
            edited = replace(instruction(), fields=fields)
            edit(conn, "ABCDEFGH", edited, needs=BOTH, by="somebody", why="")
        move(conn, "ABCDEFGH", "waiting", by="policy", why="")

    assert case.item.digest == instruction().digest
    assert case.decide(WANG) == "waiting"


def test_no_record_no_decision(case):
    """When the audit log cannot be written, or the queue, nothing is decided."""

    def broken(*_arguments: object, **_fields: object) -> None:
        raise OSError("disk full")

    for options in ({"record": broken}, {"then": broken}):
        with pytest.raises(OSError, match="disk full"):
            case.decide(ZHANG, **options)

    assert (case.kept(), case.recorded, case.item.version) == ([], [], 2)


def test_what_follows_is_in_the_transaction_of_the_decision(case):
    """`then` sees the item in its new state, before anybody else can."""
    seen = []

    def then(conn: sa.Connection, state: str) -> None:
        seen.append((state, conn.execute(sa.select(items.c.state)).scalar_one(), case.item.state))

    case.decide(ZHANG, then=then)
    case.decide(WANG, then=then)

    assert seen == [("waiting", "waiting", "waiting"), ("approved", "approved", "waiting")]


def test_of_two_decisions_at_once_by_one_person_one_is_refused(case):
    """Two processes do not both count the same person."""
    code = "import sys; from pathlib import Path; from types import SimpleNamespace\n"
    code += "import sqlalchemy as sa\n"
    code += "from clerkwork.approve import decide; from clerkwork.store import open_store\n"
    code += "from clerkwork.store.tables import items\n"
    code += "store = open_store(Path(sys.argv[1]))\n"
    code += "with store.connect() as conn: item = conn.execute(sa.select(items)).one()\n"
    code += "zhao = SimpleNamespace(name='zhao.lei', roles=('checker', 'authoriser'))\n"
    code += "print('ready', flush=True); sys.stdin.readline()\n"
    code += "try: print(decide(store, item, zhao, 'agree', '', record=lambda *a, **k: None))\n"
    code += "except Exception as e: print(e.code)\n"
    code += "store.close()"
    home = Path(case.store.engine.url.database).parent
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, home],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for child in children:
        child.stdout.readline()

    said = sorted(child.communicate("go\n")[0].strip() for child in children)

    assert said == ["SELF_APPROVAL", "waiting"]
    assert case.kept() == [("zhao.lei", "checker", "agree")]
