"""What exports leave in texts: HTML, entities, and letters that were decoded wrongly.

Tags by pattern, not by a parser: only tags of HTML go ("<CAS 057>" and "edad < 30" stay), and the
parsers of CPython 3.11 and of Lexbor need minutes for a megabyte of "<p " or "<div>".
"""

from __future__ import annotations

import html
import re
from functools import partial
from typing import Final

LONGEST: Final = 500_000
"""Longer texts are left as they are: no record has room for them."""
_BLOCKS: Final = (
    "address|article|aside|blockquote|br|center|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6]"
    "|header|hr|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul"
)
"""Before and after these a line ends."""
_INLINE: Final = (
    "a|abbr|b|bdi|bdo|big|body|button|cite|code|del|em|font|html|i|iframe|img|input|ins|kbd|label"
    "|link|mark|meta|o:p|option|q|s|samp|select|small|span|strike|strong|sub|sup|svg|textarea|time"
    "|tt|u|var|video|wbr"
)
_UNSEEN: Final = "head|script|style|title"
_REST: Final = r"(?=[\s/>])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>"
_NO_TEXT: Final = re.compile(
    rf"<!--(?:(?!-->|<!--).)*-->|<(?P<tag>{_UNSEEN}){_REST}(?:(?!</?(?P=tag)).)*</(?P=tag){_REST}",
    re.IGNORECASE | re.DOTALL,
)
"""Each attempt ends where the next could begin, so that no text takes more than one pass."""
_TAG: Final = re.compile(
    rf"</?(?:(?P<block>{_BLOCKS})|{_INLINE}|{_UNSEEN}){_REST}|<!--", re.IGNORECASE
)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WRONG: Final = re.compile("[ÂÃ][\u0080-\u024f\u02c6\u02dc\u2010-\u2122]|â(?:€|\u0080)|├")
_DECODED: Final = (
    ("cp1252", re.compile("(?:[ÂÃ][^\x00-\x7f]|â(?:€|\u0080)[^\x00-\x7f])+")),
    ("cp850", re.compile("(?:├[^\x00-\x7f])+")),
)
"""UTF-8 of Spanish letters and typographer's marks, read as if it were of that code page."""
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPOILT: Final = re.compile("[<&ÂÃâ├\u00a0\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACES: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r" ?\n\s*")


def clean(text: str, notes: list[str]) -> str:
    """A text as somebody meant it; what was mended is added to `notes`.

    Args:
        text: Of a cell or a JSON string.
        notes: Gets ``html`` and ``letters``.
    """
    if not _SPOILT.search(text) or len(text) > LONGEST:
        return text
    if _WRONG.search(text) and (mended := _letters(text)) != text:
        notes.append("letters")
        text = mended
    if _TAG.search(text) or _ENTITY.search(text):
        notes.append("html")
        text = _without_markup(text)
        if _TAG.search(text) or _ENTITY.search(text):  # it had been escaped twice
            text = _without_markup(text)
    return _INVISIBLE.sub("", text).replace("\u00a0", " ").strip()


def _letters(text: str) -> str:
    """The text with "Ã±" as "ñ": only where the bytes are UTF-8, so never a guess."""
    for codec, pattern in _DECODED:
        text = pattern.sub(partial(_again, codec), text)
    return text


def _again(codec: str, found: re.Match[str]) -> str:
    run = found[0]
    # bytes that the code page leaves empty came through as control characters
    raw = b"".join(
        bytes([ord(c)]) if 0x80 <= ord(c) <= 0x9F else c.encode(codec, "replace") for c in run
    )
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return run


def _without_markup(text: str) -> str:
    seen = _TAG.sub(lambda tag: "\n" if tag["block"] else "", _NO_TEXT.sub("", text))
    told = _ENTITY.sub(lambda entity: html.unescape(entity[0]), seen)
    return _LINES.sub("\n", _SPACES.sub(" ", told)).strip()
