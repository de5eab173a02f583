"""Figures counted beforehand, for each county and month and everything above it (docs/decisions/0016-tallies.md)."""
