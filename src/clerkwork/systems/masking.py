"""What evidence may show: secrets, card numbers and resident ids are covered in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

MASK = "*"
SHORTEST = 4  # a shorter secret would cover half the screen; its field is blank anyway
# All digits at once, or in groups as cards print them; no digit before or after.
_CARD = re.compile(
    r"(?<![0-9])(?:[0-9]{13,19}|[0-9]{4}(?:[ -][0-9]{4}){2}(?:[ -][0-9]{1,4}){1,2}"
    r"|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5})(?![0-9])"
)
# What people read as a digit, X, a space or a dash, character for character.
_PLAIN = str.maketrans(
    "０１２３４５６７８９Ｘｘ\xa0\u2002\u2003\u2007\u2009\u202f\u3000‐‑‒–—－",
    "0123456789Xx       ------",
)
_RESIDENT = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
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
    text = text.translate(_PLAIN)
    for found in _RESIDENT.finditer(text):
        if _is_resident(found[0]):
            yield found.span()
    for found in _CARD.finditer(text):
        if _is_card(re.sub("[ -]", "", found[0])):
            yield found.span()


def _ends(number: str) -> str:
    """The first six and the last four digits, the others covered."""
    places = [at for at, character in enumerate(number.translate(_PLAIN)) if character not in " -"]
    hidden = set(places[6:-4])
    return "".join(MASK if at in hidden else each for at, each in enumerate(number))


def _is_card(digits: str) -> bool:
    doubled = "".join("0246813579"[int(d)] for d in digits[-2::-2])  # the digits of 2d summed
    return len(digits) >= 13 and sum(map(int, doubled + digits[-1::-2])) % 10 == 0


def _is_resident(text: str) -> bool:
    total = sum(int(d) * weight for d, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == text[-1].upper()
