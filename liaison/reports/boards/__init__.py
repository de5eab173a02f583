"""看板: what an area or a station has come to in some days, at one glance; each number opens its records."""
