"""The database itself gives events their places in the log, and looks at what it is told to keep.

The application's role can't write leaves and subtrees, and of a checkpoint only what is true of them.
"""

from django.db import migrations

TREE_HASH = """
CREATE FUNCTION tree_hash(level integer, number bigint) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
DECLARE
    kept integer := least(greatest(level - 1, 0) / 8 * 8, 32);
    width bigint := 1::bigint << (level - kept);
    hashes bytea[];
BEGIN
    IF kept = 0 THEN
        SELECT array_agg(hash ORDER BY position) INTO hashes FROM public.audit_leaf
            WHERE position >= number * width AND position < (number + 1) * width;
    ELSE
        SELECT array_agg(s.hash ORDER BY s.number) INTO hashes FROM public.audit_subtree s
            WHERE s.level = kept
            AND s.number >= tree_hash.number * width AND s.number < (tree_hash.number + 1) * width;
    END IF;
    IF cardinality(hashes) IS DISTINCT FROM width THEN
        RAISE EXCEPTION 'subtree %/% is not full', level, number USING ERRCODE = 'check_violation';
    END IF;
    WHILE width > 1 LOOP
        width := width / 2;
        FOR i IN 1..width LOOP
            hashes[i] := sha256('\\x01'::bytea || hashes[2 * i - 1] || hashes[2 * i]);
        END LOOP;
    END LOOP;
    RETURN hashes[1];
END $$;
"""
"""The hash of a full subtree (RFC 6962, 2.1), out of those of the kept level below it."""

FRONTIER = """
CREATE FUNCTION log_frontier(size bigint) RETURNS bytea[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        array_agg(public.tree_hash(level, ((size >> level) - 1)) ORDER BY level DESC), '{}'
    )
    FROM generate_series(0, 62) level WHERE size >> level & 1 = 1
$$;
CREATE FUNCTION log_root(frontier bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    root bytea := frontier[cardinality(frontier)];
BEGIN
    FOR i IN REVERSE cardinality(frontier) - 1 .. 1 LOOP
        root := sha256('\\x01'::bytea || frontier[i] || root);
    END LOOP;
    RETURN coalesce(root, sha256(''::bytea));
END $$;
"""
"""The full subtrees that make up the log, largest first, and the root over them."""

SEQUENCE = """
CREATE FUNCTION sequence_events(most bigint, OUT taken bigint, OUT below bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
DECLARE
    since bigint;
    finished bigint;
    begun bigint;
    strange boolean;
    own bigint := pg_current_xact_id_if_assigned()::text::bigint;
    size bigint;
    span record;
    added bigint;
    last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('countersign trail'));
    SELECT coalesce(max(position) + 1, 0) INTO size FROM audit_leaf;
    since := coalesce((SELECT c.below FROM audit_checkpoint c ORDER BY id DESC LIMIT 1), 0);
    WITH now AS (
        SELECT pg_snapshot_xmin(s)::text::bigint AS xmin, pg_snapshot_xmax(s)::text::bigint AS xmax
        FROM pg_current_snapshot() s
    ), top AS (
        SELECT id, transaction FROM audit_event ORDER BY transaction DESC, id DESC LIMIT 1
    )
    SELECT now.xmin, now.xmax, now.xmin < since OR EXISTS (
        SELECT FROM top WHERE transaction >= now.xmax AND transaction IS DISTINCT FROM own
        AND NOT EXISTS (SELECT FROM audit_leaf WHERE event_id = top.id)
    ) OR EXISTS (
        SELECT FROM (
            SELECT transaction FROM audit_event
            WHERE id > (SELECT coalesce(max(event_id), 0) FROM audit_leaf) ORDER BY id LIMIT most
        ) newest WHERE transaction < since
    ) INTO finished, begun, strange FROM now;
    taken := 0;
    below := finished;
    FOR span IN
        SELECT CASE WHEN strange THEN 0 ELSE since END AS first, finished AS stop
        UNION ALL
        SELECT begun, 9223372036854775807 WHERE strange
    LOOP
        WITH due AS (
            SELECT event, id, transaction FROM audit_event event
            WHERE transaction >= span.first
                AND transaction < span.stop AND transaction IS DISTINCT FROM own
                AND NOT EXISTS (SELECT FROM audit_leaf WHERE event_id = event.id)
            ORDER BY transaction, id LIMIT most - taken
        ), leaves AS (
            INSERT INTO audit_leaf (position, event_id, hash)
            SELECT size + taken - 1 + row_number() OVER (ORDER BY transaction, id), id,
                sha256('\\x00'::bytea || convert_to(event_line(event), 'UTF8'))
            FROM due
        )
        SELECT count(*), max(transaction) INTO added, last FROM due;
        taken := taken + added;
        IF taken = most THEN
            below := CASE WHEN strange THEN since ELSE last END;
            EXIT;
        END IF;
    END LOOP;
    FOR level IN 8..32 BY 8 LOOP
        INSERT INTO audit_subtree (level, number, hash)
        SELECT level, number, tree_hash(level, number)
        FROM generate_series(size >> level, ((size + taken) >> level) - 1) number;
    END LOOP;
END $$;
"""
"""Gives up to `most` events their places: those of transactions that are surely over.

In the order (transaction, id), from the last checkpoint's `below`; the new `below` is what the next
one is to say. A database that was restored in another cluster holds numbers of transactions that this
cluster has yet to give: it is told by its counter, behind `below`, by the highest number of all being
one of the future and in no leaf, or by newer events than any in a leaf with numbers below `below`: the
counter has caught up meanwhile. Then all is looked at, so that nothing is ever left out.
The plan is held to the indexes: one that reads all leaves would be chosen by old statistics.
"""

CHECKED = """
CREATE FUNCTION checkpoint_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frontier bytea[];
    wrong text;
BEGIN
    IF NEW.size <> coalesce((SELECT max(position) + 1 FROM public.audit_leaf), 0) THEN
        wrong := 'size';
    ELSE
        frontier := public.log_frontier(NEW.size);
        wrong := CASE
            WHEN NEW.frontier <> (
                SELECT coalesce(string_agg(hash, ''::bytea ORDER BY place), ''::bytea)
                FROM unnest(frontier) WITH ORDINALITY of (hash, place)
            ) THEN 'frontier'
            WHEN NEW.root <> public.log_root(frontier) THEN 'root'
            WHEN NEW.below > pg_snapshot_xmin(pg_current_snapshot())::text::bigint THEN 'below'
        END;
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'checkpoint_is_true: its % is not that of the log', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_checkpoint_true BEFORE INSERT ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION checkpoint_is_true();
ALTER TABLE audit_checkpoint ENABLE ALWAYS TRIGGER audit_checkpoint_true;
"""
"""Whoever adds a checkpoint, it is one of the log as it stands; whose it is its signatures say."""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_facts")]

    operations = [
        migrations.RunSQL(TREE_HASH, "DROP FUNCTION tree_hash(integer, bigint)"),
        migrations.RunSQL(
            FRONTIER, "DROP FUNCTION log_frontier(bigint); DROP FUNCTION log_root(bytea[])"
        ),
        migrations.RunSQL(SEQUENCE, "DROP FUNCTION sequence_events(bigint)"),
        migrations.RunSQL(
            CHECKED,
            "DROP TRIGGER audit_checkpoint_true ON audit_checkpoint;"
            " DROP FUNCTION checkpoint_is_true()",
        ),
    ]
