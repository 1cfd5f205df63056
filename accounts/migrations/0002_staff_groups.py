"""The staff roles, as groups of the same names (frozen copy of `accounts.roles.StaffRole` on the day of this migration)."""

from django.db import migrations

NAMES = (
    "convention_manager",
    "taskforce_officer",
    "domestic_officer",
    "training_officer",
    "account_manager",
    "auditor",
)


def create_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in NAMES:
        groups.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    # Going back leaves the groups: accounts may hold them.
    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
