"""Two versions side by side, and whether the second may take the place of the first."""
