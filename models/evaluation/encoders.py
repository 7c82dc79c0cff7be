"""What systems are made of: the encoders and the ranker of one version, loaded when asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from models.evaluation import systems
from models.evaluation.systems import EncodeOnce, System
from models.evaluation.whole import Whole
from models.ranking.weights import Weights, shipped_weights

if TYPE_CHECKING:
    from models.encoding.autotune import Precision
    from models.encoding.embedder import Embedder
    from models.encoding.encoder import Encoder


class Models:
    """The encoders, each loaded when first asked for, each text encoded once.

    Args:
        source, precision, adapter: As `load_encoder` takes them.
        weights: Of the ranker; None for those shipped.
    """

    def __init__(
        self, source: str, precision: Precision, adapter: str, weights: Weights | None = None
    ) -> None:
        self._source, self._precision, self._adapter = source, precision, adapter
        self.weights = weights or shipped_weights()

    @cached_property
    def zero_shot(self) -> EncodeOnce:
        """The encoder as it comes."""
        from models.encoding.encoder import load_encoder

        return EncodeOnce(load_encoder(self._source, self._precision))

    @cached_property
    def adapter(self) -> EncodeOnce:
        """The encoder with its adapter."""
        from models.encoding.encoder import load_encoder

        return EncodeOnce(load_encoder(self._source, self._precision, adapter=self._adapter))

    @cached_property
    def current(self) -> Embedder:
        """What the stream uses: the adapter's vectors and the lexical part."""
        from models.encoding.embedder import Embedder

        # it has what an Embedder uses of an encoder
        return Embedder(cast("Encoder", self.adapter), self.weights.lexical)

    def whole(self) -> Whole:
        """The ranking as the stream makes it."""
        from models.vetting import gate

        return Whole(self.current, lambda job: gate.vet(job).held, self.weights)

    def system(self, name: str) -> System:
        """One of `assemble.SYSTEMS` but the ranker."""
        fixed = {"bm25": systems.bm25, "tfidf": systems.char_tfidf, "lexical": systems.lexical}
        if name in fixed:
            return fixed[name]
        if name == "zero-shot":
            return systems.vectors(self.zero_shot)
        return systems.vectors(self.adapter if name == "adapter" else self.current)
