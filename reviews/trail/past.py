"""A past decision as it was: the case as it stood, the policy in force, what was seen and said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import Http404

from audit.models import Event
from cases.models import Case, Decision
from reviews.casefile import CaseFile
from reviews.models import PolicyVersion, Review, Route
from reviews.presenting.casepage import CasePage, case_page
from reviews.presenting.masks import masked_judgements
from reviews.presenting.papers import page_numbers
from reviews.presenting.record import Judgement, Ruling, judgements, ruling, words_on_fields
from reviews.presenting.trail.looking import Looked, looked
from reviews.recorded import names_in, reviews_of
from reviews.trail.rerunning import read_since, route_behind
from reviews.trail.wholefile import with_claims


@dataclass(frozen=True, slots=True)
class Past:
    """One decision of a case as it was made; `others` are all of the case's, the last one first.

    `read_again` where the papers were read anew since: then the fields are those of the last reading.
    """

    file: CaseFile
    page: CasePage
    decision: Decision
    ruling: Ruling
    others: Sequence[tuple[Decision, Ruling]]
    judgements: Sequence[Judgement]
    looked: Sequence[Looked]
    policy: PolicyVersion | None
    read_again: bool
    reruns: Sequence[Event]


def past_of(file: CaseFile, decision_id: int | None) -> Past:
    """A decision of a case, the last one where none is named; raises Http404 for one it never had."""
    decisions = list(Decision.objects.filter(case=file.case).order_by("-id"))
    chosen = [each for each in decisions if decision_id in (None, each.pk)]
    if not chosen:
        raise Http404("no such decision")
    decision = chosen[0]
    told = [(each, ruling(each, file.definition)) for each in decisions]
    then = as_then(file, decision)
    reviews = [each for each in reviews_of(file.case) if each.route_id == decision.route_id]
    numbers = page_numbers(file.documents)
    page = page_then(then, reviews)
    said = judgements(reviews, file.definition, file.opened, numbers)
    return Past(
        file=then,
        page=page,
        decision=decision,
        ruling=dict(told)[decision],
        others=told,
        judgements=masked_judgements(said, file.hidden),
        looked=[looked(each, page.sheets, file.definition) for each in with_claims(reviews)],
        policy=then.route.policy_version if then.route else None,
        read_again=then.route is not None and read_since(then.route),
        reruns=reruns_of(file.case, decision),
    )


def as_then(file: CaseFile, decision: Decision) -> CaseFile:
    """The file with the route that a policy made of the case, and what had happened until the decision."""
    behind = route_behind(decision)
    wanted = behind.pk if behind else decision.route_id
    route = next((each for each in routes_of(file.case) if each.pk == wanted), None)
    before = Decision.objects.filter(case=file.case, pk__lt=decision.pk).count()
    made = [event.pk for event in file.events if event.type == "case.decided"]
    last = made[before] if before < len(made) else None
    events = tuple(event for event in file.events if last is None or event.pk <= last)
    return replace(file, route=route, events=events, entry=None)


def routes_of(case: Case) -> list[Route]:
    """All routes that a case took, in order, with what they went by."""
    rows = Route.objects.filter(case=case).order_by("id")
    return list(rows.select_related("policy_version", "prediction__model_version__model", "queue"))


def page_then(file: CaseFile, reviews: Sequence[Review]) -> CasePage:
    """The page of the case with what these reviews said of its fields."""
    words = {"fields": words_on_fields(reviews, file.opened, page_numbers(file.documents))}
    return case_page(file, words, names_in(file), independent=False, whom="a person")


def reruns_of(case: Case, decision: Decision) -> list[Event]:
    """When the decision was run again, the last time first."""
    rows = Event.objects.filter(case_id=case.pk, type="decision.rerun", data__decision=decision.pk)
    return list(rows.order_by("-id"))
