"""The database itself refuses to change or delete an audit entry."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit entries are never changed or deleted'; END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON core_auditentry
FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
"""
POSTGRESQL_BACK = (
    "DROP TRIGGER audit_is_append_only ON core_auditentry; DROP FUNCTION audit_is_append_only();"
)
SQLITE = [
    f"CREATE TRIGGER audit_refuses_{deed} BEFORE {deed} ON core_auditentry "
    "BEGIN SELECT RAISE(ABORT, 'audit entries are never changed or deleted'); END"
    for deed in ("UPDATE", "DELETE")
]
SQLITE_BACK = [f"DROP TRIGGER audit_refuses_{deed}" for deed in ("UPDATE", "DELETE")]


def forward(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [POSTGRESQL] if postgresql else SQLITE:
        schema_editor.execute(statement)


def back(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [POSTGRESQL_BACK] if postgresql else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunPython(forward, back)]
