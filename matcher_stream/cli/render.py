"""Events as tables that people can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from models.ranking import unlock_words
from models.ranking.reasons import say
from models.reading.geo import district_index, name
from models.reading.spoken import PERIODS

_STATUS: Final = {
    "no_match": "todavía no hay trabajos para esta persona",
    "paused": "en pausa",
    "expired": "vencido",
    "no_consent": "sin permiso para buscar",
    "unreadable": "no se entiende el texto",
}
_SHOWN_REASONS: Final = 3


def ranking_table(
    who: str, entries: Sequence[Mapping[str, Any]], words: str = "", news: Sequence[str] = ()
) -> Table:
    """One person's ranked jobs.

    Args:
        who: The person's id.
        entries: As in a matches event.
        words: What the person wrote, shown under the id.
        news: job_ids that are new in this ranking.
    """
    title = Text(who, style="bold")
    if words:
        title.append(f"\n«{_short(words, 160)}»", style="italic not bold")
    table = Table(title=title, title_justify="left", expand=True)
    table.add_column("N.º", justify="right", no_wrap=True)
    table.add_column("Trabajo", ratio=4)
    table.add_column("Lugar", ratio=3)
    table.add_column("Pago", ratio=2)
    table.add_column("Afinidad", justify="right", no_wrap=True)
    table.add_column("Por qué", ratio=5)
    for entry in entries:
        job = entry["job"]
        head = Text(_short(job["title"], 70))
        if entry["job_id"] in news:
            head.append(" nuevo", style="green")
        if job.get("employer"):
            head.append(f"\n{_short(job['employer'], 50)}", style="dim")
        table.add_row(
            str(entry["rank"]), head, place(job), pay(job), f"{entry['score']:.2f}",
            "; ".join(say(reason) for reason in entry["reasons"][:_SHOWN_REASONS]),
        )  # fmt: skip
    return table


def matches_view(event: Mapping[str, Any], words: str = "") -> Table | Text:
    """A matches event: a table, or one line if there is no ranking."""
    if event["entries"]:
        news = event["entered"] if event["left"] or event["cause"] != "profile_updated" else ()
        table = ranking_table(event["profile_id"], event["entries"], words, news)
        said = (event.get("message"), opening(event.get("unlocks", ())))
        table.caption = "\n".join(filter(None, said)) or None
        return table
    why = event.get("message") or _STATUS.get(event["status"], event["status"])
    line = Text(event["profile_id"], style="bold").append(f": {why}", style="not bold")
    if told := opening(event.get("unlocks", ())):
        line.append(f"\n{told}", style="not bold")
    return line


def opening(steps: Sequence[Mapping[str, Any]]) -> str:
    """What one step would open, as in a matches event; "" if nothing."""
    words = "; ".join(unlock_words.say(step) for step in steps)
    return f"{words[0].upper()}{words[1:]}." if words else ""


def candidates_view(event: Mapping[str, Any]) -> Table:
    """A candidates event: who fits one job; ids and codes only."""
    seen = f"{event['partitions_seen']}/{event['partitions_total']}"
    table = Table(title=f"{event['job_id']} (particiones {seen})", title_justify="left")
    for column in ("N.º", "Persona", "Afinidad", "Razones"):
        table.add_column(column)
    for entry in event["entries"]:
        table.add_row(
            str(entry["rank"]), entry["profile_id"], f"{entry['score']:.2f}",
            ", ".join(entry["reasons"]),
        )  # fmt: skip
    return table


def pay(job: Mapping[str, Any]) -> str:
    """The job's pay as an ad says it."""
    low, high = job.get("pay_min"), job.get("pay_max")
    if not (low or high):
        return "no dice"
    amounts = [f"{value:,.0f}".replace(",", "\u00a0") for value in (low, high) if value]
    period = PERIODS.get(job.get("pay_period") or "month", "")
    return f"S/ {' a '.join(dict.fromkeys(amounts))} {period}".strip()


def place(job: Mapping[str, Any]) -> str:
    """Where the job is."""
    if job.get("remote"):
        return "a distancia"
    return str(job.get("place") or name(district_index(job.get("ubigeo"), None)) or "no dice")


def _short(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
