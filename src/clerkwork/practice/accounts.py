"""Who the practice bank is: its accounts, its correspondents, its cash boxes."""

from __future__ import annotations

from dataclasses import dataclass

BRANCH = "0755"
CLEARING = "2431000001"
CUT_OFF_S = 17 * 3600  # after it the correspondents book on the next day
DATE_ROLL_S = 22 * 3600  # after it (日切) our own journal writes the next day
EARLY_S = 30 * 60  # until then the correspondents still print it in the old day's document


@dataclass(frozen=True)
class Nostro:
    """One account of ours with one correspondent; `opening` is in minor units, on both sides."""

    correspondent: str  # also the first word of the document's file name
    account: str
    their_account: str
    currency: str
    opening: int
    reference_form: str  # {day:...} and {serial}: the references both sides print
    serial: str  # the characters of {serial}
    language: str


@dataclass(frozen=True)
class Box:
    """One teller's cash box; `target` is what it holds about, in minor units."""

    account: str
    teller: str
    currency: str
    target: int
    denominations: tuple[int, ...]  # minor units, largest first


NOSTROS = (
    Nostro(
        "meridian", "1011840001", "36100-88420", "USD", 48_216_904_75,
        "FT{day:%y%j}{serial}", "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", "en",
    ),
    Nostro(
        "rhenane", "1011978001", "LU280019400644750000", "EUR", 31_507_288_10,
        "BR{day:%m%d}E{serial}", "0123456789", "en",
    ),
    Nostro(
        "huadong", "1011156001", "6230580000088420", "CNY", 96_840_552_36,
        "HD{day:%Y%m%d}{serial}", "0123456789", "zh",
    ),
)  # fmt: skip

_YUAN = (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10)
_DOLLARS = (100_00, 50_00, 20_00, 10_00, 5_00, 1_00)
BOXES = (
    Box("1001156101", "T01", "CNY", 286_500_00, _YUAN),
    Box("1001156102", "T02", "CNY", 312_840_50, _YUAN),
    Box("1001156103", "T03", "CNY", 251_075_00, _YUAN),
    Box("1001840101", "T04", "USD", 64_210_00, _DOLLARS),
)
