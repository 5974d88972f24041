"""Events and notes of configuration are facts: the database refuses to change them."""

from django.db import migrations

from audit.immutability import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("auditlog", "0017_add_actor_email")]

    operations = [
        append_only("audit_event"),
        append_only("auditlog_logentry"),
    ]
