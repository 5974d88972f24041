"""Decisions as a table: each with its prediction, its reviewers, its reasons and what they wrote."""

from accounts.models import User
from cases.models import Pipeline
from reviews.masking import masked_by_role
from reviews.rights import rights_of
from reviews.trail.explained import mask, opened
from reviews.trail.selecting import Selection, conditions
from reviews.trail.tables import Column, Table, Type, listed, moment

COLUMNS = (
    Column("case", "c.id", Type.ID),
    Column("reference", "c.reference"),
    Column("pipeline", "pipeline.slug"),
    Column("pipeline_version", "pv.number", Type.WHOLE),
    Column("priority", "c.priority"),
    moment("received_at", "c.created_at"),
    moment("decided_at", "d.decided_at"),
    moment("superseded_at", "d.superseded_at"),
    Column("outcome", "d.outcome"),
    Column("adverse", "d.adverse", Type.TRUTH),
    Column("made_by", "d.made_by"),
    Column("override", "d.override", Type.TRUTH),
    Column("predicted", "p.outcome"),
    Column("confidence", "round(coalesce(r.confidence, p.confidence)::numeric, 6)", Type.NUMBER),
    Column("stated_confidence", "round(p.confidence::numeric, 6)", Type.NUMBER),
    Column("model", "m.name"),
    Column("model_version", "mv.number", Type.WHOLE),
    Column("policy_version", "policy.number", Type.WHOLE),
    listed("reasons", "ARRAY(SELECT jsonb_array_elements_text(d.reason_codes))", " "),
    listed("reasons_in_words", "said.words", "; "),
    listed("routed_because", "routed.words", "; "),
    Column("reviewers", "judged.reviewers", Type.PEOPLE, members="coalesce(judged.members, '[]')"),
    listed("corrected_fields", "fields.corrected", " "),
    listed("illegible_fields", "fields.illegible", " "),
    listed("answered_unseen", "judged.committed", " "),
    listed("needed_person", "judged.needed", " "),
)

JOINED = """
FROM cases_decision d
JOIN cases_case c ON c.id = d.case_id
JOIN cases_pipeline pipeline ON pipeline.id = c.pipeline_id
JOIN cases_pipelineversion pv ON pv.id = c.pipeline_version_id
LEFT JOIN reviews_route r ON r.id = d.route_id
LEFT JOIN inference_prediction p ON p.id = r.prediction_id
LEFT JOIN inference_modelversion mv ON mv.id = p.model_version_id
LEFT JOIN inference_model m ON m.id = mv.model_id
LEFT JOIN reviews_policyversion policy ON policy.id = r.policy_version_id
"""
WORDS_AND_PEOPLE = """
LEFT JOIN (
    SELECT version.id, jsonb_object_agg(reason ->> 'code', reason ->> 'text') AS words
    FROM cases_pipelineversion version, jsonb_array_elements(version.content -> 'reasons') reason
    GROUP BY version.id
) known ON known.id = pv.id
LEFT JOIN LATERAL (
    SELECT array_agg(reason.value ->> 'text') AS words FROM jsonb_array_elements(r.reasons) reason
) routed ON true
LEFT JOIN LATERAL (
    SELECT CASE d.made_by WHEN 'policy' THEN routed.words ELSE (
        SELECT array_agg(coalesce(known.words ->> code, code))
        FROM jsonb_array_elements_text(d.reason_codes) code
    ) END AS words
) said ON true
LEFT JOIN LATERAL (
    SELECT string_agg(review.stage || ':' || person.username, ' ' ORDER BY review.id) AS reviewers,
           json_agg(json_build_object('stage', review.stage, 'username', person.username)
                    ORDER BY review.id) AS members,
           array_agg(review.stage || ':' || review.committed_outcome ORDER BY review.id)
               FILTER (WHERE review.committed_outcome <> '') AS committed,
           array_agg(review.stage || CASE WHEN review.needed_person THEN ':yes' ELSE ':no' END
                     ORDER BY review.id)
               FILTER (WHERE review.needed_person IS NOT NULL) AS needed,
           string_agg(
               concat_ws(':', review.stage, review.claim_id, encode(review.sealed_explanation, 'hex')),
               ' ' ORDER BY review.id
           ) FILTER (WHERE length(review.sealed_explanation) <> 28) AS sealed  -- a nonce, a tag: no text
    FROM reviews_review review JOIN accounts_user person ON person.id = review.reviewer_id
    WHERE d.made_by = 'review' AND review.route_id = d.route_id AND review.undone_at IS NULL
) judged ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT correction.field) FILTER (WHERE correction.kind = 'corrected') AS corrected,
           array_agg(DISTINCT correction.field) FILTER (WHERE correction.kind = 'illegible') AS illegible
    FROM reviews_review review JOIN reviews_correction correction ON correction.review_id = review.id
    WHERE d.made_by = 'review' AND review.route_id = d.route_id AND review.undone_at IS NULL
) fields ON true
LEFT JOIN audit_casekey k ON k.case_id = c.id AND judged.sealed IS NOT NULL
"""
SOURCE = JOINED + WORDS_AND_PEOPLE
SEALED = (
    "c.id || ' ' || k.master_key || ' ' || coalesce(encode(k.wrapped, 'hex'), '')"
    " || ' ' || judged.sealed"
)
"""The explanations, with the key that opens them."""


def decisions(selection: Selection, *, reader: User) -> Table:
    """The decisions chosen, as `reader` may see them.

    Where the pipeline masks from the person, what reviewers wrote is masked too, unless the selection
    names a purpose of its own. To who may judge the pipeline's cases what is with people is undecided.
    """
    return Table(
        columns=COLUMNS,
        source=SOURCE,
        conditions=conditions(selection, veiled=is_veiled(selection, reader)),
        order="d.id",
        sealed=SEALED,
        read=mask if is_masked(selection, reader) else opened,
        counted_in=JOINED,
    )


def is_veiled(selection: Selection, reader: User) -> bool:
    """Whether the reader may judge cases of the pipeline: of those with people they learn no decision."""
    return selection.pipeline is None or selection.pipeline.pk in rights_of(reader).worked_on


def is_masked(selection: Selection, reader: User) -> bool:
    """Whether what reviewers wrote is hidden from the reader."""
    purposes = purposes_asked(reader, selection.pipeline)
    return bool(purposes) and selection.purpose not in purposes


def purposes_asked(person: User, pipeline: Pipeline | None) -> tuple[str, ...]:
    """The purposes of which the person names one to read explanations; none where they need not."""
    if pipeline is None or pipeline.current is None:
        return ()
    definition = pipeline.current.definition
    return definition.masking.purposes if masked_by_role(person, definition) else ()
