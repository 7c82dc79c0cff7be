"""The table of settings, written from the settings themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from matcher_stream.config.explainer_settings import ExplainerSettings
from matcher_stream.config.settings import Settings


def settings_table() -> str:
    """Every setting as Markdown tables: the matcher's, then what the explainer adds or changes."""
    matcher = Settings.model_fields
    explainer = {
        name: field
        for name, field in ExplainerSettings.model_fields.items()
        if name not in matcher or field.default != matcher[name].default
    }
    return f"{_table(matcher)}\nThe explainer, besides or instead:\n\n{_table(explainer)}"


def _table(fields: Mapping[str, FieldInfo]) -> str:
    """Variable, default, meaning."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    prefix = Settings.model_config["env_prefix"]
    for name, field in fields.items():
        choices = getattr(field.validation_alias, "choices", ())
        names = [str(choice) for choice in choices if str(choice).isupper()]
        variable = "` or `".join(names) or f"{prefix}{name.upper()}"
        literal = get_origin(field.annotation) is Literal
        options = [str(option) for option in get_args(field.annotation)]
        about = (field.description or "") + (f" One of {', '.join(options)}." if literal else "")
        lines.append(f"| `{variable}` | {_shown(field.default)} | {about} |")
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    if value in (None, "", PydanticUndefined):
        return "—"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
