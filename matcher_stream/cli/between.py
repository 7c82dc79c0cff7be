"""Tables in documents stand between two marks, so that they can be written anew."""

from __future__ import annotations


def put_between(text: str, start: str, end: str, table: str) -> str:
    """The document with this table; it must have both marks, each once.

    Args:
        text: The document.
        start, end: The marks.
        table: What stands between them, ended as it should be.
    """
    head, rest = text.split(start)
    return f"{head}{start}{table}{end}{rest.split(end)[1]}"
