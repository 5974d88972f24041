"""Versions, papers and decisions are facts: the database refuses to change them."""

from django.db import migrations

from audit.immutability import unchangeable


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        unchangeable("cases_pipelineversion"),
        unchangeable("cases_document"),
        unchangeable("cases_page"),
        unchangeable(
            "cases_decision",
            "case_id",
            "outcome",
            "adverse",
            "override",
            "made_by",
            "route_id",
            "reason_codes",
            "decided_at",
        ),
    ]
