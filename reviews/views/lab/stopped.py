"""What is stopped and what can be, for every page on which that stands."""

from collections.abc import Collection

from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from cases.models import Pipeline
from reviews import stopping
from reviews.models import Stop
from reviews.presenting.lab import stops as presenting
from reviews.stopping import Scope
from reviews.views.people import person, rights


def stop_control(request: HttpRequest, pipelines: Collection[int]) -> dict[str, object]:
    """The stops that concern the pipelines, and what of them the person may stop."""
    return {
        "stops": holding(request, pipelines),
        "stoppable": stoppable(request, pipelines),
    }


def holding(request: HttpRequest, pipelines: Collection[int]) -> list[presenting.Stopped]:
    """The stops that hold any of the pipelines' cases back, as the person reads them."""
    me, mine = person(request), rights(request)
    stops = stopping.stops_of(pipelines, stopping.live_stops())
    lines = []
    for stop in stops:
        may = stopping.may_lift(me, mine, stop)
        lines.append(presenting.stopped(stop, now(), may_lift=may, why_not=why_not(me.pk, stop)))
    return lines


def why_not(person_id: int, stop: Stop) -> str:
    """Why somebody who may not lift a stop may not."""
    if stop.stopped_by_id == person_id:
        return _("You stopped the whole house: somebody else has to look before it goes on.")
    return _("It is lifted by who configures every pipeline that it concerns.")


def stoppable(request: HttpRequest, pipelines: Collection[int]) -> list[presenting.Choice]:
    """What the person may stop of the pipelines, their models and the house, and is not stopped yet."""
    me, mine = person(request), rights(request)
    if not mine.pipelines.get("configure") and not me.is_staff:  # as who keeps the house is
        return []
    own = Pipeline.objects.filter(pk__in=pipelines).order_by("name")
    models = stopping.models_of(pipelines)
    scopes = [*(Scope(each) for each in own), *(Scope(model=each) for each in models), Scope()]
    taken = {stopping.scope_of(stop).key for stop in stopping.live_stops()}
    return presenting.choices(
        scope for scope in scopes if scope.key not in taken and stopping.may_stop(me, mine, scope)
    )
