"""Policies, routes, reviews, and whose a claim was are facts: the database refuses to change them.

An export's end is a fact once it is there. A queue entry is claimed by a claim on its own case. And no
policy decides against a person unless somebody signed that it may.
"""

from django.db import migrations

from audit.immutability import (
    append_only,
    unchangeable,
    unchangeable_once,
    unchangeable_until_erased,
)

SIGNED_FOR = """
CREATE FUNCTION policy_is_signed_for(version bigint, outcome text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE origin AS (
        SELECT id, content, restores_id FROM reviews_policyversion
        WHERE id = version AND content -> 'automatic_adverse' ? outcome
        UNION
        SELECT earlier.id, earlier.content, earlier.restores_id
        FROM origin JOIN reviews_policyversion earlier ON earlier.id = origin.restores_id
            AND earlier.content = origin.content
    )
    SELECT EXISTS (SELECT FROM origin JOIN reviews_proposal proposal
                   ON proposal.version_id = origin.id AND proposal.content = origin.content
                   WHERE proposal.status = 'active' AND proposal.signed_by_id IS NOT NULL)
$$;
CREATE FUNCTION refuse_unsigned_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM reviews_route route
        WHERE route.id = NEW.route_id AND route.case_id = NEW.case_id
            AND route.kind = 'automatic' AND route.outcome = NEW.outcome
            AND policy_is_signed_for(route.policy_version_id, NEW.outcome)
    ) THEN
        RAISE EXCEPTION 'policy_decides_nothing_adverse_unsigned: % for case %',
            NEW.outcome, NEW.case_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cases_decision_signed BEFORE INSERT ON cases_decision FOR EACH ROW
    WHEN (NEW.made_by = 'policy' AND NEW.adverse) EXECUTE FUNCTION refuse_unsigned_decision();
ALTER TABLE cases_decision ENABLE ALWAYS TRIGGER cases_decision_signed;
"""
"""An automatic adverse decision goes back to a version that names its outcome and was signed, or that
restores, unchanged, one that was."""
UNSIGNED_FOR = """
DROP TRIGGER cases_decision_signed ON cases_decision;
DROP FUNCTION refuse_unsigned_decision();
DROP FUNCTION policy_is_signed_for(bigint, text);
"""


SIGNED_VERDICTS = """
CREATE FUNCTION refuse_unsigned_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted jsonb;
BEGIN
    SELECT version.content -> 'signature' INTO wanted
    FROM cases_case held JOIN cases_pipelineversion version ON version.id = held.pipeline_version_id
    WHERE held.id = NEW.case_id;
    IF wanted IS NULL OR NOT (coalesce(wanted -> 'outcomes', '[]') IN ('[]')
                              OR wanted -> 'outcomes' ? NEW.outcome) THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM reviews_review review
        JOIN reviews_signature signature ON signature.review_id = review.id
        WHERE review.case_id = NEW.case_id AND review.outcome = NEW.outcome
            AND review.route_id = NEW.route_id AND review.undone_at IS NULL
    ) THEN
        RAISE EXCEPTION 'reviewed_decision_is_signed: % for case %', NEW.outcome, NEW.case_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cases_decision_reviewed_signed BEFORE INSERT ON cases_decision FOR EACH ROW
    WHEN (NEW.made_by = 'review') EXECUTE FUNCTION refuse_unsigned_verdict();
ALTER TABLE cases_decision ENABLE ALWAYS TRIGGER cases_decision_reviewed_signed;
"""
"""What reviews decide, where the pipeline asks for signatures, goes back to a review that is signed."""
UNSIGNED_VERDICTS = """
DROP TRIGGER cases_decision_reviewed_signed ON cases_decision;
DROP FUNCTION refuse_unsigned_verdict();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        unchangeable(
            "reviews_policyversion",
            "pipeline_id",
            "number",
            "content",
            "restores_id",
            "restored_by_id",
            "reason",
        ),
        unchangeable("reviews_route"),
        unchangeable(
            "reviews_basis",
            "route_id",
            "case_id",
            "pipeline_id",
            "pipeline_version_id",
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
        unchangeable_until_erased("reviews_basis", "template", erasable=("template", "segments")),
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
        unchangeable_once("reviews_sample", "OLD.judged_at IS NOT NULL OR OLD.ended <> ''"),
        unchangeable("reviews_gatecheck"),
        unchangeable(
            "reviews_stop", "pipeline_id", "model_id", "reason", "stopped_by_id", "stopped_at"
        ),
        unchangeable_once("reviews_stop", "OLD.lifted_at IS NOT NULL"),
        unchangeable(
            "reviews_reopening",
            "pipeline_id",
            "reason",
            "because_of_id",
            "opened_by_id",
            "opened_at",
        ),
        unchangeable("reviews_reopeningcase", "reopening_id", "case_id"),
        unchangeable_once("reviews_reopeningcase", "OLD.done_at IS NOT NULL"),
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
        unchangeable_until_erased("reviews_commitment", erasable=("sealed_content",)),
        unchangeable_until_erased(
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
            erasable=("sealed_explanation", "shown"),
        ),
        unchangeable_once("reviews_review", "OLD.undone_at IS NOT NULL"),
        unchangeable_until_erased(
            "reviews_correction",
            erasable=("sealed_values",),
            case="case_id FROM reviews_review WHERE id = ($1).review_id",
        ),
        unchangeable_until_erased("reviews_reply", erasable=("sealed_text",)),
        unchangeable_until_erased(
            "reviews_hold",
            "id",
            "case_id",
            "kind",
            "held_by_id",
            "sealed_words",
            "held_at",
            erasable=("sealed_words",),
        ),
        unchangeable_once(
            "reviews_hold",
            "OLD.ended_at IS NOT NULL"
            " AND (OLD.ended_at, OLD.ended) IS DISTINCT FROM (NEW.ended_at, NEW.ended)",
        ),
        unchangeable_until_erased("reviews_comment", erasable=("sealed_text",)),
        unchangeable("reviews_notice", "person_id", "kind", "case_id", "by_id", "told_at"),
        unchangeable("reviews_unmasking"),
        unchangeable(
            "reviews_export",
            "kind",
            "exported_by_id",
            "pipeline_id",
            "case_id",
            "format",
            "filter",
            "purpose",
            "asked_at",
        ),
        unchangeable_once(
            "reviews_export",
            "OLD.finished_at IS NOT NULL AND (OLD.finished_at, OLD.row_count, OLD.sha256)"
            " IS DISTINCT FROM (NEW.finished_at, NEW.row_count, NEW.sha256)",
        ),
        unchangeable("reviews_signature"),
        append_only("reviews_accessreview"),
        unchangeable_until_erased(
            "reviews_brokenglass",
            "case_id",
            "person_id",
            "sealed_reason",
            "broken_at",
            "ends_at",
            erasable=("sealed_reason",),
        ),
        unchangeable_once(
            "reviews_brokenglass",
            "OLD.reviewed_at IS NOT NULL AND (OLD.reviewed_by_id, OLD.reviewed_at, OLD.justified)"
            " IS DISTINCT FROM (NEW.reviewed_by_id, NEW.reviewed_at, NEW.justified)",
        ),
        unchangeable_until_erased(
            "reviews_legalhold",
            "pipeline_id",
            "case_id",
            "matter",
            "placed_by_id",
            "placed_at",
            erasable=("matter",),
        ),
        unchangeable_once(
            "reviews_legalhold",
            "OLD.lifted_at IS NOT NULL"
            " AND (OLD.lifted_at, OLD.lifted_by_id) IS DISTINCT FROM (NEW.lifted_at, NEW.lifted_by_id)",
        ),
        unchangeable(
            "reviews_disposal", "pipeline_id", "kind", "filter", "asked_by_id", "asked_at"
        ),
        unchangeable_once("reviews_disposal", "OLD.status IN ('refused', 'done')"),
        unchangeable("reviews_disposalcase", "disposal_id", "case_id"),
        unchangeable_once("reviews_disposalcase", "OLD.done_at IS NOT NULL"),
        unchangeable(
            "reviews_adversenotice", "decision_id", "case_id", "pipeline_id", "due_at", "made_at"
        ),
        unchangeable_once(
            "reviews_adversenotice",
            "OLD.sent_at IS NOT NULL AND (OLD.sent_at, OLD.sent_by_id, OLD.channel)"
            " IS DISTINCT FROM (NEW.sent_at, NEW.sent_by_id, NEW.channel)",
        ),
        unchangeable_until_erased(
            "reviews_contest",
            "case_id",
            "decision_id",
            "sealed_words",
            "taken_by_id",
            "contested_at",
            erasable=("sealed_words",),
        ),
        migrations.RunSQL(
            "ALTER TABLE reviews_queueentry ADD CONSTRAINT entry_claims_its_case"
            " FOREIGN KEY (claim_id, case_id) REFERENCES reviews_claim (id, case_id)"
            " DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE reviews_queueentry DROP CONSTRAINT entry_claims_its_case",
        ),
        migrations.RunSQL(SIGNED_FOR, UNSIGNED_FOR),
        migrations.RunSQL(SIGNED_VERDICTS, UNSIGNED_VERDICTS),
    ]
