"""Whether an ad may be matched: the gate, what reviewers decide, and what follows."""
