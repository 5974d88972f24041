"""A proposal's way as its events tell it: each step, whose it was, and when. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from audit.models import Event

WORDS: Mapping[str, str] = {
    "policy.drafted": gettext_noop("Drafted"),
    "policy.changed": gettext_noop("Changed"),
    "policy.signature_requested": gettext_noop("Asked to be signed"),
    "policy.request_recalled": gettext_noop("Taken back: a draft again"),
    "policy.signed": gettext_noop("Signed"),
    "policy.refused": gettext_noop("Refused"),
    "policy.activated": gettext_noop("Put in force"),
    "policy.activation_failed": gettext_noop("Not put in force: it no longer fits"),
    "policy.discarded": gettext_noop("Discarded"),
}
"""What each type of event of a proposal says."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `who` is empty where the house took it by itself."""

    words: str
    who: str
    at: datetime


def steps(events: Iterable[Event], people: Mapping[str, str]) -> Iterator[Step]:
    """The steps of a proposal, in their order; `people` are names by kind and id, as `user:7`."""
    for event in events:
        who = people.get(f"{event.actor_kind}:{event.actor_id}", "")
        yield Step(_(WORDS[event.type]), who, event.at)
