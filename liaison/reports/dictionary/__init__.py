"""The metric dictionary to read: each figure in words, and what special cases count as."""
