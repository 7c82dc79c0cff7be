"""How good the rankings are: data, metrics and reports; a worker imports none of it."""
