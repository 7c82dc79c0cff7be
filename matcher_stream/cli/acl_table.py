"""The accounts' table in a document: `python -m matcher_stream.cli.acl_table docs/deploying.md`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from matcher_stream.cli.between import put_between
from matcher_stream.config.acls import roles, table
from matcher_stream.config.contract import TopicNames
from matcher_stream.config.settings import Settings

START: Final = "<!-- accounts: make docs -->\n"
END: Final = "<!-- end of accounts -->\n"
#: Stands for the encoder's version in the name of the matcher's application.
VERSION: Final = "VERSION"


def acl_table() -> str:
    """Every account with its rights, for the default prefix and any encoder."""
    settings = Settings(topic_prefix="matcher")
    matcher = TopicNames(settings, f"matcher-{VERSION}")
    listed = roles("matcher", matcher, TopicNames(settings, "matcher-explainer"))
    return table(listed, {role.name: f"matcher-{role.name}" for role in listed})


def replaced(text: str) -> str:
    """The document with a current table; it must have both marks."""
    return put_between(text, START, END, f"{acl_table()}\n")


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(replaced(document.read_text()))
