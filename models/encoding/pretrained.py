"""Weights and tokenizer between transformers' files and the compact forward pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

from models.encoding.forward import BertWeights
from models.encoding.words import WORDS, PlainWords
from schemas.errors import MissingModel

if TYPE_CHECKING:
    from transformers import BertModel, PreTrainedTokenizerFast


def load(folder: Path) -> tuple[BertWeights, Tokenizer]:
    """Read a BERT encoder that transformers or sentence-transformers saved.

    Raises:
        MissingModel: the folder holds another architecture or unreadable files.
    """
    from transformers import BertModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    try:
        model = BertModel.from_pretrained(
            folder, add_pooling_layer=False, local_files_only=True, dtype="float32"
        )
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as exc:  # transformers and tokenizers raise many kinds, bare Exception too
        raise MissingModel(f"{folder.name} is not a BERT encoder that can be read.") from exc
    return from_bert(model), tokenizer


def from_bert(model: BertModel) -> BertWeights:
    """Weights of a loaded ``BertModel``; tensors are shared, not copied.

    Raises:
        MissingModel: the model uses what the compact forward pass does not do.
    """
    config = model.config
    if config.model_type != "bert" or config.hidden_act != "gelu":
        raise MissingModel("The encoder must be a BERT with the exact GELU.")
    tensors = {name: value.detach() for name, value in model.state_dict().items()}
    return BertWeights(
        words=PlainWords(tensors.pop(WORDS)),
        tensors=tensors,
        hidden=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        intermediate=config.intermediate_size,
        eps=config.layer_norm_eps,
        max_positions=config.max_position_embeddings,
    )


def to_bert(weights: BertWeights) -> BertModel:
    """The same weights as a transformers ``BertModel`` in fp32, for training and comparison."""
    from transformers import BertConfig, BertModel

    words = weights.words.whole()
    kinds = weights.tensors["embeddings.token_type_embeddings.weight"]
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=weights.hidden,
        num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads,
        intermediate_size=weights.intermediate,
        layer_norm_eps=weights.eps,
        max_position_embeddings=weights.max_positions,
        type_vocab_size=len(kinds),
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    tensors = {**weights.tensors, WORDS: words}
    state = {name: value.float() for name, value in tensors.items()}
    model.load_state_dict(state, strict=True)
    model.eval()
    return model


def to_fast_tokenizer(tokenizer: Tokenizer, max_tokens: int) -> PreTrainedTokenizerFast:
    """The tokenizer as transformers wants it (XLM-RoBERTa's special tokens)."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>",
        model_max_length=max_tokens,
    )
