"""The tables of supervision."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parties", "0005_supervision_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="ObjectList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("name", models.CharField(max_length=200)),
                ("unit", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "enterprise"),
                            ("device", "device"),
                            ("product", "product"),
                            ("project", "project"),
                            ("act", "act"),
                        ],
                        max_length=12,
                    ),
                ),
                ("grades", models.CharField(max_length=200)),
                ("public", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("item", models.CharField(max_length=40)),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("1", "1"),
                            ("2", "2"),
                            ("3", "3"),
                            ("4", "4"),
                            ("5", "5"),
                            ("6", "6"),
                            ("7", "7"),
                            ("8", "8"),
                        ],
                        max_length=2,
                    ),
                ),
                ("findings", models.TextField(blank=True)),
                ("inspected_on", models.DateField()),
                ("entered_by", models.CharField(max_length=200)),
                ("entered_at", models.DateTimeField()),
                ("corrected_at", models.DateTimeField(null=True)),
                ("disclose_by", models.DateField()),
                ("disclosed_at", models.DateTimeField(null=True)),
                ("withheld_for", models.CharField(blank=True, max_length=1000)),
                ("delivery", models.CharField(blank=True, max_length=36)),
                ("delivered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CheckItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("unit", models.CharField(max_length=60)),
                ("name_zh", models.CharField(max_length=200)),
                ("name_en", models.CharField(blank=True, max_length=200)),
                ("basis", models.TextField(blank=True)),
                ("kind", models.CharField(choices=[("general", "general"), ("key", "key")], max_length=12)),
                (
                    "object_kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "enterprise"),
                            ("device", "device"),
                            ("product", "product"),
                            ("project", "project"),
                            ("act", "act"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("on_site", "on_site"),
                            ("documents", "documents"),
                            ("online", "online"),
                            ("entrusted", "entrusted"),
                        ],
                        max_length=12,
                    ),
                ),
                ("joint_units", models.TextField(blank=True)),
                ("specialties", models.TextField(blank=True)),
                ("default_ratio", models.PositiveIntegerField(null=True)),
                ("special_equipment", models.BooleanField(default=False)),
                ("withheld", models.BooleanField(default=False)),
                ("list_version", models.CharField(max_length=40)),
                ("valid_from", models.DateField()),
                ("ended_on", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True)),
                        fields=("unit", "code"),
                        name="supervision_item_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Inspector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("unit", models.CharField(max_length=60)),
                ("region", models.CharField(blank=True, max_length=12)),
                ("certificate", models.CharField(blank=True, max_length=60)),
                ("valid_to", models.DateField()),
                ("specialties", models.TextField(blank=True)),
                (
                    "duty",
                    models.CharField(
                        choices=[("officer", "officer"), ("expert", "expert")],
                        default="officer",
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "active"), ("away", "away"), ("left", "left")],
                        default="active",
                        max_length=12,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.user",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeclaredInterest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("relative", "relative"),
                            ("shareholder", "shareholder"),
                            ("employee", "employee"),
                            ("declared", "declared"),
                            ("same_as_last_time", "same_as_last_time"),
                            ("granted", "granted"),
                        ],
                        max_length=20,
                    ),
                ),
                ("object", models.CharField(max_length=80)),
                ("until", models.DateField(null=True)),
                ("declared_by", models.CharField(max_length=200)),
                ("declared_at", models.DateTimeField()),
                (
                    "inspector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interests",
                        to="supervision.inspector",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("unit", models.CharField(max_length=60)),
                ("year", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("proposed", "proposed"), ("approved", "approved")],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("made_by", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("proposed_by", models.CharField(blank=True, max_length=200)),
                ("approved_by", models.CharField(blank=True, max_length=200)),
                ("approved_at", models.DateTimeField(null=True)),
                ("returned_for", models.CharField(blank=True, max_length=1000)),
                ("file_by", models.DateField(null=True)),
                ("filed_at", models.DateTimeField(null=True)),
                ("filed_with", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "year"), name="supervision_plan_of_a_year")
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("items", models.TextField()),
                ("joint_units", models.TextField(blank=True)),
                ("first", models.DateField()),
                ("last", models.DateField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batches",
                        to="supervision.plan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("abnormal_listing", "abnormal_listing"),
                            ("case_filing", "case_filing"),
                            ("rectification", "rectification"),
                            ("transfer", "transfer"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("settled", "settled")], default="open", max_length=12
                    ),
                ),
                ("to", models.CharField(blank=True, max_length=200)),
                ("due", models.DateField(null=True)),
                ("note", models.TextField(blank=True)),
                ("made_by", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("settled_on", models.DateField(null=True)),
                ("settled_note", models.TextField(blank=True)),
                (
                    "result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="supervision.result",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Special",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("unit", models.CharField(max_length=60)),
                ("object", models.CharField(max_length=80)),
                ("key", models.BooleanField(default=False)),
                ("exempt_until", models.DateField(null=True)),
                ("reason", models.CharField(max_length=1000)),
                ("made_by", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["unit", "object"], name="supervision_special_object")],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("number", models.CharField(max_length=60, unique=True)),
                ("unit", models.CharField(max_length=60)),
                ("joint_units", models.TextField(blank=True)),
                ("title", models.CharField(max_length=200)),
                ("items", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("committed", "committed"),
                            ("drawn", "drawn"),
                            ("assigned", "assigned"),
                            ("done", "done"),
                            ("abandoned", "abandoned"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("system", models.CharField(blank=True, max_length=80)),
                ("run", models.UUIDField(null=True)),
                ("region", models.CharField(blank=True, max_length=12)),
                ("section", models.CharField(blank=True, max_length=8)),
                ("terms", models.TextField()),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("made_by", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("algorithm", models.CharField(blank=True, max_length=40)),
                ("rule_pack", models.CharField(blank=True, max_length=200)),
                ("sealed", models.BooleanField(default=True)),
                ("secret", models.CharField(blank=True, max_length=64)),
                ("announcement", models.TextField(blank=True)),
                ("announcement_sha256", models.CharField(blank=True, max_length=64)),
                ("committed_at", models.DateTimeField(null=True)),
                ("public_value", models.CharField(blank=True, max_length=200)),
                ("public_source", models.CharField(blank=True, max_length=200)),
                ("public_after", models.DateTimeField(null=True)),
                ("public_fixed_at", models.DateTimeField(null=True)),
                ("public_recorded_by", models.CharField(blank=True, max_length=200)),
                ("seed", models.CharField(blank=True, max_length=64)),
                ("drawn_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=1000)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="supervision.planbatch",
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supervision.objectlist",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Frozen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="frozen",
                        to="supervision.task",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("place", models.PositiveIntegerField()),
                ("ticket", models.CharField(max_length=80)),
                ("object", models.CharField(max_length=80)),
                ("subject", models.CharField(blank=True, max_length=80)),
                ("name", models.CharField(blank=True, max_length=300)),
                ("grade", models.CharField(max_length=16)),
                ("key", models.BooleanField()),
                ("part", models.CharField(max_length=12)),
                ("region", models.CharField(blank=True, max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("unstaffed", "unstaffed"),
                            ("done", "done"),
                            ("replaced", "replaced"),
                        ],
                        max_length=12,
                    ),
                ),
                ("failure", models.CharField(blank=True, max_length=300)),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("joined", models.CharField(blank=True, max_length=36)),
                ("why", models.CharField(blank=True, max_length=1000)),
                ("replaced_at", models.DateTimeField(null=True)),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="supervision.visit",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="supervision.task",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="result",
            name="visit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="results", to="supervision.visit"
            ),
        ),
        migrations.CreateModel(
            name="RecusalRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("by_party", models.BooleanField()),
                ("reason", models.CharField(max_length=1000)),
                ("asked_by", models.CharField(max_length=200)),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("granted", "granted"), ("refused", "refused")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("decided_by", models.CharField(blank=True, max_length=200)),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=1000)),
                (
                    "inspector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="supervision.inspector",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recusals",
                        to="supervision.visit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("unit", models.CharField(max_length=60)),
                ("role", models.CharField(max_length=12)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=1000)),
                (
                    "inspector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="supervision.inspector",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="supervision.visit",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListedObject",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object", models.CharField(max_length=80)),
                ("name", models.CharField(max_length=300)),
                ("subject", models.CharField(blank=True, max_length=80)),
                ("grade", models.CharField(max_length=16)),
                ("region", models.CharField(blank=True, max_length=12)),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="objects_listed",
                        to="supervision.objectlist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("list", "object"), name="supervision_listed_object_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="planbatch",
            constraint=models.UniqueConstraint(fields=("plan", "number"), name="supervision_batch_number"),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["state", "due"], name="supervision_follow_ups_due"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["unit", "state", "made_at"], name="supervision_task_of_unit"),
        ),
        migrations.AddConstraint(
            model_name="frozen",
            constraint=models.UniqueConstraint(fields=("task", "kind"), name="supervision_frozen_once"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["object", "state"], name="supervision_visits_of_object"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["state", "last"], name="supervision_visits_due"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(fields=("task", "ticket"), name="supervision_visit_once"),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["disclosed_at", "disclose_by"], name="supervision_to_disclose"),
        ),
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["delivered_at"], name="supervision_to_deliver"),
        ),
        migrations.AddConstraint(
            model_name="result",
            constraint=models.UniqueConstraint(fields=("visit", "item"), name="supervision_result_once"),
        ),
        migrations.AddConstraint(
            model_name="recusalrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("visit", "inspector"),
                name="supervision_one_open_recusal",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["inspector", "ended_at"], name="supervision_load"),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("visit", "inspector"),
                name="supervision_assigned_once",
            ),
        ),
    ]
