"""Parts of the page about judged people: what is sent, single lists, what is read of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from models.evaluation.parts import table
from models.evaluation.sending import FIGURES
from models.evaluation.wording import estimate, read_shares

_WORDS: Final = 300


def sending(task: Mapping[str, Any]) -> str:
    """The figures of the two levels, a column a region."""
    found: Mapping[str, Any] = task["sending"]
    rows = [
        (f"{name}: {meaning}",
         *(f"{estimate(row[name])} of {row[name]['of']:.0f}" for row in found.values()))
        for name, meaning in FIGURES.items()
    ]  # fmt: skip
    return "<h3>What is sent</h3>" + table(("share", *found), rows)


def lists(task: Mapping[str, Any]) -> str:
    """Every person's list with grades and components, beside what a plain system would show."""
    inside = "".join(_person(row) for row in task["lists"])
    return (
        f"<details><summary>Person by person, {escape(task['task'])}</summary>"
        '<p class="soft">Grades: 3 fits well, 2 fits, 1 weak, 0 does not. The plain list is the '
        f"encoder as it comes, with the same filters.</p>{inside}</details>"
    )


def _person(row: Mapping[str, Any]) -> str:
    words = " ".join(row["words"].split())[:_WORDS]
    shown = [
        (entry["title"], entry["place"] or "–", f"{entry['grade']:.0f}", entry["level"],
         f"{entry['score']:.3f}",
         ", ".join(f"{name} {value:+.3f}" for name, value in entry["components"].items()))
        for entry in row["shown"]
    ]  # fmt: skip
    plain = ", ".join(f"{entry['title']} ({entry['grade']:.0f})" for entry in row["plain"])
    missed = ", ".join(f"{e['title']} ({e['grade']:.0f}, {e['why']})" for e in row["missed"])
    return (
        f"<details><summary>{escape(row['person'])} ({escape(row['style'])}): {escape(words)}"
        "</summary>"
        + table(("shown", "place", "grade", "level", "score", "made of"), shown)
        + (f"<p><b>Missed:</b> {escape(missed)}</p>" if missed else "")
        + (f"<p><b>Plain:</b> {escape(plain)}</p>" if plain else "")
        + "</details>"
    )


def reading(rows: Sequence[Mapping[str, Any]]) -> str:
    """Precision and recall of what is read, by fact and style."""
    cells = [(f"{row['side']}, {row['style']}: {row['fact']}", *read_shares(row)) for row in rows]
    return "<h2>What is read of people's and ads' words</h2>" + table(
        ("fact", "precision", "recall", "goal"), cells
    )
