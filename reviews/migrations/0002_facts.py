"""Policies, routes, reviews, and whose a claim was are facts: the database refuses to change them.

An export's end is a fact once it is there. And a queue entry is claimed by a claim on its own case.
"""

from django.db import migrations

from audit.immutability import unchangeable, unchangeable_once


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        unchangeable("reviews_policyversion", "pipeline_id", "number", "content", "restores_id"),
        unchangeable("reviews_route"),
        unchangeable(
            "reviews_basis",
            "route_id",
            "case_id",
            "pipeline_id",
            "policy_version_id",
            "model_version_id",
            "routed_at",
            "predicted",
            "confidence",
            "probabilities",
            "doubts",
            "fields_clear",
            "fields_poor",
            "rules_known",
            "rules_met",
            "rules_failed",
        ),
        unchangeable(
            "reviews_sample",
            "case_id",
            "kind",
            "route_id",
            "policy_version_id",
            "model_version_id",
            "outcome",
            "confidence",
            "stratum",
            "probability",
            "drawn_at",
            "drawn_by_id",
        ),
        unchangeable_once("reviews_sample", "OLD.judged_at IS NOT NULL"),
        unchangeable("reviews_gatecheck"),
        unchangeable(
            "reviews_stop", "pipeline_id", "model_id", "reason", "stopped_by_id", "stopped_at"
        ),
        unchangeable_once("reviews_stop", "OLD.lifted_at IS NOT NULL"),
        unchangeable(
            "reviews_proposal", "pipeline_id", "drafted_by_id", "drafted_by_client_id", "drafted_at"
        ),
        unchangeable_once("reviews_proposal", "OLD.status IN ('active', 'refused', 'discarded')"),
        unchangeable_once(
            "reviews_proposal",
            "OLD.status <> 'draft' AND NEW.content <> OLD.content",
            ending="signed",
        ),
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
