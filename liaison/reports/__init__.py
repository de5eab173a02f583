"""Figures and reports: each figure defined once, opened down to its records."""
