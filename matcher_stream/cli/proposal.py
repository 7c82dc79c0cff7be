"""What a run of `matcher-stream models retrain` came to, in words and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.compare.verdicts import Verdict
from models.registry.manifest import SHORT_CHARS
from models.training.retraining import Retrained


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a run came to.

    Attributes:
        found: What was learned.
        version: The id that it was registered under; None if nothing was.
        parent: The version that it came from; None likewise.
        gates: Between the two; None likewise.
    """

    found: Retrained
    version: str | None = None
    parent: str | None = None
    gates: Verdict | None = None

    @property
    def proposed(self) -> bool:
        """Whether somebody should look at it: registered, and no gate failed."""
        return self.gates is not None and not self.gates.those("failed")

    def lines(self) -> list[str]:
        """In plain Spanish."""
        found = self.found
        used = f"Filas que enseñan: {found.rows} de {found.people} personas."
        if self.version is None or self.gates is None or found.left_out is None:
            return [used, f"Nada que proponer: {found.why}."]
        gain, judged = found.left_out.gain, found.judged["difference"]
        told = [
            used,
            f"Registrada: {self.version}",
            f"Personas apartadas ({found.left_out.people}): {gain.mean:+.3f} de pares en buen "
            f"orden (95 %: {gain.low:+.3f} a {gain.high:+.3f}).",
            f"Personas juzgadas, nDCG@10: {judged.mean:+.3f} ({judged.low:+.3f} a "
            f"{judged.high:+.3f}).",
        ]
        if failed := self.gates.those("failed"):
            return [*told, "No se propone:", *(f"  {gate.says}" for gate in failed)]
        unknown = self.gates.those("unknown")
        if unknown:
            told += ["Falta saber antes de promoverla:", *(f"  {gate.says}" for gate in unknown)]
        short = self.version[:SHORT_CHARS]
        return [
            *told,
            f"Propuesta: pruébela en la sombra con MATCHER_MODEL={short} y después use "
            "matcher-stream models promote (docs/champion.md).",
        ]

    def told(self) -> dict[str, Any]:
        """As JSON."""
        gates = self.gates and self.gates.told()
        return {"proposed": self.proposed, "why": self.found.why, "version": self.version,
                "parent": self.parent, "gates": gates, **self.found.told()}  # fmt: skip
