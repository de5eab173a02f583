"""联络动态: what stations report of their work, reviewed and published, and the numbered bulletin composed from it."""
