"""/busco: somebody looks for work."""
