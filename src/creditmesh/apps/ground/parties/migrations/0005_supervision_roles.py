"""Roles of those who plan, approve and carry out inspections."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0004_system_roles"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("operator", "operator"),
                    ("auditor", "auditor"),
                    ("data_officer", "data_officer"),
                    ("regulator", "regulator"),
                    ("system_editor", "system_editor"),
                    ("system_approver", "system_approver"),
                    ("supervision_officer", "supervision_officer"),
                    ("supervision_head", "supervision_head"),
                    ("inspector", "inspector"),
                    ("bank_staff", "bank_staff"),
                    ("guarantor_staff", "guarantor_staff"),
                    ("insurer_staff", "insurer_staff"),
                    ("enterprise_owner", "enterprise_owner"),
                    ("enterprise_user", "enterprise_user"),
                    ("enterprise_viewer", "enterprise_viewer"),
                ],
                max_length=20,
            ),
        ),
    ]
