"""联络站: places, their staff, photos, hours."""
