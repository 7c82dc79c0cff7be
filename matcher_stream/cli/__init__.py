"""``matcher-stream``: what a person does with the matcher from a terminal."""

from matcher_stream.cli.group import cli, main

__all__ = ["cli", "main"]
