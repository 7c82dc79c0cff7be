"""What the guides name is there: files, what links lead to, commands, and the code they quote."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from matcher_stream.cli.group import cli
from tests.support.brokers import ROOT
from tests.support.guides import COMMANDS, GUIDES, REASONS, Block, blocks, command_lines

TO_BE_MADE: set[str] = set()
"""Files that a guide tells its readers to make."""
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_TICKED = re.compile(r"`([^`\n]+)`")
_ROOMS = "agents|benchmarks|deploy|docs|matcher_stream|models|schemas|tables|tests"
_PATH = re.compile(rf"(?:{_ROOMS})/\S*")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_TARGET = re.compile(r"^([a-z-]+):(?!=)", re.MULTILINE)
_ALL = [block for guide in GUIDES for block in blocks(guide)]
_TYPED = [block for block in _ALL if block.language in COMMANDS]


@pytest.mark.parametrize("guide", GUIDES)
def test_what_a_guide_names_is_there(guide: str) -> None:
    prose = _FENCED.sub("", (ROOT / guide).read_text())
    named = {said for said in _TICKED.findall(prose) if _PATH.fullmatch(said)}
    assert {path for path in named - TO_BE_MADE if not (ROOT / path).exists()} == set()
    for link in _LINK.findall(prose):
        assert (ROOT / guide).parent.joinpath(link).exists(), link


def test_code_is_quoted_as_it_is() -> None:
    quoted = []
    for language, text in _FENCED.findall((ROOT / "CONTRIBUTING.md").read_text()):
        head, _, code = text.partition("\n")
        if language == "python" and (ROOT / head.removeprefix("# ")).is_file():
            assert code in (ROOT / head.removeprefix("# ")).read_text(), head
            quoted.append(head)
    assert len(quoted) == 2


def test_every_block_says_what_it_is() -> None:
    """A block without a language could hold commands that nothing checks."""
    assert [block.place for block in _ALL if not block.language] == []


def test_what_is_not_run_says_why() -> None:
    """`tests/cli/test_guides.py` runs every other one."""
    used = {block.reason for block in _TYPED if block.reason}
    assert used == REASONS.keys()
    marks = sum((ROOT / guide).read_text().count("\n<!-- not run: ") for guide in GUIDES)
    assert marks == sum(bool(block.reason) for block in _TYPED), "a mark stands before no block"


@pytest.mark.parametrize("block", _TYPED, ids=lambda block: block.place)
def test_commands_are_ones_that_we_have(block: Block) -> None:
    """Also of blocks that are not run: the command, its options, the target of make."""
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text()))
    lines = command_lines(block)
    assert lines, block.place
    for line in lines:
        words = shlex.split(line)
        if words[0] == "make":
            asked = [word for word in words[1:] if "=" not in word]
            assert set(asked) <= targets, line
        for number, word in enumerate(words):
            if word in ("matcher-stream", ".venv/bin/matcher-stream"):
                _known(words[number + 1 :], line)


def _known(words: list[str], line: str) -> None:
    """Whether the command line has this command with these options."""
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found is not None, line
        command, words = found, words[1:]
    options = {name for option in command.params for name in option.opts}
    assert {word for word in words if word.startswith("--")} <= options, line


def test_commands_in_the_text_are_ones_that_we_have() -> None:
    said = 0
    for guide in GUIDES:
        prose = _FENCED.sub("", (ROOT / guide).read_text())
        for ticked in _TICKED.findall(prose):
            words = ticked.split()
            if words[0] == "matcher-stream" and len(words) > 1 and words[1].isalpha():
                _known(words[1:], f"{guide}: {ticked}")
                said += 1
            if words[0] == "make" and len(words) > 1 and words[1].islower():
                assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text(), f"{guide}: {ticked}"
    assert said > 10
