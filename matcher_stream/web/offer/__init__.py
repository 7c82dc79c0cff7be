"""/ofrezco: somebody looks for workers."""
