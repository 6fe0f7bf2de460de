"""What evidence may show: secrets, card numbers and resident ids are covered in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

MASK = "*"
SHORTEST = 4  # a shorter secret would cover half the screen; its field is blank anyway
# All digits at once, or in groups as cards print them; no digit before or after. (What must
# not stand before is looked at behind the first digit: a search for a digit is five times as
# fast as one for a place with nothing before it.)
_CARD = re.compile(
    r"[0-9](?<![0-9].)(?:[0-9]{12,18}|[0-9]{3}(?:[ -][0-9]{4}){2}(?:[ -][0-9]{1,4}){1,2}"
    r"|[0-9]{3}[ -][0-9]{6}[ -][0-9]{5})(?![0-9])"
)
# What people read as a digit, X, a space or a dash, character for character.
_PLAIN = str.maketrans(
    "０１２３４５６７８９Ｘｘ\xa0\u2002\u2003\u2007\u2009\u202f\u3000‐‑‒–—－",
    "0123456789Xx       ------",
)
# A card number in pieces side by side might be a date and an account: only what an issuer
# gives out (first digits and lengths, ISO/IEC 7812) counts, and no piece is a date or amount.
_ISSUED = re.compile(
    r"6[0-9]{15,18}|95[0-9]{14,17}|4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|3[47][0-9]{13}"
    r"|(?:5[1-5]|2[2-7]|35)[0-9]{14}|3[0689][0-9]{12}"
)
_PIECES = re.compile(r"[0-9](?<![0-9A-Za-z].)[0-9]*+(?:[ \t-]{1,3}+[0-9]++)+")
_PIECE = re.compile(r"(?<![0-9A-Za-z])(?<![0-9][.,])[0-9]{1,18}(?![0-9A-Za-z]|[.,:/][0-9])")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_GAP = re.compile(r"[ \t-]{1,3}")
_RESIDENT = re.compile(r"[1-9](?<![0-9A-Za-z].)[0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
_CHECKS = "10X98765432"


def covered(text: str, secrets: Collection[str] = ()) -> str:
    """
    `text` with secrets covered, and the middle of card numbers and resident ids.

    A card number keeps its first six and last four digits, a resident id the same; every
    character keeps its place.

    >>> covered("card 6222021234567890128 id 11010519491231002X pin 4711", {"4711"})
    'card 622202*********0128 id 110105********002X pin ****'
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, MASK * len(secret))
    for start, end in _numbers(text):
        kept = _ends(text[start:end])
        text = text[:start] + kept + text[end:]
    return text


def covered_parts(parts: Sequence[str], secrets: Collection[str] = ()) -> list[str]:
    """
    The parts of one text with what `covered` covers, also where it is split over them.

    >>> covered_parts(["card 62220212", "34567890128"])
    ['card 622202**', '*******0128']
    """
    whole = covered("".join(covered(part, secrets) for part in parts), secrets)
    places = accumulate(map(len, parts), initial=0)
    return [whole[start:end] for start, end in pairwise(places)]


def covered_row(fields: Sequence[str]) -> list[str]:
    """
    What stands in fields side by side, with card numbers covered that are split over them.

    >>> covered_row(["62220212", "34567890128", "1234.50"])
    ['622202**', '*******0128', '1234.50']
    """
    whole, places = _side_by_side(fields)
    whole = covered(whole)
    return [
        field.replace(field.strip(), whole[start:end]) if field.strip() else field
        for field, (start, end) in zip(fields, places, strict=True)
    ]


def split_over(fields: Sequence[str]) -> set[int]:
    """
    Which of the fields side by side hold a part of a card number that is split over them.

    >>> split_over(["to", "62220212", "34567890128", "1234.50"]) == {1, 2}
    True
    """
    whole, places = _side_by_side(fields)
    touched = [
        {at for at, (first, last) in enumerate(places) if first < end and start < last}
        for start, end in _numbers(whole)
    ]
    return {at for fields in touched if len(fields) > 1 for at in fields}


def _side_by_side(fields: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """The fields as one row, without the blanks around them, and where each stands in it."""
    bare = [field.strip() for field in fields]
    places, at = [], 0
    for each in bare:
        places.append((at, at + len(each)))
        at += len(each) + 1 if each else 0  # an empty one stands between no two
    return " ".join(filter(None, bare)), places


def masked(text: str, secrets: Iterable[str]) -> str:
    """`covered`, where no place is to be kept: each secret is three stars, whatever its length."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, 3 * MASK)
    return covered(text)


def has_personal_number(text: str) -> bool:
    """Whether a card number or a resident id stands in `text`."""
    return next(_numbers(text), None) is not None


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers (ISO/IEC 7812, by their check digit) and resident ids stand."""
    if not text.isascii():
        text = text.translate(_PLAIN)
    for found in _RESIDENT.finditer(text):
        if _is_resident(found[0]):
            yield found.span()
    for found in _CARD.finditer(text):
        if _is_card(re.sub("[ -]", "", found[0])):
            yield found.span()
    yield from _in_pieces(text)


def _in_pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where a card number stands in pieces of any length, little space between them."""
    for row in _PIECES.finditer(text):
        if sum(map(str.isdigit, row[0])) >= 13:
            yield from _in_row(text, row.start(), row.end())


def _in_row(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where a card number stands in the pieces between two places of `text`."""
    found = _PIECE.finditer(text, start, end + 2)  # with what tells that the last one goes on
    pieces = [piece for piece in found if not _DATE.fullmatch(piece[0])]
    for at, first in enumerate(pieces):
        digits, end = first[0], first.end()
        for piece in pieces[at + 1 :]:
            if len(digits) + len(piece[0]) > 19 or not _GAP.fullmatch(text, end, piece.start()):
                break
            digits, end = digits + piece[0], piece.end()
            if _ISSUED.fullmatch(digits) and _is_card(digits):
                yield first.start(), end


def _ends(number: str) -> str:
    """The first six and the last four digits, the others covered."""
    places = [
        at for at, character in enumerate(number.translate(_PLAIN)) if character not in " -\t"
    ]
    hidden = set(places[6:-4])
    return "".join(MASK if at in hidden else each for at, each in enumerate(number))


def _is_card(digits: str) -> bool:
    doubled = "".join("0246813579"[int(d)] for d in digits[-2::-2])  # the digits of 2d summed
    return len(digits) >= 13 and sum(map(int, doubled + digits[-1::-2])) % 10 == 0


def _is_resident(text: str) -> bool:
    total = sum(int(d) * weight for d, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == text[-1].upper()
