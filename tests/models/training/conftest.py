"""A tiny encoder to train on."""

from __future__ import annotations

import pytest
import torch

from models.encoding.forward import BertWeights
from models.encoding.pretrained import from_bert


@pytest.fixture
def base() -> BertWeights:
    from transformers import BertConfig, BertModel

    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=24,
        max_position_embeddings=12,
        type_vocab_size=1,
    )
    return from_bert(BertModel(config, add_pooling_layer=False))
