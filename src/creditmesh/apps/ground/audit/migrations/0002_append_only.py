"""The database itself refuses to change or delete what the ledger holds."""

from django.db import migrations

SQLITE = [
    f"""
    CREATE TRIGGER audit_entry_no_{act} BEFORE {act} ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END
    """
    for act in ("update", "delete")
]
POSTGRESQL = [
    """
    CREATE FUNCTION audit_entry_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger only grows' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_only_grows()
    """,
    """
    CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_only_grows()
    """,
]


def guard(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    # Not reversible: taking the guard away is not something a node does.
    operations = [migrations.RunPython(guard)]
