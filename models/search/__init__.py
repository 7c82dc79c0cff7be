"""Exact best k over a matrix of vectors, by shortlists that are proven."""
