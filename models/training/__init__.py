"""How the shipped tables and weights were made; nothing here is imported by a worker."""
