"""A partition is handed over: from then on what the public hears of it is this deployment's."""
