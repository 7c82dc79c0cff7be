"""Texts to vectors: weights from a source, the forward pass, the lexical part beside it."""
