"""Hands a message to whatever carries it: here an HTTP endpoint. Write your own gateway's instead.

SENDER_URL  takes a POST; SENDER_TIMEOUT  seconds, well below the notifier's LEASE_SECONDS
"""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from typing import Literal

Outcome = Literal["sent", "refused", "later", "unknown"]
TIMEOUT = float(os.environ.get("SENDER_TIMEOUT", "20"))
NOT_NOW = {429, 503}


def send(key: str, body: str) -> Outcome:
    """Hand over one message.

    Args:
        key: The same for the same message, however often it is handed over.
        body: JSON: whom to (a profile_id; you know the number), the text, its jobs.

    Returns:
        sent; refused, for good; later, where it surely was not taken; else unknown.
    """
    request = urllib.request.Request(
        os.environ["SENDER_URL"],
        body.encode(),
        {"Content-Type": "application/json", "Idempotency-Key": key},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):
            return "sent"
    except urllib.error.HTTPError as error:
        if error.code in NOT_NOW:
            return "later"
        return "refused" if error.code < 500 else "unknown"
    except urllib.error.URLError as error:
        # nobody listened: nothing was said
        return "later" if isinstance(error.reason, ConnectionRefusedError) else "unknown"
    except OSError:
        return "unknown"  # it broke off after we had begun
