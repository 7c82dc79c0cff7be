"""`/porque`: why a job is, or is not, in a person's ranking."""
