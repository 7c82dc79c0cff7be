"""Brokers and workers as child processes, for a laptop and for tests."""
