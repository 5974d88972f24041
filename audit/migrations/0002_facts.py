"""Events and notes of configuration are facts: the database refuses to change them."""

from django.db import migrations

from audit.immutability import append_only, unchangeable, unchangeable_once

LINE = """
CREATE FUNCTION event_line(event audit_event) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', event.id,
        'at', to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'type', event.type,
        'actor', event.actor_kind || ':' || event.actor_id,
        'case', event.case_id,
        'pipeline', event.pipeline,
        'data', event.data,
        'commitments', event.commitments
    )::text
$$;
"""
"""An event as the one line that its leaf in the log is a hash of, and that exports carry."""

ENTOMBED = """
CREATE FUNCTION key_goes_with_a_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.wrapped IS NULL) <> EXISTS (
        SELECT FROM public.audit_tombstone WHERE case_id = NEW.case_id
    ) THEN
        RAISE EXCEPTION 'case_key_goes_with_a_tombstone: %', NEW.case_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_casekey_entombed BEFORE INSERT OR UPDATE ON audit_casekey
    FOR EACH ROW EXECUTE FUNCTION key_goes_with_a_tombstone();
ALTER TABLE audit_casekey ENABLE ALWAYS TRIGGER audit_casekey_entombed;
"""
"""A key is destroyed together with a tombstone and not without, and an erased case gets no key again."""
UNENTOMBED = """
DROP TRIGGER audit_casekey_entombed ON audit_casekey;
DROP FUNCTION key_goes_with_a_tombstone();
"""

TOLD = """
CREATE FUNCTION erasure_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.audit_event WHERE case_id = NEW.case_id AND type = 'case.erased'
    ) THEN
        RAISE EXCEPTION 'erasure_is_told: the trail says nothing of %', NEW.case_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_tombstone_told AFTER INSERT ON audit_tombstone
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION erasure_is_told();
ALTER TABLE audit_tombstone ENABLE ALWAYS TRIGGER audit_tombstone_told;
"""
"""No tombstone is committed unless the trail says that its case was erased: nobody erases unseen."""
UNTOLD = """
DROP TRIGGER audit_tombstone_told ON audit_tombstone;
DROP FUNCTION erasure_is_told();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("auditlog", "0017_add_actor_email")]

    operations = [
        append_only("audit_event"),
        append_only("auditlog_logentry"),
        append_only("audit_leaf"),
        append_only("audit_subtree"),
        append_only("audit_checkpoint"),
        append_only("audit_tombstone"),
        unchangeable("audit_publication", "checkpoint_id", "place"),
        unchangeable_once("audit_publication", "OLD.published_at IS NOT NULL"),
        migrations.RunSQL(LINE, "DROP FUNCTION event_line(audit_event)"),
        migrations.RunSQL(ENTOMBED, UNENTOMBED),
        migrations.RunSQL(TOLD, UNTOLD),
    ]
