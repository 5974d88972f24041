"""Policies as programs read and propose them: parse, call one act, present. Signing is for people."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import Scope
from cases import idempotency
from cases.api.base import ApiView
from cases.api.cases import call_of, refused, rendered
from cases.api.headers import versions_to_match
from cases.api.parsing import StrictJsonParser
from cases.api.pipelines import granted
from cases.definition.checks import Mistake
from cases.idempotency import Answer
from cases.models import Pipeline
from cases.validation import Fault, InvalidInput
from reviews import policyopenapi as openapi
from reviews.models import PolicyVersion, Proposal
from reviews.policies import active_policy, definition_of, faults_for
from reviews.policychecks import remarks
from reviews.policydiff import Difference, differences
from reviews.policysent import (
    Sent,
    TomlParser,
    TomlRenderer,
    read_policy_of,
    read_proposal,
    too_large,
    with_query,
)
from reviews.policytoml import Text
from reviews.proposals import Outdated, against_active
from reviews.proposing import change_proposal, discard_proposal, draft_proposal
from reviews.routing import InvalidPolicy


class PolicyView(ApiView):
    """What all views of a pipeline's policy have in common."""

    http_method_names = ("get", "head", "post", "put", "delete")
    parser_classes = (StrictJsonParser, TomlParser)

    def pipeline(self, request: Request, slug: str) -> Pipeline:
        """The pipeline, where it is granted to the client; raises Pipeline.DoesNotExist."""
        return granted(request).get(slug=slug)


class ActivePolicyView(PolicyView):
    """The policy that is in force."""

    scopes: ClassVar = {"GET": Scope.POLICIES}
    renderer_classes = (JSONRenderer, TomlRenderer)

    @openapi.read_policy
    def get(self, request: Request, slug: str) -> Response:
        """Shows it; 404 where the pipeline has none."""
        version = active_policy(self.pipeline(request, slug))
        if version is None:
            raise Http404("no policy is in force")
        return Response(openapi.VersionShown(shown_version(version)).data)


class VersionsView(PolicyView):
    """All that was ever in force."""

    scopes: ClassVar = {"GET": Scope.POLICIES}

    @openapi.list_versions
    def get(self, request: Request, slug: str) -> Response:
        """Lists the versions, the newest first."""
        rows = versions_of(self.pipeline(request, slug)).order_by("-number")
        items = [openapi.VersionListed(shown_version(version)).data for version in rows]
        return Response({"items": items})


class VersionView(PolicyView):
    """One version."""

    scopes: ClassVar = {"GET": Scope.POLICIES}
    renderer_classes = (JSONRenderer, TomlRenderer)

    @openapi.read_version
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Shows it."""
        version = versions_of(self.pipeline(request, slug)).get(number=number)
        return Response(openapi.VersionShown(shown_version(version)).data)


class CheckView(PolicyView):
    """A policy tried on paper."""

    scopes: ClassVar = {"POST": Scope.POLICIES}

    @openapi.check_policy
    def post(self, request: Request, slug: str) -> Response:
        """Says what a policy would change; raises InvalidInput with all that is wrong with it."""
        pipeline = self.pipeline(request, slug)
        sent = read_policy_of(request)
        check(pipeline, sent)
        active = active_policy(pipeline)
        found = differences(
            active.content if active else {}, sent.text.content, definition_of(pipeline)
        )
        data = {
            "active": active.number if active else None,
            "differences": found,
            "mistakes": shown_faults(sent.faults(strange(pipeline, sent.text.content))),
        }
        return Response(openapi.CheckShown(data).data)


class ProposalsView(PolicyView):
    """A client's proposals."""

    scopes: ClassVar = {"GET": Scope.POLICIES, "POST": Scope.POLICIES}

    @openapi.list_proposals
    def get(self, request: Request, slug: str) -> Response:
        """Lists those that the client drafted, the newest first."""
        rows = proposals_of(request, slug).order_by("-pk")
        items = [openapi.ProposalListed(listed(proposal)).data for proposal in rows]
        return Response({"items": items})

    @openapi.draft_proposal
    def post(self, request: Request, slug: str) -> HttpResponse:
        """Drafts a proposal, once for each Idempotency-Key."""
        pipeline = self.pipeline(request, slug)
        call = with_query(call_of(request, f"POST proposal {slug}"), request)
        answer = idempotency.once(call, lambda: self.answer(request, pipeline))
        response = HttpResponse(answer.body, status=answer.status_code, headers=answer.headers)
        if answer.replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    def answer(self, request: Request, pipeline: Pipeline) -> Answer:
        """What drafting is answered; a refusal is an answer like any other."""
        try:
            sent = read_proposal(request)
            check(pipeline, sent)
            proposal = draft_proposal(
                pipeline,
                sent.text.content,
                title=sent.title,
                reason=sent.reason,
                by=client_of(request),
            )
        except InvalidPolicy as error:
            return refused(self, InvalidInput(Fault("#", "policy", str(error))))
        except Exception as error:
            return refused(self, error)
        location = reverse("api:proposal", args=[pipeline.slug, proposal.pk])
        headers = {"Content-Type": "application/json", "Location": location, "ETag": etag(proposal)}
        return Answer(201, rendered(shown_proposal(proposal, sent)), headers)


class ProposalView(PolicyView):
    """One proposal of a client's."""

    scopes: ClassVar = {"GET": Scope.POLICIES, "PUT": Scope.POLICIES, "DELETE": Scope.POLICIES}
    renderer_classes = (JSONRenderer, TomlRenderer)

    @openapi.read_proposal
    def get(self, request: Request, slug: str, proposal_id: int) -> Response:
        """Shows it as it stands, with how it differs from the policy that is in force now."""
        proposal = proposals_of(request, slug).get(pk=proposal_id)
        return Response(shown_proposal(proposal), headers={"ETag": etag(proposal)})

    @openapi.change_proposal
    def put(self, request: Request, slug: str, proposal_id: int) -> Response:
        """Changes a draft that is still as the client saw it."""
        revisions = versions_to_match(request.headers.get("If-Match"))
        proposal = proposals_of(request, slug).get(pk=proposal_id)
        sent = read_proposal(request, proposal)
        check(proposal.pipeline, sent)
        check_seen(proposal, revisions)
        try:
            proposal = change_proposal(
                proposal.pk,
                sent.text.content,
                title=sent.title,
                reason=sent.reason,
                revision=proposal.revision,
                by=client_of(request),
            )
        except InvalidPolicy as error:
            raise InvalidInput(Fault("#", "policy", str(error))) from error
        return Response(shown_proposal(proposal, sent), headers={"ETag": etag(proposal)})

    @openapi.discard_proposal
    def delete(self, request: Request, slug: str, proposal_id: int) -> Response:
        """Discards a draft that is still as the client saw it."""
        revisions = versions_to_match(request.headers.get("If-Match"))
        proposal = proposals_of(request, slug).get(pk=proposal_id)
        check_seen(proposal, revisions)
        discard_proposal(proposal.pk, by=client_of(request))
        return Response(status=204)


def check_seen(proposal: Proposal, revisions: set[int] | None) -> None:
    """Raises Outdated where the sender has seen other revisions; None is any."""
    if revisions is not None and proposal.revision not in revisions:
        raise Outdated("")


# ---------------------------------------------------------------- checked


def check(pipeline: Pipeline, sent: Sent) -> None:
    """Raises InvalidInput with all that is wrong with the policy for the pipeline."""
    faults = sent.faults(faults_for(pipeline, sent.text.content)) or [*too_large(sent)]
    if faults:
        raise InvalidInput(*faults)


def strange(pipeline: Pipeline, content: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is wrong with a policy, or else what of it is sound and yet not meant."""
    wrong = list(faults_for(pipeline, content))
    yield from wrong or remarks(content, definition_of(pipeline))


# ---------------------------------------------------------------- what is shown


def versions_of(pipeline: Pipeline) -> QuerySet[PolicyVersion]:
    """The versions of a pipeline's policy, with what is shown of them."""
    rows = PolicyVersion.objects.filter(pipeline=pipeline, activated_at__isnull=False)
    return rows.select_related("restores", "proposal")


def proposals_of(request: Request, slug: str) -> QuerySet[Proposal]:
    """What the client itself proposed for a pipeline that is granted to it."""
    pipeline = granted(request).get(slug=slug)
    rows = Proposal.objects.filter(pipeline=pipeline, drafted_by_client=client_of(request))
    return rows.select_related("pipeline__current", "base", "version")


def etag(proposal: Proposal) -> str:
    """The strong entity tag of a proposal: its revision."""
    return f'"{proposal.revision}"'


def shown_version(version: PolicyVersion) -> dict[str, Any]:
    """A version as it is shown."""
    proposal = Proposal.objects.filter(version=version).first()
    return {
        "number": version.number,
        "active": version.active,
        "activated_at": version.activated_at,
        "restores": version.restores.number if version.restores else None,
        "title": proposal.title if proposal else "",
        "reason": proposal.reason if proposal else version.reason,
        "policy": version.content,
    }


def listed(proposal: Proposal) -> dict[str, Any]:
    """A proposal in a list."""
    return {
        **{name: getattr(proposal, name) for name in openapi.PLAIN},
        "pipeline": proposal.pipeline.slug,
        "base": proposal.base.number if proposal.base else None,
        "version": proposal.version.number if proposal.version else None,
    }


def shown_proposal(proposal: Proposal, sent: Sent | None = None) -> Any:
    """A proposal as it is shown: against the policy in force, with what is wrong by now, or strange."""
    active = active_policy(proposal.pipeline)
    place = sent or Sent(Text(proposal.content), toml=False, at="#/policy")
    found: tuple[Difference, ...] = ()
    mistakes = place.faults(strange(proposal.pipeline, proposal.content))
    if not any(faults_for(proposal.pipeline, proposal.content)):
        found = against_active(proposal)
    data = {
        **listed(proposal),
        "active": active.number if active else None,
        "differences": found,
        "mistakes": shown_faults(mistakes),
        "policy": proposal.content,
    }
    return openapi.ProposalShown(data).data


def shown_faults(faults: list[Fault]) -> list[dict[str, Any]]:
    """Mistakes as an answer has them."""
    return [
        {
            "pointer": each.pointer,
            "detail": each.detail,
            **({"line": each.line} if each.line else {}),
        }
        for each in faults
    ]
