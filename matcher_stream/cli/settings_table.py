"""The README's table of settings, written from the settings themselves.

``python -m matcher_stream.cli.settings_table README.md`` puts it between two marks in the file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final, get_args

from pydantic_core import PydanticUndefined

from matcher_stream.settings import Settings

START: Final = "<!-- settings: make docs -->\n"
END: Final = "<!-- end of settings -->\n"


def settings_table() -> str:
    """Every setting as a Markdown table: variable, default, meaning."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    prefix = Settings.model_config["env_prefix"]
    for name, field in Settings.model_fields.items():
        choices = getattr(field.validation_alias, "choices", ())
        variable = str(choices[0]) if choices else f"{prefix}{name.upper()}"
        options = [str(option) for option in get_args(field.annotation)]
        literal = "Literal" in str(field.annotation)
        about = (field.description or "") + (f" One of {', '.join(options)}." if literal else "")
        lines.append(f"| `{variable}` | {_shown(field.default)} | {about} |")
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    if value in (None, "", PydanticUndefined):
        return "—"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def replaced(text: str) -> str:
    """The document with a current table; it must have both marks."""
    head, rest = text.split(START)
    return f"{head}{START}{settings_table()}{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(replaced(document.read_text()))
