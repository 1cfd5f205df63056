from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("partnership", "0003_privacy")]

    operations = [ValidateConstraint(model_name="person", name="partnership_person_erased_empty")]
