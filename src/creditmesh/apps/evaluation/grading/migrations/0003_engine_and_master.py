from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("grading", "0002_parts_and_adjustments")]

    operations = [
        migrations.AlterField(
            model_name="run", name="engine", field=models.CharField(blank=True, max_length=200)
        )
    ]
