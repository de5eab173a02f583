"""动态期刊: composed of published items, numbered and issued by an office."""
