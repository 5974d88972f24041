"""What is stopped decides nothing by itself: the database refuses it, whatever program asks.

The trigger takes the same lock as `reviews.stopping`, so that a stop and a decision can't miss each
other. Its statements see what was committed before they began: the stop, once the lock is taken.
"""

from django.db import migrations

DO = """
CREATE FUNCTION refuse_stopped_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1937010544, 0);
    PERFORM FROM reviews_stop stop WHERE stop.lifted_at IS NULL;
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;
    PERFORM FROM reviews_stop stop
    JOIN cases_case held ON held.id = NEW.case_id
    LEFT JOIN reviews_route route ON route.id = NEW.route_id
    LEFT JOIN inference_prediction prediction ON prediction.id = route.prediction_id
    LEFT JOIN inference_modelversion version ON version.id = prediction.model_version_id
    WHERE stop.lifted_at IS NULL AND (
        stop.pipeline_id IS NULL AND stop.model_id IS NULL
        OR stop.pipeline_id = held.pipeline_id OR stop.model_id = version.model_id);
    IF FOUND THEN
        RAISE EXCEPTION 'automatic decisions are stopped' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cases_decision_stopped BEFORE INSERT ON cases_decision FOR EACH ROW
    WHEN (NEW.made_by = 'policy') EXECUTE FUNCTION refuse_stopped_decision();
ALTER TABLE cases_decision ENABLE ALWAYS TRIGGER cases_decision_stopped;
"""
UNDO = """
DROP TRIGGER cases_decision_stopped ON cases_decision;
DROP FUNCTION refuse_stopped_decision();
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_facts")]

    operations = [migrations.RunSQL(DO, UNDO)]
