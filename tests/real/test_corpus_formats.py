"""Electronic statements of other people's systems: read as their twins say, or refused."""

from __future__ import annotations

import base64
import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from clerkwork.facts import Entry, Statement
from clerkwork.read.electronic import electronic_statements, kind_of

FORMATS = Path(__file__).parents[3] / "shared" / "corpus" / "formats"
pytestmark = pytest.mark.skipif(
    not FORMATS.is_dir(), reason="the sample documents are not here (../shared/corpus)"
)

# One field, no balance and no entry: no statement.
FRAGMENTS = {
    "mt940_tests_betterplace_currency_in_25.sta",
    "mt940_tests_betterplace_empty_86.sta",
    "mt940_tests_betterplace_empty_line.sta",
}
# Six opening balances one after the other, to show how amounts are written.
SIX_OPENINGS = "mt940_tests_betterplace_amount_formats.sta"
# Which statements of each file add up. The others were made anonymous, cut out of a
# larger file, or lack a field that every message must have.
ADD_UP = {
    "mt940_tests_betterplace_sepa_mt9401.sta": [True] * 26,
    "mt940_tests_betterplace_sepa_snippet.sta": [True, False],
    "mt940_tests_betterplace_with_binary_character.sta": [True, True],
    "mt940_tests_jejik_generic.sta": [True, True],
    "mt940_tests_jejik_knab.sta": [True, False],
    "mt940_tests_jejik_postfinance.sta": [True, False],
    "mt940_tests_jejik_rabobank-iban.sta": [True, True],
    "mt940_tests_jejik_rabobank.sta": [False, True, False, True],
    "mt940_tests_jejik_sns.sta": [True, True],
    "tests_test_data_camt.053.001.02.xml": [True],
    "tests_test_data_golden_camt053_multicurrency.xml": [True, True],
}
# account, currency, opening, closing, [(accounting date, value date, amount)]
GOLDEN = {
    "t_bank_direct-booking-camt053.xml": [
        ("123", "EUR", "184028.24", "15121.12", [("2026-02-22", "2026-02-22", "-184208.24")]),
    ],
    "tests_test_data_camt.053.001.02.xml": [
        ("50000000054910000003", "SEK", "500000", "435678.50", [
            ("2010-10-18", "2010-10-18", "105678.50"), ("2010-10-18", "2010-10-18", "-200000"),
            ("2010-10-18", "2010-10-18", "30000"),
        ]),
    ],
    "tests_test_data_golden_camt053_garbled_amount.xml": [
        ("DE89370400440532013000", "", None, None, []),
    ],
    "tests_test_data_golden_camt053_multicurrency.xml": [
        ("DE89370400440532013000", "EUR", "10000.00", "10750.25", [
            ("2026-04-10", "2026-04-10", "1250.50"), ("2026-04-15", "2026-04-15", "-500.25"),
        ]),
        ("US-ACCT-0099", "USD", "2500.00", "2400.01", [("2026-04-20", "2026-04-21", "-99.99")]),
    ],
    "account_statement_import_ofx_tests_test_ofx_file_test_ofx.ofx": [
        ("123456", "USD", None, "2156.56", [
            ("2013-08-24", None, amount) for amount in ("-80", "-90", "-100", "-90")
        ]),
        ("123412341234", "USD", None, "-562.00", []),
    ],
    "tests_data_stmtrs.ofx": [
        ("999988", "USD", None, "200.29", [
            ("2005-10-04", None, "-200.00"), ("2005-10-20", None, "-300.00"),
        ]),
    ],
    # its trailers count and sum what they should not, and 710 is no type that the standard has
    "tests_fixtures_multi_group_multi_account.bai": [
        ("ACC100", "USD", "3750.00", None, [
            ("2026-06-01", None, "5000.00"), ("2026-06-01", None, "-1250.00"),
        ]),
        ("ACC200", "EUR", "5000.00", None, [("2026-06-01", None, "2000.00")]),
        ("ACC300", "GBP", "750.00", None, [("2026-06-02", None, "-750.00")]),
    ],
}  # fmt: skip
KINDS = {".sta": "mt940", ".xml": "camt", ".ofx": "ofx", ".bai": "bai2"}


@cache
def read_all() -> dict[str, tuple[str | None, list[Statement]]]:
    """Kind and statements of every electronic sample, by name."""
    found = {}
    for path in sorted(path for path in FORMATS.rglob("*") if path.suffix in KINDS):
        content = path.read_bytes()
        kind = kind_of(content[:1024], path.suffix)
        assert kind
        statements = electronic_statements(content, kind, digest="", language="en")
        found[path.name] = (kind, statements)
    return found


def twin(name: str) -> str:
    """What another reader made of an MT940 file: YAML of its objects."""
    return (FORMATS / "mt940" / name).with_suffix(".yml").read_text(encoding="utf-8")


def day_in(block: str, key: str) -> date | None:
    """A pickled date: two bytes of the year, month, day."""
    found = re.search(rf"^    {key}: .*\n    - !!binary \|\n      (\S+)", block, re.MULTILINE)
    if not found:
        return None
    raw = base64.b64decode(found[1])
    return date(raw[0] * 256 + raw[1], raw[2], raw[3])


def twin_entries(text: str) -> list[tuple[date | None, date | None, str, Decimal]]:
    """(value date, entry date, status, amount without sign) of every transaction."""
    rows = []
    for block in text.split("- !!python/object:mt940.models.Transaction\n")[1:]:
        amount = re.search(r"Decimal\n      - '(-?[0-9.]+)'", block)
        status = re.search(r"^    status: (\w+)", block, re.MULTILINE)
        assert amount and status
        value = day_in(block, "date")
        rows.append(
            (value, day_in(block, "entry_date") or value, status[1], abs(Decimal(amount[1])))
        )
    return rows


def as_twin(entry: Entry) -> tuple[date | None, date, str, Decimal]:
    """An entry of ours as the twin has it."""
    marks = {(True, False): "C", (False, False): "D", (False, True): "RC", (True, True): "RD"}
    return (
        entry.value_date, entry.accounting_date, marks[entry.amount > 0, entry.red],
        abs(entry.amount),
    )  # fmt: skip


def test_each_sample_is_known_for_what_it_is():
    """By its first bytes."""
    expected = {name: KINDS[Path(name).suffix] for name in read_all()}

    assert expected == {name: kind for name, (kind, _) in read_all().items()}


def test_only_a_fragment_holds_no_statement():
    """A single field without money is none."""
    assert {name for name, (_, statements) in read_all().items() if not statements} == FRAGMENTS


def test_every_mt940_entry_is_as_its_twin_says():
    """Dates, status and amount of all 153 entries."""
    names = [name for name, (kind, _) in read_all().items() if kind == "mt940"]
    expected = {name: twin_entries(twin(name)) for name in names}

    assert expected == {
        name: [as_twin(entry) for each in read_all()[name][1] for entry in each.entries]
        for name in names
    }


def test_every_mt940_balance_is_as_its_twin_says():
    """The twin keeps the last ones of a file; of six openings ours keeps the first."""
    for name, (kind, statements) in read_all().items():
        if kind != "mt940" or not statements:
            continue
        data = twin(name).partition("\ntags:")[0]
        found = dict(re.findall(r"  final_(opening|closing)_balance:.*(?:\n.*){2}\n      - '(.*)'",
                                data))  # fmt: skip
        last = statements[-1]
        if name == SIX_OPENINGS:
            assert Decimal("380115.12") == last.opening
            assert ["380115.10", "380115.00", "0.12", "0.12", "1.12"] == [
                re.search("here is (.*), else", line)[1] for line in last.proof.problems[1:6]
            ]
            continue
        for end in ("opening", "closing"):
            printed = [getattr(each, end) for each in statements]
            assert end not in found or Decimal(found[end]) in printed


def test_camt_ofx_and_bai2_say_what_a_person_reads_in_them():
    """Accounts, balances, dates and amounts."""
    assert GOLDEN == {name: [golden(each) for each in read_all()[name][1]] for name in GOLDEN}


def golden(statement: Statement) -> tuple[object, ...]:
    """A statement in the shape of GOLDEN."""
    ends = [None if end is None else str(end) for end in (statement.opening, statement.closing)]
    rows = [
        (str(e.accounting_date), e.value_date and str(e.value_date), str(e.amount))
        for e in statement.entries
    ]
    return statement.account, statement.currency, *ends, rows


def test_what_adds_up_is_proven_and_nothing_else():
    """By the two printed ends."""
    grades = {
        name: [statement.proof.grade for statement in statements]
        for name, (_, statements) in read_all().items()
    }
    expected = {
        name: [
            "totals" if adds_up else "none" for adds_up in ADD_UP.get(name, [False] * len(found))
        ]
        for name, found in grades.items()
    }

    assert expected == grades


def test_a_garbled_amount_is_named_with_its_place():
    """It is neither zero nor missing in silence."""
    (statement,) = read_all()["tests_test_data_golden_camt053_garbled_amount.xml"][1]

    assert ["statement 1 entry 1 Amt: “12..34”"] == [
        line.partition(" is ")[0] for line in statement.proof.problems
    ]


def test_what_is_not_proven_says_why():
    """At least one line each."""
    for _, statements in read_all().values():
        for statement in statements:
            assert "none" != statement.proof.grade or statement.proof.problems
