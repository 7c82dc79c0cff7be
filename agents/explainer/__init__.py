"""The explainer's agent, and what writes a model's words beside it."""
