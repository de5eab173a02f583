"""SQLite's INSERT OR REPLACE deletes without asking the trigger for DELETE: refuse it too."""

from django.db import migrations

SQLITE = (
    "CREATE TRIGGER audit_refuses_REPLACE BEFORE INSERT ON core_auditentry "
    "WHEN EXISTS (SELECT 1 FROM core_auditentry WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'audit entries are never changed or deleted'); END"
)


def forward(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SQLITE)


def back(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER audit_refuses_REPLACE")


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_is_append_only")]
    operations = [migrations.RunPython(forward, back)]
