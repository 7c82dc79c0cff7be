"""What was shown and what became of it, for analysts: counts, rates, exposure, waiting, drift."""
