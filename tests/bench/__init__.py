"""Benchmarks (`make bench`): figures and ratios measured in one run. They assert nothing; the machine is noisy."""
