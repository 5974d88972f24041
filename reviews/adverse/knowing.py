"""What may bear out the reasons of a verdict, gathered from a case: with the model's view, or without."""

from collections.abc import Mapping
from typing import Any

from audit.vault import Vault
from cases.definition import Definition, at_pointer
from cases.models import Case
from inference.models import FieldRead
from reviews.adverse.reasons import Facts, FieldSeen, points_towards, stated_in
from reviews.models import Route
from reviews.presenting.why import FROM_THE_SCORE
from reviews.routing import rules_of_score
from reviews.verdicts import Verdict


def facts_of(case: Case, route_id: int, verdict: Verdict, opened: Vault, *, unseen: bool) -> Facts:
    """The facts beside a verdict that is about to be kept; `unseen` where its judge knows no model's view."""
    route = Route.objects.select_related("prediction", "policy_version").get(pk=route_id)
    definition = case.definition
    data = opened.open_json("data", case.sealed_data)
    rows = FieldRead.objects.filter(case=case.pk)
    read = {
        row.name: (opened.open_json(f"field:{row.name}", row.sealed_value)["value"], row.mismatch)
        for row in rows
    }
    return Facts(
        **said_by_route(route, definition, data, verdict.outcome, unseen=unseen),
        fields=fields_seen(definition, data, read),
        words=verdict.fields,
        pointed=verdict.pointed,
    )


def said_by_route(
    route: Route | None,
    definition: Definition,
    data: Mapping[str, Any],
    outcome: str,
    *,
    unseen: bool,
) -> dict[str, Any]:
    """What was scored, or is stated, and what fired, by the route that brought the case to its judge.

    To who judges unseen no rule counts that asks for the model's answer.
    """
    policy = route.policy_version.content if route and route.policy_version else {}
    fired = {reason["code"] for reason in route.reasons} | set(route.flags) if route else set()
    if unseen:
        model = definition.model
        pointers = {
            name: source
            for name, source in (model.features if model else {}).items()
            if source.startswith("/")
        }
        declared = {name: at_pointer(data, pointer) for name, pointer in pointers.items()}
        seen = fired - FROM_THE_SCORE - rules_of_score(policy)
        return {"stated": stated_in(definition, declared), "fired": frozenset(seen)}
    prediction = route.prediction if route else None
    contributions = prediction.contributions if prediction else []
    towards = points_towards(outcome, definition, contributions)
    return {"towards": towards, "fired": frozenset(fired)}


def fields_seen(
    definition: Definition, data: Mapping[str, Any], read: Mapping[str, tuple[Any, str]]
) -> dict[str, FieldSeen]:
    """Each field as it was read, beside what the data declares of the same fact."""
    return {
        spec.name: FieldSeen(
            *read.get(spec.name, (None, ""))[:1],
            declared=at_pointer(data, spec.declared) if spec.declared else None,
            mismatch=read.get(spec.name, (None, ""))[1],
        )
        for spec in definition.fields
    }
