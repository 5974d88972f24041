"""How the API shows things; each serializer is also their schema in the OpenAPI document."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from cases.models import Case, Decision, Priority, Status


class ReasonShown(serializers.Serializer[Any]):
    """A reason of a decision."""

    code = serializers.CharField()
    text = serializers.CharField()


@extend_schema_serializer(component_name="Decision")
class DecisionShown(serializers.Serializer[Decision]):
    """A case's current outcome."""

    id = serializers.IntegerField()
    outcome = serializers.CharField()
    label = serializers.SerializerMethodField(  # type: ignore[assignment]  # a field, not its label
        help_text="The outcome in words."
    )
    adverse = serializers.BooleanField(help_text="Whether it goes against whom the case is about.")
    made_by = serializers.ChoiceField(Decision.MadeBy.choices)
    reasons = serializers.SerializerMethodField()
    decided_at = serializers.DateTimeField()
    reply = serializers.SerializerMethodField(
        help_text="Where to read what the person is told, if anything: 404 if not."
    )

    def get_reply(self, decision: Decision) -> str:
        """The address of the reply."""
        return reverse("api:reply", args=[decision.case_id])

    def get_label(self, decision: Decision) -> str:
        """The outcome's own label."""
        return decision.case.definition.outcome(decision.outcome).label

    @extend_schema_field(ReasonShown(many=True))
    def get_reasons(self, decision: Decision) -> list[dict[str, str]]:
        """The reasons in the pipeline's own words; a policy's codes are words already."""
        texts = {reason.code: reason.text for reason in decision.case.definition.reasons}
        return [
            {"code": code, "text": texts.get(code, code.replace("_", " ").capitalize())}
            for code in decision.reason_codes
        ]


@extend_schema_serializer(component_name="Document")
class DocumentShown(serializers.Serializer[Any]):
    """A paper, without its content and its name."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    media_type = serializers.CharField(help_text="As judged by its content.")
    size = serializers.IntegerField(help_text="Bytes.")
    pages = serializers.IntegerField(source="page_count")


@extend_schema_serializer(component_name="CaseSummary")
class CaseListed(serializers.Serializer[Case]):
    """A case in a list."""

    id = serializers.UUIDField()
    reference = serializers.CharField(help_text="Your own id of it.")
    pipeline = serializers.CharField(source="pipeline.slug")
    pipeline_version = serializers.IntegerField(source="pipeline_version.number")
    status = serializers.ChoiceField(Status.choices)
    version = serializers.IntegerField(help_text="Rises with each change; the ETag.")
    priority = serializers.ChoiceField(Priority.choices)
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    erased_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Since when all that was personal in it is gone; its reference tells nothing then.",
    )
    decision = serializers.SerializerMethodField()

    @extend_schema_field(DecisionShown(allow_null=True))
    def get_decision(self, case: Case) -> dict[str, Any] | None:
        """The current decision, where there is one."""
        return DecisionShown(case.current[0]).data if case.current else None


@extend_schema_serializer(component_name="Case")
class CaseShown(CaseListed):
    """A case by itself."""

    documents = serializers.SerializerMethodField()

    @extend_schema_field(DocumentShown(many=True))
    def get_documents(self, case: Case) -> list[dict[str, Any]]:
        """The papers in the order they were sent."""
        return list(DocumentShown(case.papers, many=True).data)


CASE = CaseShown()
"""Made once: a serializer copies all its fields whenever it is made."""


@extend_schema_serializer(component_name="CasePage")
class CasePage(serializers.Serializer[Any]):
    """A page of cases."""

    items = CaseListed(many=True)
    next = serializers.CharField(
        allow_null=True, help_text="The address of the next page, until there is none."
    )


class WebhookShown(serializers.Serializer[Any]):
    """Where you want to hear of decisions."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    created_at = serializers.DateTimeField()
    disabled_at = serializers.DateTimeField(
        allow_null=True, help_text="When it answered 410; rotating its secret wakes it."
    )


class WebhookMade(WebhookShown):
    """A webhook with its new secret, which is shown this once."""

    secret = serializers.CharField()


class PipelineListed(serializers.Serializer[Any]):
    """A kind of case that you may post."""

    slug = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField()


class DocumentKind(serializers.Serializer[Any]):
    """A kind of paper that a case brings."""

    kind = serializers.CharField()
    name = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a field like any other


class OutcomeShown(serializers.Serializer[Any]):
    """An answer that a case can end with."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field like any other
    adverse = serializers.BooleanField()


class PipelineShown(PipelineListed):
    """All that is needed to post such a case."""

    schema = serializers.DictField(help_text="JSON Schema (2020-12) of `data`.")
    documents = DocumentKind(many=True)
    outcomes = OutcomeShown(many=True)
    reasons = ReasonShown(many=True)
    sla_minutes = serializers.DictField(child=serializers.IntegerField())
