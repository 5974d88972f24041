"""What a person sets for themselves, on a page of its own; and what the menus and the palette need."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Density, Theme, User
from accounts.settings import change_settings
from cases.definition import Definition
from cases.models import Pipeline
from reviews import keymap
from reviews.models import Queue
from reviews.presenting.keys import key_groups
from reviews.presenting.words import spoken
from reviews.views.people import links, person, rights
from reviews.views.posted import posted

KEY = "key:"
"""What the names of the keys' inputs begin with."""
LOCALES = (
    ("", lazy("As my browser asks")),
    ("en-GB", "English (United Kingdom)"),
    ("en-US", "English (United States)"),
    ("de-DE", "Deutsch (Deutschland)"),
)
THEMES = (
    (Theme.LIGHT, lazy("Light")),
    (Theme.DARK, lazy("Dark")),
    (Theme.SYSTEM, lazy("As my device")),
)
DENSITIES = (
    (Density.COMFORTABLE, lazy("Comfortable")),
    (Density.COMPACT, lazy("Compact")),
)
QUICK: Mapping[str, Mapping[str, Any]] = {
    "theme": {value: value for value in Theme.values},
    "density": {value: value for value in Density.values},
    "single_keys": {"on": True, "off": False},
}
"""What can be set at once from a menu: what is sent, and what it means."""


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A person's settings, without their keys."""

    theme = forms.ChoiceField(choices=THEMES, label=lazy("Theme"), widget=forms.RadioSelect)
    density = forms.ChoiceField(choices=DENSITIES, label=lazy("Density"), widget=forms.RadioSelect)
    locale = forms.ChoiceField(choices=LOCALES, label=lazy("Language and region"), required=False)
    time_zone = forms.CharField(label=lazy("Time zone"), required=False, max_length=64)
    blur_papers = forms.BooleanField(
        label=lazy("Blur papers until I point at them"), required=False
    )
    single_keys = forms.BooleanField(label=lazy("Keys of one sign work"), required=False)

    class Meta:
        model = User
        fields = ("theme", "density", "locale", "time_zone", "blur_papers", "single_keys")

    def clean_time_zone(self) -> str:
        """A zone of the IANA's list; its city is enough where no other has that name."""
        asked = "_".join(self.cleaned_data["time_zone"].split()).lower()
        found = [zone for zone in zones() if zone.lower() == asked] or [
            zone for zone in zones() if zone.lower().rpartition("/")[2] == asked
        ]
        if asked and len(found) != 1:
            raise forms.ValidationError(
                _("Choose a time zone from the list, such as Europe/Berlin.")
            )
        return found[0] if asked else ""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """The page of a person's own settings."""
    me = person(request)
    pipelines = judged_by(request)
    if request.method != "POST":
        return page(request, SettingsForm(instance=me), me.keys, pipelines)
    if request.POST.get("act") == "reset_keys":
        change_settings(me, by=me.actor, keys={})
        messages.success(request, _("All keys are as they were at first."))
        return redirect(f"{reverse('settings')}#keys-title")
    form = SettingsForm(request.POST, instance=User(pk=me.pk))
    keys = own_keys(request, me, pipelines)
    errors = keymap.problems(keys, pipelines)
    if errors or not form.is_valid():
        return page(request, form, keys, pipelines, errors=errors, status=422)
    change_settings(me, by=me.actor, keys=keys, **form.cleaned_data)
    messages.success(request, _("Your settings are saved."))
    return remember_theme(request, redirect("settings"), me.theme)


def page(
    request: HttpRequest,
    form: SettingsForm,
    keys: Mapping[str, str],
    pipelines: list[Definition],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with what was refused where that is why it comes again."""
    context = {
        "form": form,
        "zones": zones(),
        "key_groups": key_groups(keys, pipelines, errors or {}),
        "key_names": json.dumps({key: str(name) for key, name in keymap.NAMES.items()}),
        "refused": bool(errors) or bool(form.errors),
    }
    return render(request, "reviews/settings.html", context, status=status)


@cache
def zones() -> tuple[str, ...]:
    """The time zones of this machine by the names that people know; finding them reads many files."""
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"))


def own_keys(request: HttpRequest, me: User, pipelines: list[Definition]) -> dict[str, str]:
    """The keys as sent, as far as they differ from the defaults; what was not on the page stays."""
    known = {*keymap.ACTS} | {
        keymap.verdict_act(definition, spec.name)
        for definition in pipelines
        for spec in definition.outcomes
    }
    sent = {
        name: keymap.typed(request.POST[f"{KEY}{name}"])
        for name in known
        if f"{KEY}{name}" in request.POST
    }
    kept = {name: key for name, key in me.keys.items() if name not in sent}
    return kept | keymap.changed_only(sent, pipelines)


def judged_by(request: HttpRequest) -> list[Definition]:
    """The pipelines in whose queues the person works."""
    worked_on = Pipeline.objects.filter(pk__in=rights(request).worked_on).order_by("pk")
    return [spoken(each.current) for each in worked_on.select_related("current") if each.current]


@posted("home")
def choose(request: HttpRequest) -> HttpResponse:
    """Sets one thing at once, as the menus do."""
    me = person(request)
    wanted = {
        name: meaning[request.POST[name]]
        for name, meaning in QUICK.items()
        if request.POST.get(name) in meaning
    }
    change_settings(me, by=me.actor, **wanted)
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return remember_theme(request, redirect(back if safe else "home"), me.theme)


def remember_theme(request: HttpRequest, answer: HttpResponse, theme: str) -> HttpResponse:
    """A cookie remembers the theme for pages before signing in."""
    year = 365 * 86400
    answer.set_cookie("theme", theme, max_age=year, secure=request.is_secure(), samesite="Lax")
    return answer


@require_safe
@login_required
def palette(request: HttpRequest) -> JsonResponse:
    """Where the command palette can lead: the person's places, and the queues they can start."""
    mine = rights(request).queues
    startable = mine.get("review", frozenset()) | mine.get("second_review", frozenset())
    queues = Queue.objects.filter(pk__in=startable).order_by("name")
    places = [*links(request), {"label": _("Settings"), "href": reverse("settings")}]
    return JsonResponse(
        {
            "places": [{"label": each["label"], "href": each["href"]} for each in places],
            "queues": [{"slug": queue.slug, "name": _(queue.name)} for queue in queues],
        }
    )


def keyboard(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `keys`, what is printed on each act's key, and `keymap`, for the scripts."""
    own = getattr(getattr(request, "user", None), "keys", {})
    keys = SimpleLazyObject(
        lambda: {name: keymap.shown(key) for name, key in keymap.keys_for(own).items()}
    )
    return {"keys": keys, "keymap": lambda: keymap_of(own)}


def keymap_of(own: Mapping[str, str]) -> list[dict[str, Any]]:
    """The whole map, as the scripts and the overlay read it."""
    keys = keymap.keys_for(own)
    return [
        {
            "name": act.name,
            "label": keymap.label_of(act),
            "group": str(group.title),
            "key": keys[act.name],
            "shown": keymap.shown(keys[act.name]),
            "asks": act.asks,
        }
        for group in keymap.GROUPS
        for act in group.acts
    ]
