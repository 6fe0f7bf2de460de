"""What the two sides write beside the figures."""

from __future__ import annotations

from random import Random

_PARTIES = {
    "en": (
        "ALDER AND FINCH TRADING LLC", "ATLAS TEXTILES GMBH", "BAYOU MARINE SUPPLY INC",
        "CEDAR POINT MACHINERY CORP", "DELTA OPTICS SA", "EASTGATE COFFEE IMPORTERS",
        "FJORD SHIPPING AS", "GOLDEN HARBOUR ELECTRONICS LTD", "HANSEN INSTRUMENTS APS",
        "KESTREL AGRI EXPORTS PTY", "LUMIERE COSMETIQUES SARL", "MERCER BROTHERS AND CO",
        "NORTHWIND TOOLS INC", "ORIENT PEARL FOODS CO LTD", "PACIFIC RIM LOGISTICS INC",
        "SAINT CLAIR PHARMA SA", "SILK ROAD FURNITURE LTD", "VANTAGE SEMICONDUCTOR CORP",
    ),
    "zh": (
        "深圳市南岭机电有限公司", "广州白云纺织品进出口公司", "杭州西溪软件股份有限公司",
        "东莞长安精密模具厂", "苏州金鸡湖医疗器械有限公司", "宁波北仑港务集团",
        "厦门鹭江食品有限公司", "成都锦江物流有限公司", "佛山陶都建材有限公司",
        "武汉光谷电子科技有限公司", "青岛胶州湾水产公司", "珠海横琴贸易有限公司",
    ),
}  # fmt: skip

_PHRASES = {
    ("meridian", True): (
        "CHIPS CREDIT ORIG {party}", "FEDWIRE CREDIT ORIG {party} INV {number}",
        "BOOK TRANSFER FROM {party}",
        "FEDWIRE CREDIT ORIG {party} FOR GOODS SHIPPED PER CONTRACT SZ-{number} LESS FREIGHT",
    ),
    ("meridian", False): (
        "CHIPS DEBIT BNF {party}", "FEDWIRE DEBIT BNF {party} INV {number}",
        "DRAWING UNDER LC {number} {party}",
        "FEDWIRE DEBIT BNF {party} FINAL SETTLEMENT OF INVOICES {number} AND FOLLOWING",
    ),
    ("rhenane", True): (
        "SEPA CREDIT {party}", "TARGET CREDIT {party}", "COLL {number} {party}",
    ),
    ("rhenane", False): (
        "SEPA DEBIT {party}", "TARGET PAYMENT {party}", "LC {number} {party}",
    ),
    ("huadong", True): ("跨行汇入 {party}", "货款 {party}", "票据托收 {number} {party}"),
    ("huadong", False): ("跨行汇出 {party}", "代付货款 {party}", "银票解付 {number} {party}"),
}  # fmt: skip

_CHARGES = {
    "meridian": "SERVICE CHARGE FUNDS TRANSFER",
    "rhenane": "SERVICE CHARGE ACCOUNT MAINTENANCE",
    "huadong": "手续费 汇划",
}
_DEPOSITS = {
    "meridian": "LOCKBOX DEPOSIT {count} ITEMS",
    "rhenane": "BULK CREDIT {count} ITEMS",
    "huadong": "批量代收 {count} 笔",
}
_REVERSALS = {
    "meridian": "REVERSAL OF {reference}",
    "rhenane": "REVERSAL OF {reference}",
    "huadong": "红字冲正 {reference}",
}
_NARRATIVES = {
    True: ("INWARD REMIT", "EXPORT COLLECT", "FX SETTLEMENT", "LC PROCEEDS"),
    False: ("OUTWARD REMIT", "IMPORT PAYMENT", "FX SETTLEMENT", "LC PAYMENT"),
}


def phrase(rng: Random, correspondent: str, language: str, *, is_in: bool) -> str:
    """What the correspondent writes about a payment into or out of our account."""
    return rng.choice(_PHRASES[correspondent, is_in]).format(
        party=rng.choice(_PARTIES[language]), number=rng.randrange(10_000, 99_999)
    )


def narrative(rng: Random, *, is_in: bool) -> str:
    """What our own journal writes: capitals, at most 16 characters."""
    return rng.choice(_NARRATIVES[is_in])


def charge(correspondent: str) -> str:
    """The correspondent's text of its own fee."""
    return _CHARGES[correspondent]


def deposit(correspondent: str, count: int) -> str:
    """The correspondent's text of one deposit for `count` items of ours."""
    return _DEPOSITS[correspondent].format(count=count)


def reversal(correspondent: str, reference: str) -> str:
    """The correspondent's text of a line in red."""
    return _REVERSALS[correspondent].format(reference=reference)
