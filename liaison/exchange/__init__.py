"""Workbooks in and out: what an office brings along, and what it takes away."""
