"""Past cases taken out of the database as columns, for replays and for what the lab measures.

All within one snapshot: whoever asks twice for the same window, while nothing happens, gets the same.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from psycopg import ClientCursor, sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from cases.definition import Definition
from cases.models import Pipeline, PipelineVersion
from inference.models import ModelVersion
from reviews.doubts import HELD
from reviews.lab.columns import FAILED, LABEL_KINDS, MET, NOT_KNOWN, NOT_MET, Columns, Rules
from reviews.lab.wire import Wire, columns_of
from reviews.models import Basis
from reviews.policies import definition_of
from reviews.routes import upper_figures

ROW: Mapping[Wire, str] = {
    Wire("route", ">i8"): "route_id",
    Wire("case", "V16"): "case_id",
    Wire("routed_at", ">f8"): "extract(epoch FROM routed_at)::float8",
    Wire("model_version", ">i8"): "coalesce(model_version_id, 0)::int8",
    Wire("policy_version", ">i8"): "coalesce(policy_version_id, 0)::int8",
    Wire("predicted", ">i4"): "coalesce(array_position(%(outcomes)s::text[], predicted::text), 0)",
    Wire("confidence", ">f8"): "confidence",
    Wire("doubts", ">i4"): "doubts",
    Wire("label", ">i4"): "coalesce(array_position(%(outcomes)s::text[], label::text), 0)",
    Wire("label_kind", ">i4"): "coalesce(array_position(%(kinds)s::text[], label_kind::text), 1)",
    Wire("weight", ">f8"): "weight",
    Wire("seconds", ">f8"): "coalesce(seconds, 'NaN')",
    Wire("kind", ">i8"): "hash_record_extended("
    "ROW(rules_known, rules_met, rules_failed, segments), 0)",
}
"""What is fetched of each basis. What rules said and the segments come as a digest of both: only few
cases differ in it, and what is behind it is looked up once for each."""
MANY = "CASE WHEN cardinality({column}) = {many} THEN {column} ELSE {none}::float8[] END"
FROM = """
FROM reviews_basis
WHERE pipeline_id = %(pipeline)s AND routed_at >= %(since)s AND routed_at < %(until)s
AND pipeline_version_id = ANY(%(versions)s)
"""
RESULTS = """
SELECT basis_id, CASE WHEN met IS NULL THEN %(failed)s WHEN met THEN %(met)s ELSE %(not_met)s END
FROM reviews_ruleresult WHERE rule = %(rule)s AND basis_id BETWEEN %(first)s AND %(last)s
"""
NAMED = 20_000
"""How many rows a statement names; more than 65,535 it can't."""
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Layout:
    """The order in which the bases of some versions of a pipeline keep their numbers."""

    outcomes: tuple[str, ...]
    fields: tuple[str, ...]
    segments: tuple[str, ...]


def arrays_of(layout: Layout) -> dict[str, tuple[str, ...]]:
    """The columns that are arrays, each with what its places are called."""
    return {
        "probabilities": layout.outcomes,
        "fields_clear": layout.fields,
        "fields_poor": layout.fields,
    }


def layout_of(definition: Definition) -> Layout:
    """The order in which a definition has its outcomes, fields and segments."""
    return Layout(
        tuple(spec.name for spec in definition.outcomes),
        tuple(spec.name for spec in definition.fields),
        tuple(spec.name for spec in definition.segments),
    )


def load_columns(
    pipeline: Pipeline, since: datetime, until: datetime, rules: Collection[int] = ()
) -> Columns:
    """The pipeline's cases that were routed from `since` to before `until`, each once.

    A case that was routed several times, since it was supplemented, counts by its last route within the
    window: what came of it rests on that one. Of `rules`, by their keys, also what was found out later
    counts (`reviews.findingrules`). Outcomes, fields and segments are those that the pipeline has now.
    """
    given = {"pipeline": pipeline.pk, "since": since, "until": until}
    wanted = layout_of(definition_of(pipeline))
    with one_snapshot():
        parts = [
            put_in(fetched({**given, "versions": versions}, layout), layout, wanted)
            for layout, versions in layouts(pipeline).items()
        ]
        columns = columns_from(joined(parts), wanted)
        columns = replace(columns, rules=with_results(columns, rules))
    return replace(columns, digest=digest_of(columns))


@contextlib.contextmanager
def one_snapshot() -> Iterator[None]:
    """Lets all queries of a block see one state of the database, where no transaction is open yet."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def layouts(pipeline: Pipeline) -> dict[Layout, list[int]]:
    """The orders that the pipeline has had, with the ids of the versions that had each."""
    found: dict[Layout, list[int]] = {}
    for version in PipelineVersion.objects.filter(pipeline=pipeline):
        found.setdefault(layout_of(version.definition), []).append(version.pk)
    return found


def fetched(given: Mapping[str, Any], layout: Layout) -> Arrays:
    """The window's bases of one layout, in the order of their routes, each case by its last one."""
    row = dict(ROW)
    for column, names in arrays_of(layout).items():
        if names:
            none = sql.Literal("{" + ",".join(["NaN"] * len(names)) + "}")
            given_many = {"column": sql.Identifier(column), "many": len(names), "none": none}
            row[Wire(column, ">f8", len(names))] = sql.SQL(MANY).format(**given_many).as_string()
    query = f"COPY (SELECT {', '.join(row.values())} {FROM}) TO STDOUT (FORMAT binary)"
    given = {**given, "outcomes": list(layout.outcomes), "kinds": list(LABEL_KINDS)}
    return last_of_each_case(columns_of(copied(query, given), list(row)))


def copied(query: str, given: Mapping[str, Any]) -> Iterator[bytes]:
    """What a COPY sends, row by row, straight from libpq: a million take a third of a cursor's time."""
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # a transaction begins with its first statement
    server = connection.connection.pgconn
    statement = ClientCursor(connection.connection).mogrify(query, given)
    started = server.exec_(statement.encode())
    if started.status != ExecStatus.COPY_OUT:
        raise error_from_result(started)
    sent = server.get_copy_data(0)
    try:
        while sent[0] > 0:
            yield sent[1]
            sent = server.get_copy_data(0)
    finally:  # nothing else can be asked before all of it was taken
        while sent[0] > 0:
            sent = server.get_copy_data(0)
        ended = server.get_result()
        while server.get_result():
            pass
    if ended.status != ExecStatus.COMMAND_OK:
        raise error_from_result(ended)


def last_of_each_case(columns: Arrays) -> Arrays:
    """The rows in the order of their routes, of each case the last alone."""
    route = columns["route"]
    if (np.diff(route) < 0).any():
        columns = taken(columns, np.argsort(route, kind="stable"))
    halves = columns["case"].view(">u8").reshape(-1, 2).astype(np.uint64)
    last = ~seen_later(halves)
    return columns if last.all() else taken(columns, np.flatnonzero(last))


def seen_later(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of the keys, each of two halves, come again further on."""
    order = np.lexsort((keys[:, 0], keys[:, 1])) if repeats(keys[:, 1]) else None
    again = np.zeros(len(keys), bool)
    if order is not None:
        same = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
        again[order[:-1][same]] = True
    return again


def repeats(values: NDArray[np.uint64]) -> bool:
    """Whether any value stands twice."""
    return bool((np.diff(np.sort(values)) == 0).any())


def taken(columns: Arrays, places: NDArray[Any]) -> Arrays:
    """The rows in these places; each column is let go of as its rows are taken."""
    return {name: columns.pop(name)[..., places] for name in tuple(columns)}


def put_in(columns: Arrays, layout: Layout, wanted: Layout) -> Arrays:
    """The columns with outcomes and fields in the wanted order; what is gone from it is none."""
    outcome = np.array([-1, *(index(wanted.outcomes, name) for name in layout.outcomes)], np.int16)
    count = len(columns["route"])
    had_all, wants_all = arrays_of(layout), arrays_of(wanted)
    for column, wants in wants_all.items():
        had = had_all[column]
        if had != wants or not wants:
            nothing = np.full(count, np.nan)
            own = [columns[column][had.index(name)] if name in had else nothing for name in wants]
            columns[column] = np.stack(own) if own else np.empty((0, count))
    return {
        **columns,
        "predicted": outcome[columns["predicted"]],
        "label": outcome[columns["label"]],
    }


def index(names: Sequence[str], name: str) -> int:
    """The place of a name; -1 where it has none."""
    return names.index(name) if name in names else -1


def joined(parts: Sequence[Arrays]) -> Arrays:
    """The columns of all layouts, in the order of their routes."""
    if len(parts) == 1:
        return parts[0]
    together = {
        name: np.concatenate([part.pop(name) for part in parts], axis=-1)
        for name in tuple(parts[0])
    }
    return last_of_each_case(together)


def columns_from(arrays: Arrays, wanted: Layout) -> Columns:
    """The columns of a window, with what stands behind the digests of rules and segments."""
    _, first, kinds = np.unique(arrays["kind"], return_index=True, return_inverse=True)
    rules, segments = behind(arrays["route"][first])
    return Columns(
        outcomes=wanted.outcomes,
        fields=wanted.fields,
        route=arrays["route"],
        case=arrays["case"],
        routed_at=arrays["routed_at"],
        model_version=arrays["model_version"],
        policy_version=arrays["policy_version"],
        predicted=arrays["predicted"],
        confidence=arrays["confidence"],
        probabilities=arrays["probabilities"].T,
        doubts=arrays["doubts"],
        fields_clear=arrays["fields_clear"].T,
        fields_poor=arrays["fields_poor"].T,
        label=arrays["label"],
        label_kind=(arrays["label_kind"] - 1).astype(np.int8),
        weight=arrays["weight"],
        seconds=arrays["seconds"],
        held=(arrays["doubts"] & np.int32(HELD)) != 0,
        rules=Rules(rules, kinds),
        segments={
            name: (codes[kinds], names)
            for name, (codes, names) in segments.items()
            if name in wanted.segments
        },
        figures=figures_of(arrays["model_version"]),
    )


Coded = tuple[NDArray[np.int16], tuple[str, ...]]


def behind(routes: NDArray[np.int64]) -> tuple[dict[int, NDArray[np.int8]], dict[str, Coded]]:
    """What rules said and the segments, of the cases with these routes."""
    names = ("rules_known", "rules_met", "rules_failed", "segments", "pipeline_version")
    rows = {
        row[0]: row[1:]
        for start in range(0, len(routes), NAMED)
        for row in Basis.objects.filter(pk__in=routes[start : start + NAMED].tolist()).values_list(
            "pk", *names
        )
    }
    versions = PipelineVersion.objects.in_bulk({row[-1] for row in rows.values()})
    said: dict[int, NDArray[np.int8]] = {}
    places: dict[str, NDArray[np.int16]] = {}
    known: dict[str, dict[str, int]] = {}
    for place, route in enumerate(routes.tolist()):
        asked, met, failed, segments, version = rows[route]
        for key in asked:
            said.setdefault(key, np.full(len(routes), NOT_KNOWN, np.int8))
            said[key][place] = MET if key in met else FAILED if key in failed else NOT_MET
        specs = versions[version].definition.segments
        for spec, segment in zip(specs, segments, strict=False):
            codes = known.setdefault(spec.name, {"": 0})
            places.setdefault(spec.name, np.zeros(len(routes), np.int16))
            places[spec.name][place] = codes.setdefault(segment, len(codes))
    return said, {name: (places[name], tuple(codes)) for name, codes in known.items()}


def figures_of(model_versions: NDArray[np.int64]) -> dict[int, Mapping[str, float]]:
    """The upper ends of the figures of each model version among the cases."""
    rows = ModelVersion.objects.in_bulk(np.unique(model_versions).tolist())
    return {pk: upper_figures(row.facts) for pk, row in rows.items()}


def with_results(columns: Columns, rules: Collection[int]) -> Mapping[int, NDArray[np.int8]]:
    """The answers of rules, with what was found out later of those named."""
    later: dict[int, NDArray[np.int8]] = {}
    wires = [Wire("route", ">i8"), Wire("met", ">i4")]
    for key in rules if len(columns) else ():
        given = {
            "rule": key, "first": int(columns.route[0]), "last": int(columns.route[-1]),
            "met": MET, "not_met": NOT_MET, "failed": FAILED,
        }  # fmt: skip
        query = f"COPY ({RESULTS}) TO STDOUT (FORMAT binary)"
        found = columns_of(copied(query, given), wires)
        if len(found["route"]):
            later[key] = filled(columns, key, found["route"], found["met"])
    return {**columns.rules, **later}


def filled(
    columns: Columns, key: int, routes: NDArray[np.int64], met: NDArray[Any]
) -> NDArray[np.int8]:
    """What a rule said, with later answers where it was not known."""
    answers = columns.rule(key).copy()
    places = np.searchsorted(columns.route, routes).clip(max=len(columns) - 1)
    own = (columns.route[places] == routes) & (answers[places] == NOT_KNOWN)
    answers[places[own]] = met[own]
    return answers


def digest_of(columns: Columns) -> str:
    """A digest of all numbers, to tell by whether two replays went over the same cases."""
    digest = sha256()
    for spec in fields(columns):
        value = getattr(columns, spec.name)
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value.T).data)
    for key in sorted(columns.rules):
        digest.update(str(key).encode() + columns.rules[key].data)
    for name, (codes, names) in columns.segments.items():
        digest.update(repr((name, names)).encode() + codes.tobytes())
    return digest.hexdigest()
