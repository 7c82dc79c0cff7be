"""What is held in memory of the tables: matrices, columns, and who ranks what."""
