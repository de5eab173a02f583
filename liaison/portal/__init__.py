"""Public pages, without an account."""
