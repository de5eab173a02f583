"""代表: deputies, their mandates, the station each is assigned to, groups."""
