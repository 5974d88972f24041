"""The forms that set a case aside: until a day, or until the upstream answers a question."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from cases.definition import Definition
from reviews.asking import Question
from reviews.casefile import CaseFile
from reviews.holding import LONGEST


@dataclass(frozen=True, slots=True)
class Preset:
    """A day that is often chosen."""

    label: str
    day: date


class AsideForm(forms.Form):
    """Until when a case is set aside: tomorrow at the earliest."""

    until = forms.DateField(label=lazy("Follow up on"), input_formats=["%Y-%m-%d"])

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        today = localdate(now)
        self.first, self.last = today + timedelta(days=1), today + LONGEST
        self.presets = [
            Preset(_("1 day"), self.first),
            Preset(_("3 days"), today + timedelta(days=3)),
            Preset(_("1 week"), today + timedelta(days=7)),
        ]
        self.fields["until"].initial = self.first
        self.fields["until"].widget = forms.DateInput(
            {"type": "date", "class": "control", "min": self.first, "max": self.last}, "%Y-%m-%d"
        )

    def clean_until(self) -> datetime:
        """The beginning of that day, where the person is."""
        chosen = self.cleaned_data["until"]
        if not self.first <= chosen <= self.last:
            raise forms.ValidationError(_("Choose a day from tomorrow to 90 days ahead."))
        return make_aware(datetime.combine(chosen, time.min))


class HoldForm(AsideForm):
    """Why a case is set aside."""

    words = forms.CharField(
        label=lazy("Why it has to wait"),
        max_length=1000,
        widget=forms.Textarea({"class": "control", "rows": 2, "data-act": "hold"}),
    )


class AskForm(AsideForm):
    """What the upstream is asked, and which papers and fields it is about."""

    words = forms.CharField(
        label=lazy("Your question"),
        max_length=2000,
        widget=forms.Textarea({"class": "control", "rows": 3, "data-act": "ask"}),
    )

    def __init__(self, *args: Any, definition: Definition, **options: Any) -> None:
        super().__init__(*args, **options)
        papers = [(spec.kind, spec.name) for spec in definition.documents]
        fields = [(spec.name, spec.label) for spec in definition.fields]
        for name, label, choices in (
            ("papers", _("Papers that it concerns"), papers),
            ("read_fields", _("Fields that it concerns"), fields),
        ):
            self.fields[name] = forms.MultipleChoiceField(
                label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    @property
    def about(self) -> Iterator[forms.BoundField]:
        """The papers and the fields to choose from, where the pipeline has any."""
        return (self[name] for name in ("papers", "read_fields") if len(self[name]))

    @property
    def question(self) -> Question:
        """What was asked."""
        asked = self.cleaned_data
        return Question(asked["words"], tuple(asked["papers"]), tuple(asked["read_fields"]))


def aside_forms(file: CaseFile) -> dict[str, AsideForm]:
    """Both forms, empty, as the workbench shows them."""
    return {
        "hold_form": HoldForm(now=file.now, auto_id="hold_%s"),
        "ask_form": AskForm(now=file.now, definition=file.definition, auto_id="ask_%s"),
    }
