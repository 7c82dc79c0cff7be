"""Pages that the workers serve."""
