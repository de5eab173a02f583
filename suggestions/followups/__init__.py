"""跟单: the pages on which a deputy follows a request, and an office names who does."""
