"""What people read: the guides, and the blocks of commands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tests.support.brokers import ROOT

GUIDES: Final = (
    "README.md", "CONTRIBUTING.md",
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))),
)  # fmt: skip
COMMANDS: Final = ("bash", "console")
"""Languages of blocks that somebody types, or reads what was typed."""
REASONS: Final = {
    "suite": "the suite stands on it, or is it",
    "daemon": "runs until Ctrl-C; the tests start the same",
    "cluster": "needs Kafka with accounts or Kubernetes of one's own",
    "containers": "needs a container engine; `make test-containers` does the same",
    "minutes": "takes minutes; tests/models has its parts",
    "howto": "docs/how-to runs the same with names that exist",
    "elsewhere": "another test of the suite runs the same",
}
"""Why a block is not run, by the word in the comment before it: `<!-- not run: WORD -->`."""
_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>\w+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        guide: The page's path from the root.
        line: Of the page, on which it begins.
        language: As the fence says; empty if it does not.
        text: What stands between the fences.
        reason: Why it is not run, a key of `REASONS`; empty if it is.
    """

    guide: str
    line: int
    language: str
    text: str
    reason: str

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.guide}:{self.line}"


def blocks(guide: str) -> list[Block]:
    """The fenced blocks of a page, in its order."""
    page = (ROOT / guide).read_text()
    return [
        Block(
            guide, page.count("\n", 0, found.start()) + 1, found["language"], found["text"],
            found["reason"] or "",
        )
        for found in _BLOCK.finditer(page)
    ]  # fmt: skip


def command_lines(block: Block) -> list[str]:
    """The commands of a block, without comments, prompts, output and what is fed to them."""
    text = block.text.replace("\\\n", " ")
    text = re.sub(r"<<'(\w+)'(.*?)\n.*?^\1$", r"\2", text, flags=re.DOTALL | re.MULTILINE)
    lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines()]
    if block.language == "console":
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in lines if line]
