"""Policies, routes, reviews, and whose a claim was are facts: the database refuses to change them.

An export's end is a fact once it is there. And a queue entry is claimed by a claim on its own case.
"""

from django.db import migrations

from audit.immutability import unchangeable, unchangeable_once


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        unchangeable("reviews_policyversion", "pipeline_id", "number", "content"),
        unchangeable("reviews_route"),
        unchangeable("reviews_claim", "id", "case_id", "reviewer_id", "stage", "claimed_at"),
        unchangeable("reviews_review"),
        unchangeable("reviews_correction"),
        unchangeable(
            "reviews_export", "exported_by_id", "pipeline_id", "format", "filter", "started_at"
        ),
        unchangeable_once("reviews_export", "OLD.finished_at IS NOT NULL"),
        migrations.RunSQL(
            "ALTER TABLE reviews_queueentry ADD CONSTRAINT entry_claims_its_case"
            " FOREIGN KEY (claim_id, case_id) REFERENCES reviews_claim (id, case_id)"
            " DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE reviews_queueentry DROP CONSTRAINT entry_claims_its_case",
        ),
    ]
