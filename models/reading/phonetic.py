"""How Spanish sounds to a Peruvian ear, without its endings: what spellings have in common.

Most misspellings of grown people who left school early follow the ear: b and v, s, c and z, a
silent h, ll and y, k for c and qu, j for g, i for y. Written alike, they meet without a guess.
"""

from __future__ import annotations

from typing import Final

from schemas.vocab import plain

# In this order: the digraphs first, as capitals, so that their letters are not taken one by one.
_STEPS: Final[tuple[tuple[str, str], ...]] = (
    ("ch", "C"), ("sh", "C"), ("ph", "f"), ("hu", "w"), ("gua", "wa"), ("h", ""),
    ("que", "ke"), ("qui", "ki"), ("gue", "Ge"), ("gui", "Gi"), ("q", "k"),
    ("ge", "je"), ("gi", "ji"), ("G", "g"),
    ("ce", "se"), ("ci", "si"), ("z", "s"), ("c", "k"), ("v", "b"),
    ("ll", "y"), ("y ", "i "), ("x", "s"), ("C", "ch"),
    ("ss", "s"), ("rr", "r"), ("nn", "n"), ("kk", "k"), ("mb", "nb"), ("mp", "np"), ("w", "u"),
)  # fmt: skip


def sounds(text: str) -> str:
    """A text without accents and case, spelt by ear: "Vijilante kosinera" as "bijilante kosinera".

    Not meant to be read: only for comparing two texts spelt this way.
    """
    text = plain(text) + " "
    for spelt, sound in _STEPS:
        if spelt in text:
            text = text.replace(spelt, sound)
    return text.rstrip()


def root(word: str, least: int = 4) -> str:
    """Without gender and number, at least so many letters: "cocineras", "cocinero": "cociner"."""
    if len(word) > least and word.endswith("es") and word[-3] in "lrndzj":
        word = word[:-2]
    elif len(word) > least and word[-1] == "s":
        word = word[:-1]
    return word[:-1] if len(word) > least and word[-1] in "aoe" else word
