"""What people wrote: words, places, trades, languages; no vectors and no scores."""
