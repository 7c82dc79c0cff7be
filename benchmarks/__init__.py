"""Benchmarks: each prints absolute figures and ratios measured in one run, beside its goals."""
