"""Events whose time to be kept is over may go, and no others: a disposal of them was approved by two."""

from django.db import migrations

from audit.eventclasses import CLASSES, LEAST_MONTHS, RECORD
from audit.immutability import guards


def classes() -> str:
    """The classes of events, as SQL."""
    cases = "".join(
        f" WHEN type IN ({', '.join(repr(each) for each in types)}) THEN '{name}'"
        for name, types in CLASSES.items()
    )
    return f"""
CREATE FUNCTION event_class(type text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE{cases} ELSE '{RECORD}' END
$$;
"""


DUE = f"""
CREATE FUNCTION event_is_due(event audit_event, disposal bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM public.reviews_disposal d
        JOIN public.cases_pipeline p ON p.id = d.pipeline_id
        JOIN public.cases_pipelineversion version ON version.id = p.current_id
        LEFT JOIN public.cases_case c ON c.id = event.case_id
        CROSS JOIN public.event_class(event.type) class
        WHERE d.id = disposal AND d.kind = 'events' AND d.status = 'approved'
            AND d.answered_by_id IS NOT NULL AND d.answered_by_id <> d.asked_by_id
            AND EXISTS (
                SELECT FROM public.audit_event told
                WHERE told.type = 'disposal.approved' AND told.data @> jsonb_build_object('disposal', d.id)
                    AND told.actor_kind = 'user' AND told.actor_id = d.answered_by_id::text
            )
            AND coalesce(
                nullif(event.pipeline, ''),
                (SELECT slug FROM public.cases_pipeline own WHERE own.id = c.pipeline_id)
            ) = p.slug
            AND event.at < (d.filter -> 'before' ->> class)::timestamptz
            AND event.at <= now() - make_interval(
                months => (version.content #>> ARRAY['retention', 'event_months', class])::integer
            )
            AND event.at < now() - interval '{LEAST_MONTHS} months'
            AND NOT EXISTS (
                SELECT FROM public.reviews_legalhold hold
                WHERE hold.pipeline_id = p.id AND hold.lifted_at IS NULL
                    AND (hold.case_id IS NULL OR hold.case_id = event.case_id)
            )
    ) AND EXISTS (SELECT FROM public.audit_leaf WHERE event_id = event.id)
$$;
"""  # noqa: S608  # a number of our own
"""Whether an approved disposal covers an event: of its pipeline and classes, sealed, and held by nobody.

It is old enough by the disposal, by the law, and by the schedule as it is now: a disposal is no way
round what the pipeline's version says. Another approved it than asked, and the trail says who.
"""

REFUSE = """
CREATE FUNCTION refuse_undue_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.reviews_disposal
        WHERE kind = 'events' AND status = 'approved' AND public.event_is_due(OLD, id)
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% of % is refused: its rows are facts', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER audit_event_rows ON audit_event;
"""

UNDO = """
DROP FUNCTION refuse_undue_deletion();
DROP FUNCTION event_is_due(audit_event, bigint);
DROP FUNCTION event_class(text);
CREATE TRIGGER audit_event_rows BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW
    EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_rows;
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0003_stops"), ("audit", "0002_facts")]

    operations = [
        migrations.RunSQL((classes(), DUE, REFUSE), UNDO),
        guards("audit_event", {"unchanged": "BEFORE UPDATE ON {table} FOR EACH ROW"}),
        guards(
            "audit_event",
            {"disposed": "BEFORE DELETE ON {table} FOR EACH ROW"},
            act="refuse_undue_deletion()",
        ),
    ]
