"""What files of weights hold, told by their headers: nothing is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import orjson
from safetensors import SafetensorError, safe_open

from models.encoding import adapter as adapters
from schemas.errors import MissingModel

_DOWN: Final = ".lora_A.weight"
_UP: Final = ".lora_B.weight"


def check_adapter(source: Path, dim: int) -> None:
    """Every layer that it changes is of this encoder's width, and changed by both its factors.

    Raises:
        MissingModel: one is not, or the adapter's own words cannot be read.
    """
    shapes = check_tensors(source / adapters.WEIGHTS)
    down = {name.removesuffix(_DOWN): shape for name, shape in shapes.items() if _DOWN in name}
    up = {name.removesuffix(_UP): shape for name, shape in shapes.items() if _UP in name}
    if not down or down.keys() != up.keys():
        raise MissingModel(f"The adapter {source.name} lacks tensors of its layers.")
    if any(dim not in (shape[1], up[name][0]) for name, shape in down.items()):
        raise MissingModel(f"The adapter {source.name} was trained on another encoder.")
    try:
        config = orjson.loads((source / adapters.CONFIG).read_bytes())
        scale = config["lora_alpha"] / config["r"]
    except (ValueError, KeyError, TypeError, ZeroDivisionError):
        scale = 0.0
    if not scale:
        raise MissingModel(f"{adapters.CONFIG} of {source.name} names no rank and scale.")


def check_tensors(path: Path) -> dict[str, list[int]]:
    """The shape of every tensor.

    Raises:
        MissingModel: the file holds none, or is cut short.
    """
    try:
        with safe_open(path, framework="np") as tensors:
            names: list[str] = list(tensors.keys())
            return {name: tensors.get_slice(name).get_shape() for name in names}
    except SafetensorError:
        raise MissingModel(f"{path.name} is not a whole file of safetensors.") from None
