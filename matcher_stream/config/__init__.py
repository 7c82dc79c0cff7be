"""Settings, topics and tables: what a deployment states and what the contract fixes."""
