"""The ledger becomes a Merkle log: places, tiles, signed heads, stamps, and what remains of expired bodies."""

import os
import uuid
from datetime import UTC

from django.db import migrations, models

from creditmesh.apps.ground.audit.rules import timed_id

ONLY_ADDED = ("audit_leaf", "audit_head", "audit_stamp", "audit_expired", "audit_cutoff")
GUARDED = ("audit_entry", "audit_tile", "audit_log", *ONLY_ADDED)
EXPIRES = """
    substr(OLD.act, 1, 7) <> 'ledger.'
    AND EXISTS (SELECT 1 FROM audit_expired WHERE entry_id = OLD.id)
    AND EXISTS (SELECT 1 FROM audit_leaf WHERE entry_id = OLD.id)
    AND EXISTS (
        SELECT 1 FROM audit_cutoff JOIN audit_leaf ON audit_leaf.entry_id = audit_cutoff.entry_id
        WHERE audit_cutoff.before > OLD.at
    )
"""
GROWS = {
    "audit_tile": {
        "sqlite": "substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes AND NEW.id = OLD.id",
        "postgresql": "substring(NEW.hashes FOR length(OLD.hashes)) = OLD.hashes AND NEW.id = OLD.id",
    },
    "audit_log": dict.fromkeys(("sqlite", "postgresql"), "NEW.size > OLD.size AND NEW.id = OLD.id"),
}
ANNOUNCED = "EXISTS (SELECT 1 FROM audit_leaf WHERE entry_id = NEW.entry_id)"
SAYS = "the ledger only grows"


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for act in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS audit_entry_no_{act}")
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS audit_entry_only_grows ON audit_entry")


def give_every_entry_a_name_and_a_salt(apps, schema_editor):
    entries = apps.get_model("audit", "Entry").objects
    waiting = apps.get_model("audit", "Waiting").objects
    last = 0
    while rows := list(entries.filter(id__gt=last, uuid=None).order_by("id")[:5_000]):
        last = rows[-1].id
        for row in rows:
            row.uuid = uuid.UUID(timed_id(row.at.astimezone(UTC), os.urandom(10)))
            row.salt = os.urandom(32)
        entries.bulk_update(rows, ["uuid", "salt"], batch_size=500)
        waiting.bulk_create([waiting.model(entry_id=row.id) for row in rows])


def guard(apps, schema_editor):
    {"sqlite": _guard_sqlite, "postgresql": _guard_postgresql}[schema_editor.connection.vendor](
        schema_editor.execute
    )


def _guard_sqlite(execute):
    def refuse(table, act, when=""):
        execute(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
        )

    refuse("audit_entry", "UPDATE")
    refuse("audit_entry", "DELETE", f"WHEN NOT ({EXPIRES})")
    refuse("audit_cutoff", "INSERT", f"WHEN NOT ({ANNOUNCED})")
    for table in ONLY_ADDED:
        refuse(table, "UPDATE")
        refuse(table, "DELETE")
    for table, grows in GROWS.items():
        refuse(table, "UPDATE", f"WHEN NOT ({grows['sqlite']})")
        refuse(table, "DELETE")


def _guard_postgresql(execute):
    def refuse(table, act, unless="FALSE"):
        name = f"{table}_no_{act.lower()}"
        returned = "OLD" if act == "DELETE" else "NEW"
        execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {unless} THEN "
            f"RETURN {returned}; END IF; RAISE EXCEPTION '{SAYS}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")

    refuse("audit_entry", "UPDATE")
    refuse("audit_entry", "DELETE", EXPIRES)
    refuse("audit_cutoff", "INSERT", ANNOUNCED)
    for table in ONLY_ADDED:
        refuse(table, "UPDATE")
        refuse(table, "DELETE")
    for table, grows in GROWS.items():
        refuse(table, "UPDATE", grows["postgresql"])
        refuse(table, "DELETE")
    for table in GUARDED[1:]:
        execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_only_grows()"
        )
    # Hashes cannot be compressed; trying costs time at every commit.
    execute("ALTER TABLE audit_tile ALTER COLUMN hashes SET STORAGE EXTERNAL")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    # Not reversible: evidence is not taken away again.
    operations = [
        migrations.CreateModel(
            name="Waiting",
            fields=[("entry_id", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="Log",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("peaks", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hashes", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField(db_index=True)),
                ("root", models.BinaryField()),
                ("at", models.DateTimeField(db_index=True)),
                ("key_id", models.CharField(max_length=200)),
                ("document", models.TextField()),
                ("signature", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Stamp",
            fields=[
                ("head_number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("token", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("authority", models.CharField(max_length=300)),
                ("serial", models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="Expired",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("uuid", models.UUIDField(unique=True)),
                ("opening", models.BinaryField()),
                ("names", models.TextField()),
                ("digests", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Cutoff",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("before", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(unguard),
        migrations.AddField("entry", "uuid", models.UUIDField(null=True)),
        migrations.AddField("entry", "salt", models.BinaryField(default=b"")),
        migrations.AddField("entry", "subject", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("entry", "details", models.TextField(blank=True, default="")),
        migrations.RunPython(give_every_entry_a_name_and_a_salt),
        migrations.AlterField("entry", "uuid", models.UUIDField(unique=True)),
        migrations.AlterField("entry", "salt", models.BinaryField()),
        migrations.AddIndex(
            "entry",
            models.Index(
                condition=models.Q(("subject", ""), _negated=True),
                fields=["subject", "-id"],
                name="entry_subject",
            ),
        ),
        migrations.RunPython(guard),
    ]
