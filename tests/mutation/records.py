"""What is kept in files: the breakages that have a name, and the changes that change nothing."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.planting import ROOT

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Plant:
    """A breakage that has a name.

    Attributes:
        name: What is broken.
        file: The module's path from the root.
        edits: Texts of it, and what stands there instead.
        tests: Those that must fail.
    """

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]

    def planted(self) -> str:
        """The module with the breakage.

        Raises:
            LookupError: the text that it replaces is not there (once).
        """
        text = (ROOT / self.file).read_text()
        for old, new in self.edits:
            if text.count(old) != 1:
                raise LookupError(
                    f"The breakage {self.name!r} replaces a text that is {text.count(old)} times "
                    f"in {self.file}: write it anew in tests/mutation/plants.toml.\n{old}"
                )
            text = text.replace(old, new)
        return text


def plants(path: Path = HERE / "plants.toml") -> list[Plant]:
    """The breakages of a file."""
    return [
        Plant(
            plant["name"],
            plant["file"],
            tuple((edit["old"], edit["new"]) for edit in plant.get("edits", [plant])),
            tuple(plant["tests"]),
        )
        for plant in tomllib.loads(path.read_text())["plant"]
    ]


def equivalents() -> dict[str, str]:
    """Why a change need not be noticed, by its name; from `equivalents.toml`."""
    groups = tomllib.loads((HERE / "equivalents.toml").read_text())["group"]
    return {name: str(group["why"]) for group in groups for name in group["mutants"]}
