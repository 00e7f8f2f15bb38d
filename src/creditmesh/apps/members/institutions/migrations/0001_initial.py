"""The tables of institutions, step by step."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parties", "0003_enterprise_roles"),
        ("oauth2_provider", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Institution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "active"), ("suspended", "suspended")], max_length=12
                    ),
                ),
                ("sandbox", models.BooleanField(default=False)),
                ("requests_per_minute", models.PositiveIntegerField()),
                ("inquiries_per_day", models.PositiveIntegerField()),
                ("raw_per_day", models.PositiveIntegerField()),
                ("callback", models.CharField(blank=True, max_length=500)),
                ("admitted_at", models.DateTimeField()),
                ("suspended_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=500)),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="institution",
                        to="parties.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Nonce",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.BigIntegerField()),
                ("nonce", models.CharField(max_length=128)),
                ("until", models.BigIntegerField(db_index=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("key", "nonce"), name="nonce_once")],
            },
        ),
        migrations.CreateModel(
            name="Program",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("scopes", models.CharField(max_length=200)),
                ("made_by", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="program",
                        to="oauth2_provider.application",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programs",
                        to="institutions.institution",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("institution", models.CharField(max_length=40)),
                ("measure", models.CharField(max_length=12)),
                ("period", models.CharField(max_length=16)),
                ("used", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["measure", "period"], name="usage_period")],
                "constraints": [
                    models.UniqueConstraint(fields=("institution", "measure", "period"), name="usage_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("kind", models.CharField(max_length=60)),
                ("about", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("acknowledged_by", models.CharField(blank=True, max_length=200)),
                (
                    "delivery",
                    models.CharField(
                        choices=[
                            ("inbox", "inbox"),
                            ("waiting", "waiting"),
                            ("delivered", "delivered"),
                            ("dead", "dead"),
                        ],
                        max_length=12,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="institutions.institution",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["institution", "-id"], name="notice_inbox"),
                    models.Index(
                        condition=models.Q(("delivery", "waiting")), fields=["next_at"], name="notice_waiting"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("thumbprint", models.CharField(max_length=64)),
                ("algorithm", models.CharField(max_length=12)),
                ("jwk", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("active", "active"), ("revoked", "revoked")],
                        max_length=8,
                    ),
                ),
                ("challenge", models.CharField(max_length=200)),
                ("registered_by", models.CharField(max_length=200)),
                ("registrar", models.BigIntegerField(null=True)),
                ("registered_at", models.DateTimeField()),
                ("confirmed_by", models.CharField(blank=True, max_length=200)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keys",
                        to="institutions.program",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("program", "thumbprint"), name="signing_key_once")
                ],
            },
        ),
    ]
