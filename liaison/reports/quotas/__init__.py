"""履职要求: what is asked of each deputy in a year, and how far it is done, worked out from the records."""
