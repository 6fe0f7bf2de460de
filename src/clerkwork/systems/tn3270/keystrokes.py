"""How a value is written for s3270 so that it stays data."""

from __future__ import annotations


def quoted(value: str) -> str:
    r"""
    `value` as the argument of String(): no character of it can end the text or act.

    ASCII but letters, digits and spaces goes as code points: to s3270 4.1 the closing quote
    of "A\\" is escaped by the second backslash, and the action never ends. The rest goes as
    it is: of the code point of a wide character s3270 4.1 takes the low byte only.

    >>> quoted('A"B\\C')
    '"A\\u0022B\\u005cC"'
    """
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character == " " or character.isalnum() or character > "\x9f":
        return character
    return f"\\u{ord(character):04x}"
