import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SystemFile",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("version", models.CharField(max_length=40)),
                ("content", models.BinaryField()),
                ("kept_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("system", models.CharField(max_length=80)),
                ("version", models.CharField(max_length=40)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("risk_classification", "risk_classification"),
                            ("public_credit_evaluation", "public_credit_evaluation"),
                            ("quality_score", "quality_score"),
                            ("merchant_rating", "merchant_rating"),
                            ("bank_rating", "bank_rating"),
                        ],
                        max_length=40,
                    ),
                ),
                ("as_of", models.DateField()),
                ("requested_by", models.CharField(max_length=200)),
                ("requested_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("abandoned", "abandoned"),
                        ],
                        default="requested",
                        max_length=12,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("opening", "opening"),
                            ("evaluating", "evaluating"),
                            ("keeping", "keeping"),
                            ("writing", "writing"),
                            ("finished", "finished"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("progress", models.PositiveSmallIntegerField(default=0)),
                ("failure", models.TextField(blank=True)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("holder", models.CharField(blank=True, max_length=120)),
                ("lease_until", models.DateTimeField(null=True)),
                ("engine", models.CharField(blank=True, max_length=60)),
                ("rule_pack", models.CharField(blank=True, max_length=80)),
                ("catalogue", models.TextField(blank=True)),
                ("collected", models.TextField(blank=True)),
                ("grades", models.CharField(blank=True, max_length=400)),
                ("subjects", models.BigIntegerField(null=True)),
                ("insufficient", models.BigIntegerField(null=True)),
                ("excluded", models.BigIntegerField(null=True)),
                ("milliseconds", models.BigIntegerField(null=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
                (
                    "previous",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followers",
                        to="grading.run",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="grading.systemfile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RiskStanding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=80)),
                ("name", models.CharField(blank=True, max_length=300)),
                ("place", models.BigIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("graded", "graded"),
                            ("insufficient", "insufficient"),
                            ("excluded", "excluded"),
                        ],
                        max_length=12,
                    ),
                ),
                ("grade", models.CharField(blank=True, max_length=16)),
                ("rank", models.PositiveSmallIntegerField(null=True)),
                ("previous_grade", models.CharField(blank=True, max_length=16)),
                ("score", models.BigIntegerField(null=True)),
                ("coverage", models.IntegerField(null=True)),
                ("region", models.CharField(blank=True, max_length=20)),
                ("region_group", models.CharField(max_length=12)),
                ("industry", models.CharField(blank=True, max_length=20)),
                ("section", models.CharField(max_length=8)),
                ("triggers", models.TextField(blank=True)),
                ("reason1", models.CharField(blank=True, max_length=80)),
                ("reason2", models.CharField(blank=True, max_length=80)),
                ("reason3", models.CharField(blank=True, max_length=80)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="grading.run"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["run", "grade", "place"], name="riskstanding_grade"),
                    models.Index(fields=["run", "region_group", "place"], name="riskstanding_region"),
                    models.Index(fields=["run", "section", "place"], name="riskstanding_section"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "place"), name="grading_riskstanding_place"),
                    models.UniqueConstraint(fields=("run", "subject"), name="grading_riskstanding_subject"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EvaluationStanding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=80)),
                ("name", models.CharField(blank=True, max_length=300)),
                ("place", models.BigIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("graded", "graded"),
                            ("insufficient", "insufficient"),
                            ("excluded", "excluded"),
                        ],
                        max_length=12,
                    ),
                ),
                ("grade", models.CharField(blank=True, max_length=16)),
                ("rank", models.PositiveSmallIntegerField(null=True)),
                ("previous_grade", models.CharField(blank=True, max_length=16)),
                ("score", models.BigIntegerField(null=True)),
                ("coverage", models.IntegerField(null=True)),
                ("region", models.CharField(blank=True, max_length=20)),
                ("region_group", models.CharField(max_length=12)),
                ("industry", models.CharField(blank=True, max_length=20)),
                ("section", models.CharField(max_length=8)),
                ("triggers", models.TextField(blank=True)),
                ("reason1", models.CharField(blank=True, max_length=80)),
                ("reason2", models.CharField(blank=True, max_length=80)),
                ("reason3", models.CharField(blank=True, max_length=80)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="grading.run"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["run", "grade", "place"], name="evaluationstanding_grade"),
                    models.Index(fields=["run", "region_group", "place"], name="evaluationstanding_region"),
                    models.Index(fields=["run", "section", "place"], name="evaluationstanding_section"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "place"), name="grading_evaluationstanding_place"),
                    models.UniqueConstraint(
                        fields=("run", "subject"), name="grading_evaluationstanding_subject"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_group", models.CharField(max_length=12)),
                ("section", models.CharField(max_length=8)),
                ("outcome", models.CharField(max_length=12)),
                ("grade", models.CharField(blank=True, max_length=16)),
                ("previous_grade", models.CharField(blank=True, max_length=16)),
                ("subjects", models.BigIntegerField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cells", to="grading.run"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "region_group", "section", "outcome", "grade", "previous_grade"),
                        name="grading_one_cell_of_a_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RunTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.CharField(max_length=60)),
                ("lake_version", models.BigIntegerField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tables", to="grading.run"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "item"), name="grading_one_version_of_a_table")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["system", "state", "as_of", "finished_at"], name="grading_run_latest"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["requested", "running"])),
                fields=("system", "as_of"),
                name="grading_one_unfinished_run",
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("progress__lte", 100)), name="grading_run_progress_is_percent"
            ),
        ),
    ]
