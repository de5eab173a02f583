"""动态: written by stations, reviewed by offices."""
