"""Versions, papers and decisions are facts: the database refuses to change them."""

from django.db import migrations

from audit.immutability import unchangeable, unchangeable_until_erased


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        unchangeable("cases_pipelineversion"),
        unchangeable_until_erased("cases_document", erasable=("sealed_name", "blob", "digest")),
        unchangeable_until_erased(
            "cases_page",
            erasable=("blob", "thumb", "screen", "digest", "quality"),
            case="case_id FROM cases_document WHERE id = ($1).document_id",
        ),
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
