"""Faults planted on purpose: each must turn the suite red (`make mutants`)."""
