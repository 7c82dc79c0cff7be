"""Naming the champion: who has the name, what must hold before another gets it, how it went."""
