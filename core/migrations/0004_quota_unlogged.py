"""The count of requests is written at every call of the API: without the write-ahead log, no call waits for the disk.

After a crash of the server the table is empty, and each caller's minute starts again.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0003_change_feed")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE core_quota SET UNLOGGED; ALTER TABLE core_quota SET (fillfactor = 50)",
            "ALTER TABLE core_quota RESET (fillfactor); ALTER TABLE core_quota SET LOGGED",
        ),
    ]
