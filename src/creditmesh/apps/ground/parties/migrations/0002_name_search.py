"""The search index over names: pairs of letters, kept by the database beside the table.

SQLite drops a table's triggers when a later migration rebuilds the table: such a migration must create
them again (a test fails when a renamed subject is not found).
"""

from django.db import migrations

GRAMS = "INSERT INTO parties_namesearch(parties_namesearch, rowid, name_grams) VALUES ('delete', old.number, old.name_grams);"
ADD = "INSERT INTO parties_namesearch(rowid, name_grams) VALUES (new.number, new.name_grams);"
SQLITE = [
    """
    CREATE VIRTUAL TABLE parties_namesearch USING fts5(
        name_grams, content='parties_creditsubject', content_rowid='number', tokenize='unicode61'
    )
    """,
    f"CREATE TRIGGER parties_namesearch_add AFTER INSERT ON parties_creditsubject BEGIN {ADD} END",
    f"CREATE TRIGGER parties_namesearch_drop AFTER DELETE ON parties_creditsubject BEGIN {GRAMS} END",
    f"""
    CREATE TRIGGER parties_namesearch_change AFTER UPDATE OF name_grams ON parties_creditsubject
    WHEN old.name_grams <> new.name_grams BEGIN {GRAMS} {ADD} END
    """,
]
POSTGRESQL = [
    """
    CREATE INDEX parties_namesearch ON parties_creditsubject
    USING gin (to_tsvector('simple', name_grams)) WITH (fastupdate = on)
    """,
]


def build(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]
    operations = [migrations.RunPython(build)]
