"""Operations of migrations that add an index to a table in use: on PostgreSQL, who writes meanwhile is not held up.

Such a migration says `atomic = False`. Interrupted, it is begun again: what was left half built is dropped first.
"""

from collections.abc import Callable
from typing import Any

from django.db import migrations

DROP = 'DROP INDEX CONCURRENTLY IF EXISTS "{}"'


class AddIndex(migrations.AddIndex):
    """As Django's own, without its lock."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            model = to_state.apps.get_model(app_label, self.model_name)
            schema_editor.execute(DROP.format(self.index.name))
            schema_editor.add_index(model, self.index, concurrently=True)


def index_of_pairs(name: str, table: str, *columns: str) -> migrations.RunPython:
    """What `Holds` of liaison/core/phrases.py looks phrases up in; PostgreSQL only.

    Each save pays for itself (`fastupdate` off): no search reads through what is pending, no save writes it down for all.
    """
    words = r" || E'\n' || ".join(f'"{column}"' for column in columns)
    create = f'CREATE INDEX CONCURRENTLY "{name}" ON "{table}" USING gin (core_pairs({words})) WITH (fastupdate = off)'
    return migrations.RunPython(_run(DROP.format(name), create), _run(DROP.format(name)), atomic=False)


def _run(*statements: str) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run
