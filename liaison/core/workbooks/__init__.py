"""Workbooks: reading one that anybody may have made, and writing one in which nothing comes alive."""
