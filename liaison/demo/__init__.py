"""Demonstration and bulk data: believable, the same at every run."""
