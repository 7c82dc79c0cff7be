"""Whether an ad may be matched: near-duplicates."""
