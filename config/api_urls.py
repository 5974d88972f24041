"""The addresses for programs: the API with its documentation, its problems, and the house's health."""

from django.urls import path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularJSONAPIView

from cases.api.cases import CasesView, CaseView, DecisionView, WithdrawalView
from cases.api.pipelines import PipelinesView, PipelineView
from cases.api.trail import (
    CheckpointOfSizeView,
    CheckpointView,
    ConsistencyView,
    InclusionView,
    KeysView,
)
from cases.api.webhooks import RotationView, WebhooksView, WebhookView
from cases.fhir.views import (
    CommunicationsView,
    CommunicationView,
    MetadataView,
    TransactionView,
    UnknownView,
)
from config import errors, health
from reviews.api import AnswerView, InformationRequestsView, ReplyView
from reviews.fhir import TasksView, TaskView
from reviews.fhirslots import SlotView
from reviews.noticeapi import ContestView, NoticeSentView, NoticeView
from reviews.policyapi import (
    ActivePolicyView,
    CheckView,
    ProposalsView,
    ProposalView,
    VersionsView,
    VersionView,
)
from reviews.receiptapi import ReceiptView

app_name = "api"
urlpatterns = [
    path("api/v1/cases", CasesView.as_view(), name="cases"),
    path("api/v1/cases/<uuid:case_id>", CaseView.as_view(), name="case"),
    path("api/v1/cases/<uuid:case_id>/decision", DecisionView.as_view(), name="decision"),
    path("api/v1/cases/<uuid:case_id>/withdraw", WithdrawalView.as_view(), name="withdraw"),
    path("api/v1/cases/<uuid:case_id>/notice", NoticeView.as_view(), name="notice"),
    path("api/v1/cases/<uuid:case_id>/notice/sent", NoticeSentView.as_view(), name="notice_sent"),
    path("api/v1/cases/<uuid:case_id>/contest", ContestView.as_view(), name="contest"),
    path("api/v1/cases/<uuid:case_id>/reply", ReplyView.as_view(), name="reply"),
    path("api/v1/cases/<uuid:case_id>/receipt", ReceiptView.as_view(), name="receipt"),
    path(
        "api/v1/cases/<uuid:case_id>/information-requests",
        InformationRequestsView.as_view(),
        name="information_requests",
    ),
    path(
        "api/v1/cases/<uuid:case_id>/information-requests/<uuid:request_id>/answer",
        AnswerView.as_view(),
        name="answer",
    ),
    path("api/v1/pipelines", PipelinesView.as_view(), name="pipelines"),
    path("api/v1/pipelines/<slug:slug>", PipelineView.as_view(), name="pipeline"),
    path("api/v1/pipelines/<slug:slug>/policy", ActivePolicyView.as_view(), name="policy"),
    path("api/v1/pipelines/<slug:slug>/policy/check", CheckView.as_view(), name="policy_check"),
    path(
        "api/v1/pipelines/<slug:slug>/policy/versions",
        VersionsView.as_view(),
        name="policy_versions",
    ),
    path(
        "api/v1/pipelines/<slug:slug>/policy/versions/<int:number>",
        VersionView.as_view(),
        name="policy_version",
    ),
    path(
        "api/v1/pipelines/<slug:slug>/policy/proposals", ProposalsView.as_view(), name="proposals"
    ),
    path(
        "api/v1/pipelines/<slug:slug>/policy/proposals/<int:proposal_id>",
        ProposalView.as_view(),
        name="proposal",
    ),
    path("api/v1/webhooks", WebhooksView.as_view(), name="webhooks"),
    path("api/v1/webhooks/<uuid:webhook_id>", WebhookView.as_view(), name="webhook"),
    path("api/v1/webhooks/<uuid:webhook_id>/rotate", RotationView.as_view(), name="rotate"),
    path("api/v1/trail/checkpoint", CheckpointView.as_view(), name="checkpoint"),
    path(
        "api/v1/trail/checkpoint/<int:size>",
        CheckpointOfSizeView.as_view(),
        name="checkpoint_of_size",
    ),
    path("api/v1/trail/inclusion", InclusionView.as_view(), name="inclusion"),
    path("api/v1/trail/consistency", ConsistencyView.as_view(), name="consistency"),
    path("api/v1/trail/keys", KeysView.as_view(), name="trail_keys"),
    path("api/v1/openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("api/v1/fhir", TransactionView.as_view(), name="fhir"),
    path("api/v1/fhir/", TransactionView.as_view()),
    path("api/v1/fhir/metadata", MetadataView.as_view(), name="fhir_metadata"),
    path("api/v1/fhir/Communication", CommunicationsView.as_view(), name="fhir_messages"),
    path("api/v1/fhir/Communication/<str:case_id>", CommunicationView.as_view()),
    path("api/v1/fhir/Task", TasksView.as_view(), name="fhir_tasks"),
    path("api/v1/fhir/Task/<str:case_id>", TaskView.as_view(), name="fhir_task"),
    path("api/v1/fhir/Slot/<str:slot_id>", SlotView.as_view(), name="fhir_slot"),
    path("api/v1/fhir/<path:rest>", UnknownView.as_view()),
    path("api/docs/", TemplateView.as_view(template_name="api_docs.html"), name="docs"),
    path("problems/<slug:name>", errors.explanation, name="problem"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("health/trail", health.trail, name="trail_health"),
]
