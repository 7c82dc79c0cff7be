"""Runs a notifier's store and outbox by lines of JSON: [name, arguments ...] in, answers out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "deploy" / "clients" / "python"))

import hours
from outbox import Outbox
from store import Store

path = sys.argv[1]
store = Store(path)
for line in sys.stdin:
    name, *given = json.loads(line)
    outbox = Outbox(store)
    said = None
    if name == "open":  # as after kill -9: the old one is not closed
        store = Store(given[0])
    elif name in ("ranking", "sentence"):
        with store.transaction():
            getattr(store, name)(*given)
    elif name == "claim":
        said = [asdict(message) for message in outbox.claim(*given)]
    elif name in ("quiet", "tomorrow", "day"):
        said = getattr(hours, name)(*given)
    elif name == "rows":
        said = [dict(row) for row in store.db.execute(given[0])]
    else:
        getattr(outbox, name)(*given)
    print(json.dumps(said), flush=True)
