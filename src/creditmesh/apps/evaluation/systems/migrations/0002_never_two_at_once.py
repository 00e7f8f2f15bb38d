"""The database itself refuses two versions of one system that are valid on the same day, and other bytes."""

from django.db import migrations

OVERLAP = """
    EXISTS (
        SELECT 1 FROM systems_version other
        WHERE other.system = NEW.system AND other.id <> NEW.id AND other.state = 'approved' AND NOT other.shadow
          AND other.effective_from < coalesce(NEW.effective_until, '9999-12-31')
          AND NEW.effective_from < coalesce(other.effective_until, '9999-12-31')
          AND other.effective_from < coalesce(other.effective_until, '9999-12-31')
          AND NEW.effective_from < coalesce(NEW.effective_until, '9999-12-31')
    )
"""
APPROVED = "NEW.state = 'approved' AND NOT NEW.shadow"
SQLITE = [
    f"""
    CREATE TRIGGER systems_never_two_{act} BEFORE {act} ON systems_version WHEN {APPROVED} AND {OVERLAP}
    BEGIN SELECT RAISE(ABORT, 'two versions of one system are never valid at once'); END
    """
    for act in ("insert", "update")
] + [
    """
    CREATE TRIGGER systems_bytes_stay BEFORE UPDATE OF content, cases, sha256 ON systems_version
    WHEN NEW.content <> OLD.content OR NEW.cases <> OLD.cases OR NEW.sha256 <> OLD.sha256
    BEGIN SELECT RAISE(ABORT, 'the bytes of a version never change'); END
    """
]
POSTGRESQL = [
    f"""
    CREATE FUNCTION systems_version_guarded() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF {APPROVED} AND {OVERLAP} THEN
            RAISE EXCEPTION 'two versions of one system are never valid at once'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF NEW.content <> OLD.content OR NEW.cases <> OLD.cases OR NEW.sha256 <> OLD.sha256 THEN
                RAISE EXCEPTION 'the bytes of a version never change'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER systems_version_guard BEFORE INSERT OR UPDATE ON systems_version
    FOR EACH ROW EXECUTE FUNCTION systems_version_guarded()
    """,
]


def guard(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("systems", "0001_initial")]
    # Not reversible: taking the guard away is not something a node does.
    operations = [migrations.RunPython(guard)]
