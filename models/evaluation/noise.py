"""Standard Spanish as people type it on a phone: seeded, for training pairs."""

from __future__ import annotations

import random
import re
import unicodedata
from typing import Final

_SHORT: Final = {
    "que": "q", "de": "d", "para": "pa", "por": "x", "con": "cn", "tambien": "tb",
    "porque": "xq", "estoy": "toy", "trabajo": "chamba", "ayudante": "ayudnte",
}  # fmt: skip
_SOUNDS: Final = (
    ("qu", "k"), ("c(?=[ei])", "s"), ("z", "s"), ("v", "b"), ("b", "v"), ("ll", "y"), ("y", "ll"),
    (r"\bh", ""), ("h", ""), ("g(?=[ei])", "j"), ("s(?=[ei])", "c"), ("rr", "r"), ("x", "s"),
    ("cc", "c"), ("mb", "nv"), ("ci", "si"), (r"ado\b", "ao"), ("gue", "ge"), ("hue", "we"),
)  # fmt: skip
_FRAMES: Final = (
    "{}", "{}", "soy {}", "busco trabajo de {}", "toy buscando chamba de {}", "kiero trabajar d {}",
    "{} con experiencia", "tengo experiencia en {}", "trabajo de {}", "chambeo de {}",
    "ayuda busco chamba {}", "se hacer {}", "busco empleo como {}", "puedo ser {}",
    "trabaje de {} 2 años", "lo q sea, {} tb", "me dedico a {}",
)  # fmt: skip


def plain(text: str) -> str:
    """Lower case without accents; ñ stays."""
    kept = text.lower().replace("ñ", "\0")
    folded = unicodedata.normalize("NFKD", kept).encode("ascii", "ignore").decode()
    return folded.replace("\0", "ñ")


def misspell(text: str, rng: random.Random) -> str:
    """The text with a few spellings by sound, abbreviations and slips."""
    words = [_SHORT[w] if w in _SHORT and rng.random() < 0.5 else w for w in plain(text).split()]
    text = " ".join(words)
    for sound, spelt in rng.sample(_SOUNDS, k=len(_SOUNDS)):
        if rng.random() < 0.25:
            text = re.sub(sound, spelt, text, count=1)
    letters = list(text)
    for _ in range(max(1, len(letters) // 14)):
        if len(letters) > 4 and rng.random() < 0.5:
            at = rng.randrange(1, len(letters) - 1)
            if rng.random() < 0.6:
                del letters[at]
            else:
                letters[at - 1], letters[at] = letters[at], letters[at - 1]
    return "".join(letters)


def as_message(trade: str, rng: random.Random) -> str:
    """A trade as somebody would write that they look for it."""
    return rng.choice(_FRAMES).format(misspell(trade, rng) if rng.random() < 0.8 else trade)
