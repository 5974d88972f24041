"""The roles of the house, as groups."""

from django.db import migrations

ROLES = [
    "reviewer",
    "senior reviewer",
    "pipeline admin",
    "privacy officer",
    "auditor",
    "operator",
    "platform admin",
]


def make_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for role in ROLES:
        groups.get_or_create(name=role)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
