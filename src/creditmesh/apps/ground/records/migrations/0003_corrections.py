from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0002_marks")]

    operations = [
        migrations.AddField("batch", "corrects", models.BooleanField(default=False)),
        migrations.AddField("batch", "answers", models.JSONField(default=list)),
    ]
