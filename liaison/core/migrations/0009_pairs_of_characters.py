"""What an index of phrases is made of: the pairs of neighbouring characters of a text (liaison/core/phrases.py)."""

from django.db import migrations

# A loop, because substr() counts from the beginning each time: of 5,000 characters that would take ten times as long.
# The cost keeps the planner from reckoning it row by row where an index has it already.
POSTGRESQL = """
CREATE FUNCTION core_pairs(words text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20000 AS $$
DECLARE
  found text[] := '{}';
  before text;
  c text;
BEGIN
  FOREACH c IN ARRAY string_to_array(lower(words COLLATE "C"), NULL) LOOP
    IF before IS NOT NULL THEN found := found || (before || c); END IF;
    before := c;
  END LOOP;
  RETURN found;
END $$;
"""


def forward(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)


def back(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION core_pairs(text)")


class Migration(migrations.Migration):
    dependencies = [("core", "0008_files_for_everybody")]
    operations = [migrations.RunPython(forward, back)]
