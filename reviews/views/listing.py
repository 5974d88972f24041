"""The list of cases: filtered, and paged by key, so that the last page costs what the first does."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from audit.models import ClockTimestamp
from cases.models import Case, Pipeline, Status
from reviews.board import BREACHES_WITHIN
from reviews.models import Queue
from reviews.presenting.cases import case_line
from reviews.queues import AT_RISK
from reviews.rights import Rights, listed_to
from reviews.veiling import known_for, not_known_for, place_of, sampled_for, unsampled_for, veil
from reviews.views.people import person, rights

PAGE = 50
PINNED = 5
"""So many of the cases that are about to breach stand above the list."""
ANY = ("", lazy("Any"))
DEADLINES = (
    ANY,
    ("late", lazy("Passed")),
    ("breach", lazy("About to breach: under 30 min")),
    ("soon", lazy("At risk: under 2 h")),
    ("today", lazy("Within 24 h")),
)
AHEAD = {
    "late": timedelta(0),
    "breach": BREACHES_WITHIN,
    "soon": AT_RISK,
    "today": timedelta(days=1),
}
STANDINGS = (
    ANY,
    ("in_progress", lazy("In progress")),
    ("on_hold", lazy("On hold")),
    ("escalated", lazy("Escalated")),
    ("reserved", lazy("Reserved")),
    ("mine", lazy("Reserved for me")),
)
SORTS = (("", lazy("Newest first")), ("deadline", lazy("Waiting, by deadline")))


OPEN = Q(status=Status.IN_REVIEW) | Q(queue_entry__sample__isnull=False)
"""The cases that people judge: in review, or settled and sampled."""


class CaseFilter(forms.Form):
    """What the list can be narrowed to, and its order; `after` and `due` are the last page's end."""

    reference = forms.CharField(
        required=False,
        max_length=100,
        label=lazy("Reference, in full"),
        widget=forms.TextInput(attrs={"data-act": "search"}),
    )
    status = forms.ChoiceField(required=False, choices=[ANY, *Status.choices], label=lazy("Status"))
    queue = forms.ChoiceField(required=False)
    standing = forms.ChoiceField(required=False, choices=STANDINGS, label=lazy("In the queue"))
    deadline = forms.ChoiceField(required=False, choices=DEADLINES, label=lazy("Deadline"))
    outcome = forms.ChoiceField(required=False)
    sort = forms.ChoiceField(required=False, choices=SORTS, label=lazy("Order"))
    after = forms.UUIDField(required=False, widget=forms.HiddenInput)
    due = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, mine: Rights, **options: Any) -> None:
        super().__init__(*args, **options)
        self.mine = mine
        self.outcomes = dict(outcomes(mine))
        self.queues = {each.slug: each for each in queues(mine)}
        for name, label, choices in (
            ("queue", _("Queue"), [(slug, _(each.name)) for slug, each in self.queues.items()]),
            ("outcome", _("Outcome"), self.outcomes.items()),
        ):
            self.fields[name] = forms.ChoiceField(
                required=False, choices=[ANY, *choices], label=label
            )

    @property
    def asked(self) -> Mapping[str, Any]:
        """What is asked for; what makes no sense in it is left out."""
        return getattr(self, "cleaned_data", {})

    def narrow(self, found: QuerySet[Case], me: User) -> QuerySet[Case]:
        """The cases that the filter lets through."""
        asked = self.asked
        if reference := asked.get("reference"):
            found = found.filter(reference=reference)
        if status := asked.get("status"):
            found = found.filter(standing_at(Status(status), self.mine))
        if queue := asked.get("queue"):
            found = found.filter(queue_entry__queue=self.queues[queue].pk)
        if standing := asked.get("standing"):
            found = found.filter(standing_as(standing, me))
        if deadline := asked.get("deadline"):
            found = found.filter(due_within(AHEAD[deadline]))
        if outcome := asked.get("outcome"):
            decided = Q(decisions__superseded_at=None, decisions__outcome=outcome)
            found = found.filter(decided, unsampled_for(self.mine))
        return found

    def page(self, found: QuerySet[Case]) -> list[Case]:
        """A page of the cases in the order asked for, and one more, each as the person may know it."""
        if self.asked.get("sort") == "deadline":
            return [veil(case, self.mine) for case in self.by_deadline(found)[: PAGE + 1]]
        return self.newest(found)

    def newest(self, found: QuerySet[Case]) -> list[Case]:
        """Those that came in last, from the last page's end on, in one statement.

        The few of known answers stand where they are said to have come in, not where their ids are.
        """
        after = self.asked.get("after")
        usual = found.filter(not_known_for(self.mine))
        usual = (usual.filter(pk__lt=after) if after else usual).order_by("-pk")[: PAGE + 1]
        known = found.filter(known_for(self.mine)).order_by()
        both = [veil(case, self.mine) for case in usual.union(known, all=True)]
        rest = [case for case in both if not after or place_of(case) < after]
        return sorted(rest, key=place_of, reverse=True)[: PAGE + 1]

    def by_deadline(self, found: QuerySet[Case]) -> QuerySet[Case]:
        """Those that wait, the nearest deadline first, from the last page's end on."""
        after, due = self.asked.get("after"), self.asked.get("due")
        found = found.filter(OPEN, queue_entry__isnull=False)
        if self.asked.get("standing") != "on_hold":
            found = found.filter(queue_entry__hold=None)  # its deadline rests, and it does not wait
        if after and due:
            later = Q(queue_entry__due_at__gt=due) | Q(queue_entry__case__gt=after)
            found = found.filter(later, queue_entry__due_at__gte=due)
        return found.order_by("queue_entry__due_at", "queue_entry__case")


def standing_as(standing: str, me: User) -> Q:
    """How a case stands in its queue."""
    return {
        "in_progress": Q(queue_entry__claim__ended_at=None, queue_entry__claim__isnull=False),
        "on_hold": Q(queue_entry__hold__isnull=False),
        "escalated": Q(queue_entry__escalated=True),
        "reserved": Q(queue_entry__reserved_for__isnull=False),
        "mine": Q(queue_entry__reserved_for=me),
    }[standing]


def standing_at(status: Status, mine: Rights) -> Q:
    """The cases that the person knows to be there."""
    if status is Status.IN_REVIEW:
        return Q(queue_entry__isnull=False) & (Q(status=status) | sampled_for(mine))
    return Q(status=status) & unsampled_for(mine)


def due_within(ahead: timedelta) -> Q:
    """A deadline that passes soon; one that rests does not pass."""
    return OPEN & Q(
        queue_entry__hold=None,
        queue_entry__due_at__lt=Now() + ahead,  # stable: it can be planned for
    )


def queues(mine: Rights) -> QuerySet[Queue]:
    """The queues on which the person has any right."""
    return Queue.objects.filter(pk__in=mine.all_queues())


def outcomes(mine: Rights) -> list[tuple[str, str]]:
    """The outcomes of the pipelines that the person has to do with."""
    pipelines = frozenset().union(*mine.pipelines.values())
    concerned = Pipeline.objects.filter(
        Q(pk__in=pipelines) | Q(queues__in=mine.all_queues()), current__isnull=False
    ).distinct()
    found = {
        outcome["name"]: _(outcome["label"])
        for listed in concerned.values_list("current__content__outcomes", flat=True)
        for outcome in listed
    }
    return list(found.items())


@require_safe
@login_required
def cases(request: HttpRequest) -> HttpResponse:
    """The cases that the person may see, the most urgent ones above them all."""
    me, mine = person(request), rights(request)
    form = CaseFilter(request.GET, mine=mine)
    form.is_valid()
    everything = seen_by(mine)
    rows = form.page(form.narrow(everything, me))
    urgent = most_urgent(everything, mine)
    return render(
        request,
        "reviews/cases.html",
        {
            "form": form,
            "urgent": [case_line(veil(row, mine), form.outcomes, me) for row in urgent[:PINNED]],
            "more_urgent": len(urgent) > PINNED,
            "pinned": next((row.queue_entry.queue.slug for row in urgent if in_pinned(row)), ""),
            "rows": [case_line(row, form.outcomes, me) for row in rows[:PAGE]],
            "next": address(request, after=rows[PAGE - 1]) if len(rows) > PAGE else "",
            "first": address(request, after=None) if request.GET.get("after") else "",
            "by_deadline": form.asked.get("sort") == "deadline",
        },
    )


def most_urgent(everything: QuerySet[Case], mine: Rights) -> list[Case]:
    """The most urgent cases, one more than are shown: of pinned queues, then what is about to breach."""
    waiting = everything.order_by("queue_entry__due_at", "queue_entry__case")
    open_ones = waiting.filter(OPEN, queue_entry__isnull=False, queue_entry__hold=None)
    pinned = mine.pinned & mine.all_queues()
    found = list(open_ones.filter(queue_entry__queue__in=pinned)[: PINNED + 1]) if pinned else []
    if len(found) <= PINNED:
        breaching = waiting.filter(due_within(BREACHES_WITHIN))
        rest = breaching.exclude(queue_entry__queue__in=pinned) if pinned else breaching
        found += rest[: PINNED + 1 - len(found)]
    return found


def in_pinned(row: Case) -> bool:
    """Whether a case waits in a pinned queue."""
    return row.queue_entry.queue.pinned


def seen_by(mine: Rights) -> QuerySet[Case]:
    """The cases of the person's list, with what a line of it tells."""
    shown = Case.objects.select_related(
        "pipeline",
        "queue_entry__queue",
        "queue_entry__hold",
        "queue_entry__reserved_for",
        "queue_entry__sample",
    )
    standing = FilteredRelation("decisions", condition=Q(decisions__superseded_at=None))
    found = shown.defer("sealed_data").annotate(now=ClockTimestamp(), standing=standing)
    return listed_to(
        mine, found.annotate(outcome=F("standing__outcome"), adverse=F("standing__adverse"))
    )


def address(request: HttpRequest, *, after: Case | None) -> str:
    """The same list from another place on."""
    asked = request.GET.copy()
    asked.pop("after", None)
    asked.pop("due", None)
    if after is not None:
        asked["after"] = str(place_of(after) if asked.get("sort") != "deadline" else after.pk)
        if asked.get("sort") == "deadline":
            asked["due"] = after.queue_entry.due_at.isoformat()
    return f"?{asked.urlencode()}"
