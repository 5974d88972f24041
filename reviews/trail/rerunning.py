"""Running a decision again: the same input through the same versions, and what comes out otherwise.

The input is the prediction's own snapshot; model version, calibration, policy version and the
pipeline's are those of the route; stops, the gate's checks, flags and questions are taken as they stood
when it was made. Nothing is written but that it was run again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isnan
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import Event
from audit.vault import Vault
from cases.definition import Definition
from cases.models import Case, Decision
from inference.models import Prediction
from inference.registry import AnotherFile, scorer_of
from inference.rescoring import NoScore, rescore
from inference.runtimes import BadScore
from inference.scoring import Asked, text_of
from reviews.bases import basis_of
from reviews.calibrating import calibration_of
from reviews.doubts import rule_key
from reviews.gatechecks import live_figures
from reviews.models import Basis, Hold, Route
from reviews.policies import read_policy
from reviews.reasons import because
from reviews.routes import gather_facts, to_a_person, under
from reviews.routing import Facts, InvalidPolicy, Policy, Routed, route
from reviews.stopping import what_is_stopped
from reviews.trail.differences import (
    UNRUNNABLE,
    Answer,
    Difference,
    Way,
    between_answers,
    between_ways,
)
from reviews.trail.wholefile import erased_at

AT_ONCE = 200
LONGEST_STEP = timedelta(seconds=5)
"""How long before its row a route may have looked at stops and the gate."""
NOT_BY_POLICY = frozenset({"step_failed", "sampled", "reopened"})


@dataclass(frozen=True, slots=True)
class Rerun:
    """A decision run again. `same` is None where it could not be, and the one difference says why."""

    decision: Decision
    route: Route | None
    same: bool | None
    differences: tuple[Difference, ...]

    @property
    def codes(self) -> list[str]:
        """What differs, each code once."""
        return sorted({each.code for each in self.differences})


@transaction.atomic
def rerun_decision(decision: Decision, *, by: Actor) -> Rerun:
    """Runs a decision again and records that somebody did, and what came out."""
    found = run_again(decision)
    record_rerun(found, by=by)
    return found


def rerun_many(decisions: QuerySet[Decision], *, by: Actor) -> Iterator[Rerun]:
    """Runs decisions again, one by one; an event for each whose outcome differs, and one for all.

    Their cases and pipelines must be loaded.
    """
    counted: Counter[bool | None] = Counter()
    for decision in decisions.iterator(chunk_size=AT_ONCE):
        found = run_again(decision)
        counted[found.same] += 1
        if found.same is False:
            with transaction.atomic():
                record_rerun(found, by=by)
        yield found
    with transaction.atomic():
        told = {"same": counted[True], "otherwise": counted[False], "unrunnable": counted[None]}
        record("decisions.rerun", by=by, data=told)


def record_rerun(found: Rerun, *, by: Actor) -> None:
    """Records that a decision was run again, and what came out. Must run in a transaction."""
    decision = found.decision
    record(
        "decision.rerun",
        by=by,
        case_id=decision.case_id,
        pipeline=decision.case.pipeline.slug,
        data={"decision": decision.pk, "same": found.same, "differs": found.codes},
    )


def run_again(decision: Decision) -> Rerun:
    """Runs a decision again; its case and pipeline must be loaded.

    Raises CannotOpen where a master key is missing.
    """
    taken = route_behind(decision)
    if taken is None:
        found = [Difference("not_by_policy")]
    elif erased_at(taken.case_id) is not None:
        found = [Difference("erased")]
    elif read_since(taken):
        found = [Difference("read_again")]
    elif read_elsewhere(taken):
        found = [Difference("read_elsewhere")]
    else:
        found = [*differences(taken, vault.of(taken.case_id))]
    ran = not any(each.code in UNRUNNABLE for each in found)
    return Rerun(decision, taken, not found if ran else None, tuple(found))


def route_behind(decision: Decision) -> Route | None:
    """The route that a policy made of the case a decision is of, the last until then; None: no policy did."""
    if decision.route_id is None:
        return None
    routes = Route.objects.filter(
        case=decision.case_id, pk__lte=decision.route_id, basis__isnull=False
    ).select_related(
        "case__pipeline_version",
        "case__pipeline",
        "policy_version",
        "prediction__model_version__model",
        "queue",
        "second_review_queue",
        "basis",
    )
    last = routes.order_by("-id").first()
    return None if last is None or NOT_BY_POLICY & {code for code, _ in codes_of(last)} else last


def read_since(taken: Route) -> bool:
    """Whether the case's papers were read anew since: what was read before is then no longer kept."""
    read = Event.objects.filter(case_id=taken.case_id, type="case.read", at__gt=taken.created_at)
    return read.exists()


def read_elsewhere(taken: Route) -> bool:
    """Whether the case came with its past: its route rests on readings that were never made here."""
    read = (*taken.basis.fields_clear, *taken.basis.fields_poor)
    return (
        not all(map(isnan, read))
        and not Event.objects.filter(case_id=taken.case_id, type="case.read").exists()
    )


def differences(taken: Route, opened: Vault) -> Iterator[Difference]:
    """What differs from a route, causes first."""
    case, prediction, then = taken.case, taken.prediction, recorded(taken)
    if prediction is not None:
        again, found = asked_again(case, prediction, opened)
        yield from found
        if again is None:
            return
        prediction = again
    made = taken.created_at
    if apart := [*of_way(then, taken, prediction, made)]:
        yield from min(apart, [*of_way(then, taken, prediction, made - LONGEST_STEP)], key=len)


# ---------------------------------------------------------------- the model


def asked_again(
    case: Case, prediction: Prediction, opened: Vault
) -> tuple[Prediction | None, list[Difference]]:
    """The prediction as the same version makes it now, never to be saved, and what is otherwise."""
    version = prediction.model_version
    snapshot = opened.open_json("prediction", prediction.sealed_input)
    asked = Asked(snapshot["features"], text_sent(case, opened))
    found = []
    if opened.commitment("prediction", asked.input) != prediction.input_commitment:
        found.append(Difference("input"))
    try:
        scorer_of(version)
        answer = rescore(version, asked)
    except AnotherFile:
        return None, [*found, Difference("model_file", {"model": str(version)})]
    except BadScore:
        return None, [*found, Difference("model_missing", {"model": str(version)})]
    except NoScore:
        return None, [*found, Difference("no_answer", {"model": str(version)})]
    then = Answer(prediction.outcome, prediction.probabilities)
    now = Answer(answer.outcome, answer.probabilities)
    again = copy(prediction)
    again.outcome, again.confidence = answer.outcome, answer.confidence
    again.probabilities = dict(answer.probabilities)
    return again, [*found, *between_answers(then, now)]


def text_sent(case: Case, opened: Vault) -> str:
    """The text that the case's model reads; empty where it reads none."""
    spec = case.definition.model
    return text_of(spec, opened.open_json("data", case.sealed_data)) if spec else ""


# ---------------------------------------------------------------- the policy


def of_way(
    then: Way, taken: Route, prediction: Prediction | None, at: datetime
) -> Iterator[Difference]:
    """What the same policy makes otherwise of the case, as things stood `at` a time."""
    version, definition = taken.policy_version, taken.case.pipeline_version.definition
    known = facts_then(taken.case, prediction, at)
    try:
        if version is None:
            raise InvalidPolicy("there was none")
        policy = read_policy(version.content, definition)
    except InvalidPolicy:
        routed = to_a_person(taken.case, because("policy_failed"), known, version)
        yield from between_ways(then, as_now(taken, known, known, routed))
        return
    if missing := calibration_missing(taken, policy):
        yield missing
    seen = seen_then(policy, known, taken, prediction, at)
    routed = route(seen, policy, taken.case.definition.outcomes)
    yield from between_ways(then, as_now(taken, known, seen, routed))


def calibration_missing(taken: Route, policy: Policy) -> Difference | None:
    """That a calibration which the policy names is not there."""
    for number in (policy.calibration, policy.field_calibration):
        if number is not None and calibration_of(taken.case.pipeline, number) is None:
            return Difference("calibration", {"number": number})
    return None


def facts_then(case: Case, prediction: Prediction | None, at: datetime) -> Facts:
    """What was known of a case; questions that somebody asked later were not."""
    asked = Hold.objects.filter(case=case, kind=Hold.Kind.QUESTION, held_at__lte=at).exists()
    return replace(gather_facts(case, prediction), asked=asked)


def seen_then(
    policy: Policy, known: Facts, taken: Route, prediction: Prediction | None, at: datetime
) -> Facts:
    """The same as the policy saw it: calibrated, with the stops and the gate's checks of then."""
    case = taken.case
    seen = under(policy, known, case, prediction)
    if prediction is None:
        return seen
    version, pipeline = prediction.model_version, case.pipeline
    calibration = calibration_of(pipeline, policy.calibration)
    return replace(
        seen,
        live=live_figures(pipeline, version, policy, calibration, at),
        stopped=what_is_stopped(pipeline, version, at),
    )


# ---------------------------------------------------------------- side by side


def recorded(taken: Route) -> Way:
    """A route as it was recorded, with its basis: to be asked for before a basis is made of it anew."""
    return way_of(
        taken.basis,
        taken,
        outcome=taken.outcome,
        queue=taken.queue.slug if taken.queue else "",
        second=taken.second_review_queue.slug if taken.second_review_queue else "",
        confidence=taken.confidence,
        reasons=codes_of(taken),
        flags=taken.flags,
    )


def as_now(taken: Route, known: Facts, seen: Facts, routed: Routed) -> Way:
    """What the same policy makes of it now."""
    queue = routed.queue or ""
    return way_of(
        basis_of(taken, known, routed),
        taken,
        outcome=routed.outcome or "",
        queue=queue,
        second=routed.second_review or "",
        confidence=seen.confidence if taken.prediction_id else None,
        reasons=[(reason.code, reason.field or "") for reason in routed.reasons],
        flags=routed.flags,
    )


def way_of(basis: Basis, taken: Route, **went: Any) -> Way:
    """A way with what its basis says of fields, rules and doubts."""
    definition = taken.case.pipeline_version.definition
    return Way(
        **went,
        clear=by_field(definition, basis.fields_clear),
        poor=by_field(definition, basis.fields_poor),
        rules=rules_of(taken, basis),
        doubts=basis.doubts,
    )


def by_field(definition: Definition, confidences: list[float]) -> dict[str, float]:
    """The least confidences by the names of the fields."""
    names = [spec.name for spec in definition.fields]
    return dict(zip(names, confidences, strict=True)) if confidences else {}


def rules_of(taken: Route, basis: Basis) -> Mapping[str, bool | None]:
    """What each of the policy's rules said, by its text."""
    content = taken.policy_version.content if taken.policy_version else {}
    texts = [rule["when"] for rule in content.get("rules", ())]
    if second := content.get("second_review"):
        texts.append(second["rule"])
    keys = {text: rule_key(text, content.get("calibration")) for text in texts}
    return {
        text: None if key in basis.rules_failed else key in basis.rules_met
        for text, key in keys.items()
        if key in basis.rules_known
    }


def codes_of(taken: Route) -> list[tuple[str, str]]:
    """A route's reasons by their codes, each with its field."""
    return [(reason["code"], reason.get("field") or "") for reason in taken.reasons]
