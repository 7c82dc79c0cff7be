"""Small parts of HTML, and how the page looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from models.evaluation.plots import COLOURS

STYLE: Final = (
    """
:root{color-scheme:light dark;--ink:#1b1b1b;--soft:#595959;--line:#d5d5d5;--paper:#fff;
--c0:#1f6fb4;--c1:#c25a00;--c2:#27813a;--c3:#b3261e;--c4:#7048a8;--c5:#7a5548;--c6:#a8327d;--c7:#5f6b00}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a5a5a5;--line:#444;--paper:#16181b;
--c0:#6db3f2;--c1:#ffa657;--c2:#6fcf84;--c3:#ff8a80;--c4:#c3a1ff;--c5:#cfa898;--c6:#ff9bd6;--c7:#c6d35a}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:66rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:3rem;border-bottom:1px solid var(--line)}summary{cursor:pointer}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child{text-align:left}td{white-space:nowrap}td:first-child{white-space:normal}.soft{color:var(--soft)}
.yes{color:var(--c2);font-weight:600}.no{color:var(--c3);font-weight:600}
dt{font-weight:600}dd{margin:0 0 .5rem 1.5rem}
svg{width:100%;height:auto;font:12px system-ui,sans-serif}
svg text{fill:var(--ink)}.grid{stroke:var(--line)}.zero{stroke:var(--ink)}
.mark{stroke:var(--ink);stroke-dasharray:4 3}
.tick{text-anchor:middle;fill:var(--soft)!important}.name{text-anchor:end}
"""
    + "".join(
        f".k{i}{{stroke:var(--c{i});fill:var(--c{i});stroke-width:2}}" for i in range(COLOURS)
    )
    + "g text{stroke:none}"
)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that scrolls on a narrow screen."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'<div class="wide"><table><tr>{top}</tr>{body}</table></div>'


def terms(known: Mapping[str, str]) -> str:
    """Terms with what they mean."""
    said = (f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in known.items())
    return f"<dl>{''.join(said)}</dl>"
