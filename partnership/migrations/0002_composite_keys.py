"""Axis and parties of a commitment, axis and commitment of an action, lie within the same convention: composite keys."""

from django.db import migrations

KEYS = [
    ("partnership_commitment", "partnership_com_axis_key", "(convention_id, axis_id)", "partnership_axis (convention_id, id)"),
    ("partnership_commitment", "partnership_com_obligor_key", "(convention_id, obligor_id)", "partnership_party (convention_id, id)"),
    (
        "partnership_commitment",
        "partnership_com_beneficiary_key",
        "(convention_id, beneficiary_id)",
        "partnership_party (convention_id, id)",
    ),
    ("partnership_action", "partnership_action_axis_key", "(convention_id, axis_id)", "partnership_axis (convention_id, id)"),
    ("partnership_action", "partnership_action_com_key", "(convention_id, commitment_id)", "partnership_commitment (convention_id, id)"),
]


class Migration(migrations.Migration):
    dependencies = [("partnership", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE partnership_commitment ADD CONSTRAINT partnership_com_key UNIQUE (convention_id, id)",
            "ALTER TABLE partnership_commitment DROP CONSTRAINT partnership_com_key",
        ),
        *[
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY {columns} REFERENCES {target} DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for table, name, columns, target in KEYS
        ],
    ]
