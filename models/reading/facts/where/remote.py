"""Whether a person works only from home."""

from __future__ import annotations

import re
from typing import Final

from models.reading.facts.canonical import Canonical
from models.reading.facts.fact import Fact

_REMOTE: Final = re.compile(
    r"\b(?:(?:solo|solamente|unicamente|exclusivamente|nada mas|nomas|unico que puedo es) "
    r"(?:\w+ ){0,3}?(?:trabaj\w+ )?(?:\w+ )?"
    r"(?:desde (?:la |mi )?(?:propia )?casa|en (?:mi )casa|remot[oa]|teletrabajo|home ?office|"
    r"por internet)"
    r"|(?:trabajo )?(?:remoto|teletrabajo|home ?office|desde (?:mi )?casa),? (?:unicamente|"
    r"solamente|nomas|nada mas|solo|exclusivamente)"
    r"|(?:solo|solamente|unicamente) (?:\w+ )?trabaj\w+ (?:de (?:manera|forma) )?(?:virtual|remota)"
    r"|(?:para )?hacer en (?:mi )?casa (?:nomas|nada mas|no mas|solamente)"
    r"|no puedo salir (?:de (?:la |mi )?casa|a trabajar)|(?:busco|quiero|necesito) (?:un "
    r")?(?:trabajo|empleo|chamba|algo) "
    r"(?:100 ?% )?(?:remoto|desde (?:mi )?casa|por internet|home ?office|para hacer en (?:mi "
    r")?casa)"
    r"|100 ?% remoto)\b"
)
_OR_ELSE: Final = re.compile(
    r"\b(?:tambien|si se puede|de preferencia|o (?:ir|presencial|en|al?)|hibrido|o cerca)\b"
)
_STEMS: Final = ("remot", "casa", "office", "tele", "internet", "virtual")


def remote_only(words: Canonical) -> Fact[bool] | None:
    """Whether they can work only from home."""
    if not any(map(words.text.__contains__, _STEMS)):
        return None
    match = _REMOTE.search(words.text)
    if match is None or _OR_ELSE.search(words.text, match.end(), match.end() + 30):
        return None
    return words.fact(True, match.start(), match.end(), 0.98, "remote_only")
