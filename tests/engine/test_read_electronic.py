"""Electronic statements: every value mapped, passed over or refused; ends and totals prove."""

from __future__ import annotations

import random
from datetime import date, time
from decimal import Decimal

import pytest

from clerkwork.errors import Refused
from clerkwork.facts import Statement
from clerkwork.read import read_document
from clerkwork.read.electronic import electronic_statements, kind_of

MT940 = """{1:F01BANKCNBJAXXX0000000000}{2:O9401200260105BANKCNBJAXXX00000000002601051200N}{4:
:20:STMT260105
:25:NL71RABO0123456789EUR
:28C:1/1
:60F:C251230EUR1000,00
:61:2512311231C250,50NTRFINV-1//B1
:86:166?00GUTSCHRIFT?20EREF+E2E-7?21SVWZ+Rechnung 12?32ACME?33 GMBH
:61:2512310102D100,NMSCNONREF//B2
:86:Charges of
-the year
:61:260102RC50,25NTRFINV-1
:62M:C260102EUR1100,25
-}{5:{CHK:0}}
{1:F01BANKCNBJAXXX0000000000}{2:O9401200260105BANKCNBJAXXX00000000002601051200N}{4:
:20:STMT260105
:25:NL71RABO0123456789EUR
:28C:1/2
:60M:C260102EUR1100,25
:61:260105RD0,75NTRFX
:62F:C260105EUR1101,
:64:C260105EUR900,
-}"""

MT942 = """:20:INTRA
:25:6222000012345678
:28C:7/1
:34F:USD0,
:13D:2601051200+0800
:61:2601050105C1234,50FTRF当日来账//99
:61:2601050105DD0,50NCHG费用
:61:2601050105ED77,NTRFX
:90D:1USD0,5
:90C:1USD1234,5
-"""

ENTRY = """<Ntry><Amt Ccy="{0}">{1}</Amt><CdtDbtInd>{2}</CdtDbtInd>{3}<Sts>{4}</Sts>
<BookgDt><Dt>2026-01-05</Dt></BookgDt><ValDt><DtTm>2026-01-06T10:00:00+08:00</DtTm></ValDt>
<AcctSvcrRef>B{1}</AcctSvcrRef>{5}</Ntry>"""
BALANCE = """<Bal><Tp><CdOrPrtry><Cd>{0}</Cd></CdOrPrtry></Tp><Amt Ccy="{1}">{2}</Amt>
<CdtDbtInd>{3}</CdtDbtInd><Dt><Dt>{4}</Dt></Dt></Bal>"""
ONE = """<NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs><RltdPties>
<Dbtr><Pty><Nm>甲公司</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>货款</Ustrd></RmtInf>
</TxDtls></NtryDtls>"""
BATCH = """<NtryDtls><Btch><PmtInfId>P9</PmtInfId></Btch><TxDtls/><TxDtls/></NtryDtls>
<AddtlNtryInf>Salaries</AddtlNtryInf>"""


def camt(*parts: str, version: str = "053.001.08", outer: str = "BkToCstmrStmt/Stmt") -> str:
    """A CAMT document of one statement."""
    group, inner = outer.split("/")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<d:Document xmlns:d="urn:iso:std:iso:20022:tech'
        f':xsd:camt.{version}" xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{version}"><{group}>'
        f"<GrpHdr/><{inner}><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>"
        f"{''.join(parts)}</{inner}></{group}></d:Document>"
    )


BOOKED = "<Cd>BOOK</Cd>"
CAMT = camt(
    BALANCE.format("OPBD", "EUR", "100.00", "DBIT", "2026-01-04"),
    BALANCE.format("CLBD", "EUR", "899.50", "CRDT", "2026-01-05"),
    BALANCE.format("CLAV", "EUR", "1.00", "CRDT", "2026-01-05"),
    "<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries><Sum>1100.50</Sum><TtlNetNtry>",
    "<Amt>999.50</Amt><CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry></TtlNtries></TxsSummry>",
    ENTRY.format("EUR", "1000.00", "CRDT", "", BOOKED, ONE),
    ENTRY.format("EUR", "50.50", "DBIT", "", BOOKED, BATCH),
    ENTRY.format("EUR", "50.00", "CRDT", "<RvslInd>true</RvslInd>", BOOKED, ""),
    ENTRY.format("EUR", "7.00", "CRDT", "", "<Cd>PDNG</Cd>", ""),
)

OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:USASCII
CHARSET:1252

<OFX><SIGNONMSGSRSV1><SONRS><DTSERVER>20260105</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>1<ACCTID>9999<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260101<DTEND>20260131
<STMTTRN><TRNTYPE>CHECK<DTPOSTED>20260104120000.000[-8:PST]<TRNAMT>-1200,5<FITID>00002
<CHECKNUM>1000<NAME>Caf&eacute; &amp; Co<MEMO></STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260105<TRNAMT>+3.00<FITID>00003<MEMO>interest</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>-200.29<DTASOF>20260131</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""

BAI2 = """01,SENDER,RECEIVER,260106,1200,1,,,2/
02,RCVR,ORIG,1,260105,2400,USD,2/
03,ACC1,,010,100000,,,015,-40050,,/
88,100,50000,1,V,260106,,400,190050,2,/
16,142,50000,V,260106,,BANK1,CUST1,Payroll, week 1/
88,from ACME
16,475,150000,Z,BANK2,,/
16,575,40050,S,1,2,3,,,Sweep
16,890,,,,,Not money/
49,540050,8/
03,ACC2,JPY,010,500,,,015,700,,/
16,195,200,D,2,0,100,1,100,B3,C3,Wire/
49,1400,3/
98,541450,2,13/
99,541450,1,15/
"""

SAMPLES = {"mt940": MT940, "mt942": MT942, "camt": CAMT, "ofx": OFX, "bai2": BAI2}


def read(text: str | bytes, kind: str, language: str = "en") -> list[Statement]:
    """The statements of a file."""
    content = text.encode() if isinstance(text, str) else text
    return electronic_statements(content, kind, digest="d", language=language)


def amounts(statement: Statement) -> list[str]:
    """The signed amounts, in order."""
    return [str(entry.amount) for entry in statement.entries]


def problems(text: str, kind: str, language: str = "en") -> list[str]:
    """Every problem of every statement."""
    return [line for each in read(text, kind, language) for line in each.proof.problems]


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_file_is_known_by_its_first_bytes(kind):
    """Not by its name; with a mark of its encoding, without, with blank lines before it."""
    head = SAMPLES[kind].encode()[:1024]

    assert [kind] * 3 == [kind_of(each, ".csv") for each in (head, b"\xef\xbb\xbf" + head,
                                                             b"\r\n" + head)]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        b"Date,Amount\n2026-01-01,5", b"%PDF-1.7\n:20:x\n", b"PK\x03\x04", b"",
        b"01,SENDER,RECEIVER,260601,1200,1,,,2\n05,a\n", b"<html><OFX>",
        b"<?xml version='1.0'?><a/>",
        b"at 10:20:30 :25: they came\n:61: x", b":20:only\ntext", b"OFX;1;2\n",
        b"\xff\xfe:\x002\x00",
    ],
)  # fmt: skip
def test_what_is_no_electronic_statement_is_not_taken_for_one(head):
    """CSV, PDF, pages, plain text."""
    assert kind_of(head, ".txt") is None


def test_a_part_of_an_mt940_is_known_by_its_name_too():
    """One field is a message only in a file that is named so."""
    assert ("mt940", None) == (kind_of(b":62F:C", ".STA"), kind_of(b":62F:C", ".txt"))


def test_mt940_messages_are_statements_with_signs_dates_and_references():
    """RC goes out and is red, RD comes in; an entry date is of the nearest year."""
    first, second = read(MT940, "mt940")

    assert ["250.50", "-100", "-50.25"] == amounts(first)
    assert [False, False, True] == [entry.red for entry in first.entries]
    assert [date(2025, 12, 31), date(2026, 1, 2), date(2026, 1, 2)] == [
        entry.accounting_date for entry in first.entries
    ]
    assert [date(2025, 12, 31)] * 2 == [entry.value_date for entry in first.entries[:2]]
    assert ["INV-1", "B2", "INV-1"] == [entry.reference for entry in first.entries]
    assert ["ACME GMBH", "", ""] == [entry.counterparty for entry in first.entries]
    assert "Charges of -the year" == first.entries[1].text
    assert ("NL71RABO0123456789", "EUR", "totals") == (
        first.account, first.currency, first.proof.grade,
    )  # fmt: skip
    assert (Decimal("1100.25"), ["0.75"], Decimal(1101), 2, 19) == (
        second.opening, amounts(second), second.closing, second.entries[0].origin.page,
        second.entries[0].origin.row,
    )  # fmt: skip


def test_a_page_that_does_not_follow_is_not_proven():
    """The balance carried to the next page must be its opening one; :60F: is another statement."""
    broken = MT940.replace(":60M:C260102EUR1100,25", ":60M:C260102EUR1100,26")
    broken = broken.replace("EUR1101,\n:64", "EUR1101,01\n:64")

    assert ["totals", "none"] == [each.proof.grade for each in read(broken, "mt940")]
    assert ["line 18: the opening balance printed here is 1100.26, elsewhere 1100.25; "
            "compare both with the document"] == problems(broken, "mt940")  # fmt: skip


FIRST, LAST = MT940[: MT940.rindex("{1:")], MT940[MT940.rindex("{1:") :]
AFTER = "statement 1: the statement goes on after this page (1/1), and the file does not have"
BEFORE = "statement {}: the statement begins on a page before this one ({}), and the file does not"


@pytest.mark.parametrize(
    ("text", "grades", "lines"),
    [
        (FIRST, ["none"], [AFTER]),
        (LAST, ["none"], [BEFORE.format(1, "1/2")]),
        (MT940.replace(":28C:1/2", ":28C:1/3"), ["none"] * 2, [AFTER, BEFORE.format(2, "1/3")]),
        (MT940.replace(":28C:1/2", ":28C:2/1"), ["none"] * 2, [AFTER, BEFORE.format(2, "2/1")]),
        (LAST.replace("60M", "60F"), ["none"], [BEFORE.format(1, "1/2")]),
        (LAST.replace("1/2", "1"), ["none"], [BEFORE.format(1, "1")]),
        (MT940.replace("1/1", "0").replace("1/2", "0"), ["totals"] * 2, []),
        (MT940.replace("1/1", "1").replace("1/2", "1"), ["totals"] * 2, []),
    ],
)
def test_a_page_that_lacks_takes_the_proof_of_the_pages_beside_it(text, grades, lines):
    """By the numbers of the pages, and by balances that are none of a whole statement."""
    statements = read(text, "mt940")
    said = [line for each in statements for line in each.proof.problems]

    assert grades == [each.proof.grade for each in statements]
    assert len(lines) == len(said)
    assert all(line.startswith(start) for line, start in zip(said, lines, strict=True))


STATEMENT = """:20:A
:25:1
:28C:{}/1
:60F:C2601{}EUR{},
:61:2601{}C1,NTRFX
:62F:C2601{}EUR{},
"""


@pytest.mark.parametrize(
    ("number", "opening", "said"),
    [
        (6, 5, []),
        (7, 5, []),
        (7, 9, ["line 10: statement 7 opens with 9, and statement 5 before it closes with 5: "]),
        (6, 9, ["line 10: the opening balance printed here is 9, elsewhere 5; "]),
        (5, 9, []),
        (1, 9, []),
    ],
)
def test_a_statement_that_lacks_is_said(number, opening, said):
    """Those beside it are whole; a bank may begin its numbers anew, or count none."""
    text = STATEMENT.format(5, "04", 4, "05", "05", 5)
    text += STATEMENT.format(number, "05", opening, "06", "06", opening + 1)

    found = problems(text, "mt940")
    assert ["totals"] * 2 == [each.proof.grade for each in read(text, "mt940")]
    assert [True] * len(said) == [a.startswith(b) for a, b in zip(found, said, strict=True)]


PAGE = camt(
    BALANCE.format("{}", "EUR", "10", "CRDT", "2026-01-05"),
    ENTRY.format("EUR", "3", "CRDT", "", "BOOK", ""),
    BALANCE.format("{}", "EUR", "13", "CRDT", "2026-01-06"),
)


@pytest.mark.parametrize(
    ("codes", "header", "own", "grade", "ends"),
    [
        (("OPBD", "CLBD"), (), (), "totals", []),
        (("OPBD", "CLBD"), (1, "true"), (), "totals", []),
        (("OPBD", "CLBD"), (2, "true"), (), "none", ["begins"]),
        (("OPBD", "CLBD"), (1, "false"), (), "none", ["goes on"]),
        (("OPBD", "CLBD"), (1, "true"), (2, "0"), "none", ["begins", "goes on"]),
        (("OPBD", "CLBD"), ("x", "true"), (), "none", ["“x”"]),
        (("ITBD", "CLBD"), (), (), "totals", ["begins"]),
        (("OPBD", "ITBD"), (), (), "totals", ["goes on"]),
        (("ITBD", "ITBD"), (2, "false"), (), "none", ["begins", "goes on"]),
        (("ITBD", "ITBD"), (1, "true"), (), "totals", []),
    ],
)
def test_camt_pages_that_lack_by_their_numbers_take_the_proof(codes, header, own, grade, ends):
    """Of the message and of the statement; an interim balance alone is only said."""
    pages = "<{0}><PgNb>{1}</PgNb><LastPgInd>{2}</LastPgInd></{0}>"
    text = PAGE.format(*codes)
    if header:
        text = text.replace("<GrpHdr/>", f"<GrpHdr>{pages.format('MsgPgntn', *header)}</GrpHdr>")
    if own:
        text = text.replace("<Stmt>", f"<Stmt>{pages.format('StmtPgntn', *own)}")
    (statement,) = read(text, "camt")

    assert grade == statement.proof.grade
    assert [True] * len(ends) == [
        end in line for end, line in zip(ends, statement.proof.problems, strict=True)
    ]


def test_camt_pages_that_follow_in_one_file_are_whole():
    """The second opens with the balance that the first closes with."""
    pages = "<Stmt><StmtPgntn><PgNb>{}</PgNb><LastPgInd>{}</LastPgInd></StmtPgntn>"
    first = PAGE.format("OPBD", "ITBD").replace("<Stmt>", pages.format(1, "false"))
    second = PAGE.format("ITBD", "CLBD").replace("<Stmt>", pages.format(2, "true"))
    second = second.replace(">13<", ">16<").replace(">10<", ">13<")
    text = first.replace("</Stmt>", "</Stmt>" + second[second.index("<Stmt>"):][:-len(
        "</BkToCstmrStmt></d:Document>")])  # fmt: skip

    assert [("totals", ())] * 2 == [
        (each.proof.grade, each.proof.problems) for each in read(text, "camt")
    ]


@pytest.mark.parametrize(
    ("kind", "old", "new", "place"),
    [
        ("mt940", ":61:2512311231C", ":61:2512311229C", "line 6: the date 2025-12-29"),
        ("mt940", ":61:2512310102D", ":61:2712310102D", "line 8: the date 2028-01-02"),
        ("mt940", ":61:260105RD", ":61:260106RD", "line 19: the date 2026-01-06"),
        ("camt", "-01-05</Dt></BookgDt>", "-01-07</Dt></BookgDt>",
         "statement 1 entry 1: the date 2026-01-07"),
        ("ofx", "<DTPOSTED>20260105", "<DTPOSTED>20260205", "line 13: the date 2026-02-05"),
    ],
)  # fmt: skip
def test_an_entry_outside_the_period_is_said_and_keeps_its_proof(kind, old, new, place):
    """It may be booked late, or its date may be wrong: the amounts add up all the same."""
    period = "<FrToDt><FrDtTm>2026-01-05T00:00:00</FrDtTm><ToDtTm>2026-01-06T00:00:00</ToDtTm>"
    text = SAMPLES[kind].replace("</Acct>", f"</Acct>{period}</FrToDt>", 1)
    before, after = read(text, kind), read(text.replace(old, new, 1), kind)
    more = [
        line for one, two in zip(before, after, strict=True)
        for line in two.proof.problems if line not in one.proof.problems
    ]  # fmt: skip

    assert [f"{place} lies outside the printed period; compare the line with the document"] == more
    assert [each.proof.grade for each in before] == [each.proof.grade for each in after]


def test_a_later_page_may_have_entries_of_all_days_of_its_statement():
    """Some banks write the last day of the statement at the balances between its pages."""
    assert [] == problems(MT940.replace("M:C260102", "M:C260105").replace("61:260105", "61:260102"),
                          "mt940")  # fmt: skip


def test_camt_of_an_account_in_another_currency_is_not_proven():
    """Its balances and entries are of no such account."""
    (statement,) = read(CAMT.replace("</Id></Acct>", "</Id><Ccy>USD</Ccy></Acct>"), "camt")

    assert "none" == statement.proof.grade
    assert statement.proof.problems[0].startswith(
        "statement 1 Acct/Ccy: the currency is USD here and EUR elsewhere"
    )
    same = CAMT.replace("</Id></Acct>", "</Id><Ccy>EUR</Ccy></Acct>")
    assert read(CAMT, "camt") == read(same, "camt")


@pytest.mark.parametrize(
    ("tag", "count", "grade"),
    [("TtlNtries", 3, "totals"), ("TtlNtries", 4, "totals"), ("TtlNtries", 5, "none"),
     ("TtlCdtNtries", 2, "totals"), ("TtlCdtNtries", 3, "totals"), ("TtlCdtNtries", 4, "none"),
     ("TtlDbtNtries", 1, "totals"), ("TtlDbtNtries", 2, "none")],
)  # fmt: skip
def test_a_camt_count_may_have_the_entries_that_are_not_booked(tag, count, grade):
    """Banks count them or not; one more than that lacks."""
    sums = {"TtlNtries": "1100.50", "TtlCdtNtries": "1050.00", "TtlDbtNtries": "50.50"}
    total = f"<{tag}><NbOfNtries>{count}</NbOfNtries><Sum>{sums[tag]}</Sum></{tag}>"
    start, end = CAMT.index("<TtlNtries>"), CAMT.index("</TxsSummry>")

    assert grade == read(CAMT[:start] + total + CAMT[end:], "camt")[0].proof.grade


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_statement_that_stands_twice_is_said_and_its_copy_not_proven(kind):
    """The first stays as it was; nothing that is doubled is proven."""
    text = SAMPLES[kind]
    parts = {"camt": "Stmt", "ofx": "STMTTRNRS"}
    if kind in parts:
        start, end = text.index(f"<{parts[kind]}>"), text.index(f"</{parts[kind]}>")
        end += len(f"</{parts[kind]}>")
        double = text[:end] + text[start:end] + text[end:]
    elif kind == "bai2":
        start, end = text.index("02,"), text.index("99,")
        double = text[:end] + text[start:end] + "99,1082900,2,28/\n"
    else:
        double = text + "\n" + text
    once, twice = read(text, kind), read(double, kind)

    said = "the same statement stands twice in the file; take its entries once"
    assert once == twice[: len(once)]
    assert ["none"] * len(once) == [each.proof.grade for each in twice[len(once) :]]
    assert all(said in each.proof.problems[-1] for each in twice[len(once) :])
    assert {"none"} == {entry.proof for each in twice[len(once) :] for entry in each.entries}


def test_statements_that_differ_in_one_entry_or_have_none_are_not_the_same():
    """An account may rest for two statements."""
    other = MT942.replace("//99", "//98").replace("当日来账", "NONREF")
    resting = ":20:A\n:25:1\n:28C:{}\n:60F:C260105EUR5,\n:62F:C260105EUR5,\n"

    assert ["totals"] * 2 == [each.proof.grade for each in read(MT942 + "\n" + other, "mt942")]
    assert [] == problems(resting.format(1) + resting.format(2), "mt940")


def test_a_bai2_group_that_corrects_takes_the_proof_of_what_it_corrects():
    """Of the same account and day; without that in the file, it says that there was one."""
    start, end = BAI2.index("02,"), BAI2.index("99,")
    correction = BAI2[start:end].replace("ORIG,1", "ORIG,3")
    correction = correction.replace("CUST1", "CUST9").replace(",C3,", ",C9,")
    alone = BAI2.replace("ORIG,1", "ORIG,3")
    both = BAI2[:end] + correction + "99,1082900,2,28/\n"

    assert ["totals"] * 2 == [each.proof.grade for each in read(alone, "bai2")]
    assert problems(alone, "bai2")[0].startswith("line 3 03: this group corrects one")
    assert ["none", "none", "totals", "totals"] == [each.proof.grade for each in read(both, "bai2")]
    assert "line 16 of the file corrects this statement" in problems(both, "bai2")[0]


def test_payments_that_do_not_come_to_their_entry_are_said():
    """The entry is what the balance shows; a charge may be between it and its payments."""
    details = (
        '<NtryDtls><TxDtls><Amt Ccy="EUR">40.00</Amt></TxDtls><TxDtls><AmtDtls><TxAmt>'
        '<Amt Ccy="EUR">10.00</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls>'
    )
    entry = ENTRY.format("EUR", "50.50", "DBIT", "", BOOKED, details)

    found = problems(camt(entry), "camt")
    assert "come to -50.00, the entry is -50.50" in found[-1]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (":61:2512311231C250,50", ":61:2512311231C250x50", "line 6 :61:"),
        (":61:2512311231C250,50", ":61:2512311231C250,505", "line 6 :61:"),
        (":61:2512311231C250,50", ":61:2513311231C250,50", "line 6 :61:"),
        (":61:2512311231C250,50", ":61:2512311231X250,50", "line 6 :61:"),
        (":61:2512311231", ":6l:2512311231", "line 6"),
        (":61:2512311231", ":67:2512311231", "line 6 :67:"),
        (":60F:C251230EUR1000,00", ":60F:C251230EUR1.000,00", "line 5 :60F:"),
        (":62M:C260102EUR", ":62M:C260102USD", "line 12 :62M:"),
        (":28C:1/1", ":25:another", "line 4 :25:"),
        (":25:NL71RABO0123456789EUR\n:28C:1/1", ":28C:1/1", "statement 1"),
    ],
)
def test_an_mt940_line_that_cannot_be_read_takes_the_proof_and_is_named(old, new, place):
    """Nothing is dropped, nothing becomes zero."""
    first, _ = read(MT940.replace(old, new, 1), "mt940")

    assert "none" == first.proof.grade
    assert any(line.startswith(f"{place}:") for line in first.proof.problems)


def test_problems_are_in_the_language_asked_for():
    """The place too."""
    assert problems(MT940.replace("C250,50", "C250x50"), "mt940", "zh")[0].startswith("第6行 :61:")
    broken = CAMT.replace(">1000.00<", ">1..0<")
    assert problems(broken, "camt", "zh")[0].startswith("第1份 第1笔 Amt")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_mt942_is_proven_by_its_sums_in_any_encoding(encoding):
    """EC and ED are expected only: left out, and said."""
    (statement,) = read(MT942.replace("\n", "\r\n").encode(encoding), "mt942")

    assert ["1234.50", "-0.50"] == amounts(statement)
    assert ("totals", "当日来账") == (statement.proof.grade, statement.entries[0].reference)
    assert 1 == len(statement.proof.problems)
    assert statement.proof.problems[0].startswith("line 8 :61:: entries that are not booked")


@pytest.mark.parametrize(("old", "new"), [(":90D:1", ":90D:2"), ("USD0,5\n", "USD0,6\n")])
def test_mt942_sums_and_counts_that_differ_take_the_proof(old, new):
    """A printed total is a promise."""
    assert "none" == read(MT942.replace(old, new), "mt942")[0].proof.grade


def test_western_letters_that_are_not_utf8_stay_letters():
    """Latin-1 and its Windows variant, not Chinese by accident."""
    text = MT942.replace("当日来账", "Müller").replace("费用", "Gebühr")

    assert "Müller" == read(text.encode("cp1252"), "mt942")[0].entries[0].reference


def test_camt_entries_have_the_direction_of_their_indicator_and_one_line_per_batch():
    """Details of one payment are the entry's own; pending ones are left out, and said."""
    (statement,) = read(CAMT, "camt")
    first, batch, reversal = statement.entries

    assert ["1000.00", "-50.50", "50.00"] == amounts(statement)
    assert ("E2E-1", "货款", "甲公司") == (first.reference, first.text, first.counterparty)
    assert (date(2026, 1, 5), date(2026, 1, 6)) == (first.accounting_date, first.value_date)
    assert ("B50.50", "Salaries", "") == (batch.reference, batch.text, batch.counterparty)
    assert (True, 3) == (reversal.red, reversal.origin.row)
    assert (Decimal("-100.00"), Decimal("899.50"), "totals") == (
        statement.opening, statement.closing, statement.proof.grade,
    )  # fmt: skip
    assert [True] == [line.startswith("statement 1 entry 4: ") for line in statement.proof.problems]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (">1000.00<", ">12..34<", "statement 1 entry 1 Amt: "),
        (">1000.00<", "><", "statement 1 entry 1 Amt: "),
        (">1000.00<", ">-1000.00<", "statement 1 entry 1 Amt: "),
        (">BOOK<", ">B00K<", "statement 1 entry 1 Sts: "),
        ("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<Sts>", "statement 1 entry 1 CdtDbtInd: "),
        (">true<", ">maybe<", "statement 1 entry 3 RvslInd: "),
        (">2026-01-05</Dt></BookgDt>", ">2026-02-30</Dt></BookgDt>",
         "statement 1 entry 1 BookgDt: "),
        (">899.50<", ">899.5O<", "statement 1 Bal CLBD Amt: "),
        ("<NbOfNtries>3<", "<NbOfNtries>5<", "statement 1: the document says 5 entries, 3"),
        ("<Sum>1100.50<", "<Sum>1100.51<", "statement 1 TtlNtries/Sum: "),
        ("<Amt>999.50<", "<Amt>999.00<", "statement 1: the total printed"),
        ("IBAN>", "BBAN>", "statement 1: Acct/Id is missing"),
    ],
)  # fmt: skip
def test_a_camt_value_that_cannot_be_read_or_differs_takes_the_proof_and_is_named(old, new, place):
    """With statement, entry and element."""
    count = 2 if old == "IBAN>" else 1
    (statement,) = read(CAMT.replace(old, new, count), "camt")

    assert "none" == statement.proof.grade
    assert [] != [line for line in statement.proof.problems if line.startswith(place)]


def test_camt_of_two_currencies_is_a_statement_for_each():
    """Each with its own balances and entries."""
    text = camt(
        BALANCE.format("PRCD", "EUR", "1.00", "CRDT", "2026-01-04"),
        BALANCE.format("CLBD", "EUR", "3.00", "CRDT", "2026-01-05"),
        BALANCE.format("OPBD", "JPY", "100", "CRDT", "2026-01-04"),
        BALANCE.format("CLBD", "JPY", "50", "CRDT", "2026-01-05"),
        ENTRY.format("JPY", "50", "DBIT", "", "BOOK", ""),
        ENTRY.format("EUR", "2.00", "CRDT", "", "BOOK", ""),
        version="053.001.02",
    )

    assert [("EUR", ["2.00"], "totals"), ("JPY", ["-50"], "totals")] == [
        (each.currency, amounts(each), each.proof.grade)
        for each in sorted(read(text, "camt"), key=lambda each: each.currency)
    ]


def test_a_camt_notification_is_proven_by_its_sums_and_its_pages_by_what_lies_between():
    """CAMT.054 has no balances; ITBD opens and closes a page of several."""
    sums = "".join(
        f"<{tag}><NbOfNtries>1</NbOfNtries><Sum>{amount}</Sum></{tag}>"
        for tag, amount in (("TtlCdtNtries", "5"), ("TtlDbtNtries", "2.0"))
    )
    entries = [ENTRY.format("EUR", "5", "CRDT", "", "BOOK", ""),
               ENTRY.format("EUR", "2", "DBIT", "", "BOOK", "")]  # fmt: skip
    notification = camt(
        f"<TxsSummry>{sums}</TxsSummry>", *entries,
        version="054.001.04", outer="BkToCstmrDbtCdtNtfctn/Ntfctn",
    )  # fmt: skip
    page = camt(
        BALANCE.format("ITBD", "EUR", "13", "CRDT", "2026-01-06"),
        BALANCE.format("ITBD", "EUR", "10", "CRDT", "2026-01-05"),
        *entries, outer="BkToCstmrAcctRpt/Rpt",
    )  # fmt: skip

    assert ["totals", "totals"] == [
        read(each, "camt")[0].proof.grade for each in (notification, page)
    ]


def test_xml_that_declares_a_document_type_is_refused_unread():
    """No entity is ever unpacked, in OFX neither."""
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>'
    for text, kind in ((CAMT, "camt"), (OFX.replace("OFXHEADER:100", "<?OFX ?>"), "ofx")):
        at = "<d:Document" if kind == "camt" else "<OFX>"
        with pytest.raises(Refused) as refused:
            read(text.replace(at, bomb + at), kind)
        assert "XML_DECLARES_TYPE" == refused.value.code


def test_ofx_amounts_are_signed_and_dates_as_printed():
    """A comma is a decimal one; an empty value swallows nothing; nothing proves the entries."""
    (statement,) = read(OFX, "ofx")
    first, second = statement.entries

    assert ["-1200.5", "3.00"] == amounts(statement)
    assert (date(2026, 1, 4), time(12), "1000", "Café & Co") == (
        first.accounting_date, first.time, first.reference, first.text,
    )  # fmt: skip
    assert ("00003", "interest") == (second.reference, second.text)
    assert ("9999", "USD", Decimal("-200.29"), None, "none") == (
        statement.account, statement.currency, statement.closing, statement.opening,
        statement.proof.grade,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "start"),
    [
        ("-1200,5", "-1,200.5", "line 11 STMTTRN TRNAMT: "),
        ("<TRNAMT>-1200,5", "", "line 11 STMTTRN TRNAMT: "),
        ("20260104120000", "20261304120000", "line 11 STMTTRN DTPOSTED: "),
        ("-200.29", "-200.2g", "line 14 BALAMT: "),
        ("<CURDEF>USD", "", "line 8: CURDEF is missing"),
    ],
)
def test_an_ofx_value_that_cannot_be_read_is_named_with_its_line(old, new, start):
    """And its entry is not in the list."""
    assert [] != [line for line in problems(OFX.replace(old, new), "ofx") if line.startswith(start)]


def test_statements_of_securities_are_refused_by_name():
    """Rather than read in part."""
    with pytest.raises(Refused) as refused:
        read(OFX.replace("<STMTTRNRS>", "<INVSTMTRS></INVSTMTRS><STMTTRNRS>"), "ofx")

    assert "PART_NOT_READ" == refused.value.code


@pytest.mark.parametrize("text", ["<OFX>" + "<A>" * 5000, "<OFX>" + "<A>" * 5000 + "</OFX>"])
def test_elements_without_end_are_refused(text):
    """However deep they lie in one another."""
    with pytest.raises(Refused):
        read(text, "ofx")


def test_bai2_amounts_take_their_sign_from_the_type_and_their_decimals_from_the_currency():
    """Continued records, funds types with dates and spreads, statuses that move no money."""
    dollars, yen = read(BAI2, "bai2")

    assert ["500.00", "-1500.00", "-400.50"] == amounts(dollars)
    assert (Decimal("1000.00"), Decimal("-400.50")) == (dollars.opening, dollars.closing)
    assert (date(2026, 1, 5), date(2026, 1, 6)) == (
        dollars.entries[0].accounting_date, dollars.entries[0].value_date,
    )  # fmt: skip
    assert ("CUST1", "Payroll, week 1 from ACME") == (
        dollars.entries[0].reference, dollars.entries[0].text,
    )  # fmt: skip
    assert ("JPY", ["200"], Decimal(700), ["totals"] * 2) == (
        yen.currency, amounts(yen), yen.closing, [dollars.proof.grade, yen.proof.grade],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("49,540050,8", "49,540051,8", "line 10 49: the control total is 540051"),
        ("49,540050,8", "49,540050,7", "line 10 49: the trailer says 7 records, 8"),
        ("98,541450,2,13", "98,541450,3,13", "line 14 98: the trailer says 3 accounts"),
        ("99,541450,1,15", "99,541450,1,16", "line 15 99: the trailer says 16 records, 15"),
        ("16,475,150000", "16,710,150000", "line 7 16: nothing printed says"),
        ("16,475,150000", "16,475,15000x", "line 7 16: “15000x”"),
        ("16,475,150000,Z", "16,475,150000,Q", "line 7 16: “Q”"),
        ("400,190050,2", "400,190050,3", "line 3: the document says 3 entries, 2"),
    ],
)
def test_a_bai2_record_that_cannot_be_read_or_differs_takes_the_proof(old, new, place):
    """Control totals and counts are checked on all three levels."""
    first = read(BAI2.replace(old, new), "bai2")[0]

    assert "none" == first.proof.grade
    assert [] != [line for line in first.proof.problems if line.startswith(place)]


@pytest.mark.parametrize(
    "text", [BAI2.replace("02,RCVR", "2,RCVR"), BAI2.replace("02,RCVR,ORIG,1", "02,RCVR,ORIG,2"),
             BAI2[: BAI2.index("99,")], BAI2.replace("98,541450,2,13/\n", "")],
)  # fmt: skip
def test_a_bai2_file_that_is_not_in_order_is_refused(text):
    """A group that deletes, a trailer that lacks, a record that is none."""
    with pytest.raises(Refused):
        read(text, "bai2")


def test_a_statement_without_entries_is_proven_by_ends_that_agree():
    """An account without movement is ordinary; two ends that differ are not."""
    text = ":20:A\n:25:1\n:28C:1\n:60F:C260105EUR5,\n:62F:C260105EUR{},\n"

    assert ["totals", "none"] == [read(text.format(end), "mt940")[0].proof.grade for end in (5, 6)]


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_file_is_read_end_to_end(kind, tmp_path):
    """By its content, through the child process."""
    path = tmp_path / "download"
    path.write_text(SAMPLES[kind], encoding="utf-8", newline="")
    document = read_document(path)

    assert (kind, None) == (document.kind, document.refused)
    assert [amounts_of(each) for each in read(SAMPLES[kind], kind)] == [
        amounts_of(each) for each in document.statements
    ]


def outcome(content: bytes, kind: str) -> list[Statement]:
    """The proven statements of a damaged file; it may be refused, and nothing else."""
    try:
        return [each for each in read(content, kind) if each.proof.grade != "none"]
    except Refused:
        return []


def disagreeing(damaged: list[Statement], whole: list[Statement]) -> list[Statement]:
    """Those that say other amounts or balances than any statement of the whole file."""

    def is_same(each: Statement, other: Statement) -> bool:
        ends = ((each.opening, other.opening), (each.closing, other.closing))
        return amounts_of(each) == amounts_of(other) and all(
            end in (None, original) for end, original in ends
        )

    return [each for each in damaged if not any(is_same(each, other) for other in whole)]


def amounts_of(statement: Statement) -> list[Decimal]:
    """The amounts as figures: 5 and 5.0 are the same."""
    return [entry.amount for entry in statement.entries]


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_file_cut_off_anywhere_is_read_in_part_or_refused_and_never_proven_wrongly(kind):
    """Every prefix."""
    content = SAMPLES[kind].encode()
    whole = read(content, kind)

    assert [] == [
        each
        for end in range(len(content))
        for each in disagreeing(outcome(content[:end], kind), whole)
    ]


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_damaged_file_is_never_proven_wrongly(kind):
    """300 files with one byte changed, dropped or doubled."""
    content = SAMPLES[kind].encode()
    whole, dice = read(content, kind), random.Random(kind)
    damaged = []
    for _ in range(300):
        at = dice.randrange(len(content))
        new = dice.choice([b"", content[at : at + 1] * 2, bytes([dice.randrange(256)]),
                           b"%d" % dice.randrange(10)])  # fmt: skip
        damaged.append(content[:at] + new + content[at + 1 :])

    assert [] == [
        (each, text) for text in damaged for each in disagreeing(outcome(text, kind), whole)
    ]
