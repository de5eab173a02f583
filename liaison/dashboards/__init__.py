"""The first page after sign-in, one for each role, and what every page shows around itself."""
