"""Where versions of models lie: a folder, or any address that fsspec reads."""
