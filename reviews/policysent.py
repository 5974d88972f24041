"""Policies as programs send and get them: JSON, or TOML with its lines; what they are called beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Any

from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from audit.vault import house_digest
from cases.api.base import body_of
from cases.api.queries import InvalidQuery, words_of
from cases.definition.checks import Mistake, Path
from cases.idempotency import Call
from cases.validation import MOST_FAULTS, Fault, InvalidInput, faults_of, step, validator_of
from reviews.models import Proposal
from reviews.policyopenapi import PROPOSAL_SCHEMA, TEXTS_SCHEMA
from reviews.policytoml import LARGEST, Text, read_text, written

TOML = "application/toml"
PROPOSAL_VALIDATOR = validator_of(PROPOSAL_SCHEMA)
TEXTS_VALIDATOR = validator_of(TEXTS_SCHEMA)


class TomlParser(BaseParser):
    """`application/toml`: a policy by itself."""

    media_type = TOML

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The policy of the body with its lines, a `Text`; raises MalformedToml."""
        return read_text(stream.read())


class TomlRenderer(BaseRenderer):
    """`application/toml`: the policy of what is shown, by itself."""

    media_type = TOML
    format = "toml"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """TOML; a problem stays JSON, as its media type says."""
        context = dict(renderer_context or {})
        if context["response"].exception:
            return JSONRenderer().render(data, renderer_context=context)
        return written(data["policy"]).encode()


@dataclass(frozen=True, slots=True)
class Sent:
    """A policy as it was sent: with lines where it was TOML, else at a place in a JSON body."""

    text: Text
    toml: bool
    at: str = "#"
    title: str = ""
    reason: str = ""

    def faults(self, mistakes: Iterator[Mistake]) -> list[Fault]:
        """Mistakes by where they stand in what was sent: the first hundred."""
        return [self.fault(mistake) for mistake in islice(mistakes, MOST_FAULTS)]

    def fault(self, mistake: Mistake) -> Fault:
        """A mistake by its pointer, and by its line in TOML."""
        path: Path = mistake.path[1:]  # within the policy
        pointer = self.at
        for part in path:
            pointer = step(pointer, part)
        return Fault(pointer, "policy", mistake.words, self.text.line(path) if self.toml else None)


def read_policy_of(request: Request) -> Sent:
    """A policy by itself; raises MalformedToml, MalformedJson, InvalidInput."""
    body = body_of(request)
    if isinstance(body, Text):
        return Sent(body, toml=True)
    if not isinstance(body, dict):
        raise InvalidInput(Fault("#", "type", "must be of the type object"))
    return Sent(Text(body), toml=False)


def read_proposal(request: Request, before: Proposal | None = None) -> Sent:
    """A policy with its title and reason: in the body of JSON, in the query beside TOML.

    What the query of a change leaves out stays as it was. Raises InvalidQuery and InvalidInput.
    """
    body = body_of(request)
    texts = read_texts(request, toml=isinstance(body, Text))
    if isinstance(body, Text):
        if before is None and "title" not in texts:
            raise InvalidQuery(Fault("title", "required", "is required beside TOML"))
        known = {"title": before.title, "reason": before.reason} if before else {}
        return Sent(body, toml=True, **{**known, **texts})
    policy = body.get("policy") if isinstance(body, dict) else None
    faults = [*faults_of(PROPOSAL_VALIDATOR, body)]
    faults += [] if faults else [*title_faults(body["title"], "#/title")]
    if faults:
        raise InvalidInput(*faults)
    return Sent(
        Text(policy or {}), False, "#/policy", title=body["title"], reason=body.get("reason", "")
    )


def read_texts(request: Request, *, toml: bool) -> dict[str, str]:
    """The title and the reason of the query; raises InvalidQuery with all that is wrong."""
    wrong, texts = list[Fault](), dict[str, str]()
    for name, given in request.query_params.lists():
        if name not in TEXTS_SCHEMA["properties"]:
            wrong.append(Fault(words_of(name), "unknown", "is no parameter here"))
        elif not toml:
            wrong.append(Fault(name, "misplaced", "stands in the body of JSON"))
        elif len(given) > 1:
            wrong.append(Fault(name, "repeated", "may be given once only"))
        else:
            texts[name] = given[0]
    for fault in faults_of(TEXTS_VALIDATOR, texts):
        wrong.append(Fault(fault.pointer.removeprefix("#/"), fault.code, fault.detail))
    if not wrong:
        wrong += title_faults(texts.get("title", ""), "title")
    if wrong:
        raise InvalidQuery(*wrong)
    return texts


def title_faults(title: str, place: str) -> Iterator[Fault]:
    """What no schema can say of a title: it is one line, of what can be seen."""
    if not title.strip().isprintable():
        yield Fault(place, "line", "must be one line, of what can be seen")


def too_large(sent: Sent) -> Iterator[Fault]:
    """What is wrong with a sound policy in JSON that could not be sent as TOML for its size."""
    if not sent.toml and len(written(sent.text.content).encode()) > LARGEST:
        yield Fault(sent.at, "size", f"must be {LARGEST // 1024} KiB at most, as TOML")


def with_query(call: Call, request: Request) -> Call:
    """The call with its query as part of what the same key has to come with."""
    query = request.META.get("QUERY_STRING", "")
    return replace(
        call, fingerprint=house_digest("request", f"{call.fingerprint}?{query}".encode())
    )
