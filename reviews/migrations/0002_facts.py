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
        unchangeable("reviews_commitment"),
        unchangeable(
            "reviews_review",
            "case_id",
            "reviewer_id",
            "claim_id",
            "route_id",
            "round",
            "stage",
            "outcome",
            "override",
            "reason_codes",
            "sealed_explanation",
            "shown",
            "committed_outcome",
            "needed_person",
            "reviewed_at",
        ),
        unchangeable_once("reviews_review", "OLD.undone_at IS NOT NULL"),
        unchangeable("reviews_correction"),
        unchangeable("reviews_reply"),
        unchangeable(
            "reviews_hold", "id", "case_id", "kind", "held_by_id", "sealed_words", "held_at"
        ),
        unchangeable_once("reviews_hold", "OLD.ended_at IS NOT NULL"),
        unchangeable("reviews_comment"),
        unchangeable("reviews_notice", "person_id", "kind", "case_id", "by_id", "told_at"),
        unchangeable("reviews_unmasking"),
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
