"""The form of an export: of each kind the filters that it has."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.models import Case, Pipeline
from inference.models import ModelVersion
from reviews.models import Export
from reviews.rights import rights_of
from reviews.trail.decisions import purposes_asked
from reviews.trail.exportjobs import FILTERS, FORMATS, may_have
from reviews.trail.selecting import Selection

Kind = Export.Kind
LARGEST = 2**31 - 1
"""What a version's number can be in the database."""


class PipelineField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for mypy alone
    """A choice of pipelines, by their names in the reader's language."""

    def label_from_instance(self, obj: Model) -> str:
        """The pipeline's name."""
        return gettext(str(obj))


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # as above
    """A choice of people, by their names."""

    def label_from_instance(self, obj: Any) -> str:
        """What the person is called."""
        return str(obj.shown_name)


class Day(forms.DateInput):
    """The browser's own control of a day, which writes and reads it as ISO 8601 has it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ExportForm(forms.Form):
    """What an auditor chooses. Fields that a kind has no use for are not there."""

    pipeline = PipelineField(
        Pipeline.objects.none(), to_field_name="slug", empty_label=None, label=_("Pipeline")
    )
    since = forms.DateField(required=False, label=_("From"), widget=Day)
    until = forms.DateField(required=False, label=_("Until"), widget=Day)
    case = forms.CharField(required=False, max_length=200, label=_("Case, by its reference or id"))
    reviewer = PersonField(
        User.objects.none(), required=False, empty_label=_("Anybody"), label=_("Person")
    )
    outcome = forms.ChoiceField(required=False, label=_("Outcome"))
    override = forms.ChoiceField(
        required=False,
        label=_("Override"),
        choices=[("", _("Any")), ("true", _("Overridden")), ("false", _("Not overridden"))],
    )
    policy_version = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST, label=_("Policy version")
    )
    model_version = forms.ChoiceField(required=False, label=_("Model version"))
    purpose = forms.ChoiceField(required=False, label=_("Explanations needed for"))
    format = forms.ChoiceField(label=_("Format"))
    superseded = forms.BooleanField(required=False, label=_("With superseded decisions"))
    events = forms.BooleanField(required=False, label=_("With the events of these cases"))

    def __init__(
        self, *args: Any, kind: str, pipelines: QuerySet[Pipeline], person: User, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.person, self.pipelines = person, list(pipelines)
        mine = rights_of(person)
        self.kinds = [
            each for each in Kind if each != Kind.TRAIL or may_have(Kind.TRAIL, None, mine)
        ]
        self.known = kind in self.kinds
        self.kind = Kind(kind) if self.known else Kind.DECISIONS
        self.keep_own_fields()
        self.offer("format", [(each.value, each.label) for each in FORMATS[self.kind]])
        if "pipeline" in self.fields:
            self.fields["pipeline"].queryset = pipelines  # type: ignore[attr-defined]  # stubs: Field
        self.offer_what_there_is()

    def keep_own_fields(self) -> None:
        """Leaves out what this kind can't be narrowed by, and purposes where none has to be named."""
        own = {*FILTERS[self.kind], "format"}
        if not self.purposes():
            own.discard("purpose")
        for name in set(self.fields) - own:
            del self.fields[name]
        if self.kind == Kind.CASE:
            self.fields["case"].required = True
            if "purpose" in self.fields:
                self.fields["purpose"].label = _("Personal data needed for")

    def offer_what_there_is(self) -> None:
        """Fills the choices with what the person's pipelines have."""
        definitions = [one.current.definition for one in self.pipelines if one.current]
        outcomes = {each.name: gettext(each.label) for one in definitions for each in one.outcomes}
        self.offer("outcome", [("", gettext("Any")), *outcomes.items()])
        versions = ModelVersion.objects.select_related("model").order_by("model__name", "number")
        names = [f"{version.model.name} {version.number}" for version in versions]
        self.offer("model_version", [("", gettext("Any")), *((name, name) for name in names)])
        nothing = ("", gettext("Nothing: leave them masked"))
        self.offer("purpose", [nothing, *((name, gettext(name)) for name in self.purposes())])
        if "reviewer" in self.fields:
            self.fields["reviewer"].queryset = self.people()  # type: ignore[attr-defined]  # as above

    def offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Sets the choices of a field, where it is there."""
        if name in self.fields:
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # stubs: Field

    def people(self) -> QuerySet[User]:
        """Who can be chosen: everybody who signs in; of decisions, who has judged a case."""
        if self.kind == Kind.ACCESS:
            return User.objects.order_by("last_name", "username")
        judged = Q(reviews__case__pipeline__in=self.pipelines)
        return User.objects.filter(judged).distinct().order_by("last_name", "username")

    def purposes(self) -> list[str]:
        """The purposes that the person may name."""
        asked = (purpose for one in self.pipelines for purpose in purposes_asked(self.person, one))
        return list(dict.fromkeys(asked))

    def clean(self) -> dict[str, Any]:
        """There is such a kind; no end comes before its beginning; the pipeline has purpose and case."""
        asked: dict[str, Any] = super().clean() or {}
        if not self.known:
            self.add_error(None, _("There is no such export, or it is not for you."))
        if asked.get("since") and asked.get("until") and asked["until"] < asked["since"]:
            self.add_error("until", _("This is before the first day."))
        pipeline = asked.get("pipeline")
        if asked.get("purpose") and asked["purpose"] not in purposes_asked(self.person, pipeline):
            self.add_error("purpose", _("That is no purpose of the chosen pipeline."))
        if asked.get("case") and pipeline:
            asked["case"] = self.case_called(asked["case"], pipeline)
        return asked

    def case_called(self, called: str, pipeline: Pipeline) -> UUID | None:
        """The case of that reference or id; says so where there is none, or several."""
        found = Case.objects.filter(pipeline=pipeline)
        try:
            found = found.filter(pk=UUID(called))
        except ValueError:
            found = found.filter(reference=called)
        ids = list(found.values_list("pk", flat=True)[:2])
        if len(ids) == 1:
            return ids[0]
        none, several = _("The pipeline has no such case."), _("Several cases: take one's id.")
        self.add_error("case", several if ids else none)
        return None

    def boxes(self) -> Iterator[forms.BoundField]:
        """The fields that are ticked."""
        return (field for field in self if isinstance(field.field, forms.BooleanField))

    def others(self) -> Iterator[forms.BoundField]:
        """The fields that are filled in or chosen."""
        return (field for field in self if not isinstance(field.field, forms.BooleanField))

    @property
    def selection(self) -> Selection:
        """What was asked for."""
        asked = {name: value or None for name, value in self.cleaned_data.items()}
        del asked["format"]
        if reviewer := asked.get("reviewer"):
            asked["reviewer"] = reviewer.pk
        if override := asked.get("override"):
            asked["override"] = override == "true"
        return Selection(**asked)
