"""The list of cases: filtered, and paged by key, so that the last page costs what the first does."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline, Status
from reviews.models import Queue
from reviews.presenting.cases import case_line
from reviews.queues import AT_RISK
from reviews.rights import Rights, visible_to
from reviews.views.people import rights

PAGE = 50
DEADLINES = (
    ("", "Any"),
    ("late", "Passed"),
    ("soon", "At risk: under 2 h"),
    ("today", "Within 24 h"),
)
AHEAD = {"late": timedelta(0), "soon": AT_RISK, "today": timedelta(days=1)}


class CaseFilter(forms.Form):
    """What the list can be narrowed to."""

    reference = forms.CharField(required=False, max_length=100, label="Reference, in full")
    status = forms.ChoiceField(required=False, choices=[("", "Any"), *Status.choices])
    queue = forms.ChoiceField(required=False)
    deadline = forms.ChoiceField(required=False, choices=DEADLINES)
    outcome = forms.ChoiceField(required=False)
    after = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, mine: Rights, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, choices in (("queue", queues(mine)), ("outcome", outcomes(mine))):
            self.fields[name] = forms.ChoiceField(required=False, choices=[("", "Any"), *choices])

    def narrow(self, found: QuerySet[Case]) -> QuerySet[Case]:
        """The cases that the filter lets through; what is invalid in it is left out."""
        asked = getattr(self, "cleaned_data", {})
        if reference := asked.get("reference"):
            found = found.filter(reference=reference)
        if status := asked.get("status"):
            found = found.filter(status=status)
        if queue := asked.get("queue"):
            found = found.filter(queue_entry__queue__slug=queue)
        if deadline := asked.get("deadline"):
            found = found.filter(
                status=Status.IN_REVIEW,
                queue_entry__hold=None,  # its deadline rests
                queue_entry__due_at__lt=Now() + AHEAD[deadline],  # stable: it can be planned for
            )
        if outcome := asked.get("outcome"):
            found = found.filter(decisions__superseded_at=None, decisions__outcome=outcome)
        return found


def queues(mine: Rights) -> list[tuple[str, str]]:
    """The queues on which the person has any right."""
    return list(Queue.objects.filter(pk__in=mine.all_queues()).values_list("slug", "name"))


def outcomes(mine: Rights) -> list[tuple[str, str]]:
    """The outcomes of the pipelines that the person has to do with."""
    pipelines = frozenset().union(*mine.pipelines.values())
    concerned = Pipeline.objects.filter(
        Q(pk__in=pipelines) | Q(queues__in=mine.all_queues()), current__isnull=False
    ).distinct()
    found = {
        outcome["name"]: outcome["label"]
        for listed in concerned.values_list("current__content__outcomes", flat=True)
        for outcome in listed
    }
    return list(found.items())


@require_safe
@login_required
def cases(request: HttpRequest) -> HttpResponse:
    """The cases that the person may see, newest first."""
    mine = rights(request)
    form = CaseFilter(request.GET, mine=mine)
    form.is_valid()
    rows = page_of(form, mine)
    return render(
        request,
        "reviews/cases.html",
        {
            "form": form,
            "rows": [case_line(row) for row in rows[:PAGE]],
            "next": address(request, after=rows[PAGE - 1].pk) if len(rows) > PAGE else "",
            "first": address(request, after=None) if request.GET.get("after") else "",
        },
    )


def page_of(form: CaseFilter, mine: Rights) -> list[Case]:
    """One page of cases and one more, which tells that there is another page."""
    found = visible_to(
        mine,
        Case.objects.select_related("pipeline", "queue_entry__queue", "queue_entry__hold")
        .defer("sealed_data")
        .annotate(
            now=ClockTimestamp(),
            standing=FilteredRelation("decisions", condition=Q(decisions__superseded_at=None)),
        )
        .annotate(outcome=F("standing__outcome"), adverse=F("standing__adverse")),
    )
    found = form.narrow(found)
    if after := getattr(form, "cleaned_data", {}).get("after"):
        found = found.filter(pk__lt=after)
    return list(found.order_by("-pk")[: PAGE + 1])


def address(request: HttpRequest, *, after: UUID | None) -> str:
    """The same list from another place on."""
    asked = request.GET.copy()
    asked.pop("after", None)
    if after is not None:
        asked["after"] = str(after)
    return f"?{asked.urlencode()}"
