"""The reply beside the verdict: what may be offered, how the person is told, and what is not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from cases.definition import Definition, OutcomeSpec
from cases.definition.wording import APPOINTMENT, NAME, filled, orders_in
from reviews.models import Commitment, Reply, Slot
from reviews.offering import Offerable
from reviews.presenting.appointments import at_the_clinic, day_and_time, told_time
from reviews.slots import spread
from reviews.verdicts import NO_REPLY, ReplyWords

OWN = "own"
"""What stands for a reply that began with no template."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text to begin with; what is known stands in it already."""

    name: str
    label: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Window:
    """An appointment that can be proposed; `told` is how the reply names it."""

    id: UUID
    time: str
    service: str
    place: str
    clinic: str
    told: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A way by which the person can be told."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """The reply to one outcome. `timed`: it has appointments, of which `windows` may be none."""

    outcome: str
    label: str
    templates: tuple[Template, ...]
    timed: bool
    windows: tuple[Window, ...]
    ways: tuple[Way, ...]
    text: str
    own: bool
    orders: tuple[str, ...]
    stands: bool

    @property
    def chosen_window(self) -> bool:
        """Whether an appointment is chosen."""
        return any(window.chosen for window in self.windows)

    @property
    def way_chosen(self) -> bool:
        """Whether it is settled how the person is told."""
        return any(way.chosen for way in self.ways)


@dataclass(frozen=True, slots=True)
class ReplyPanel:
    """The replies by outcome, in the outcomes' order; `unknown` says what no reply can build on."""

    consent: bool
    asks_consent: str
    unknown: tuple[str, ...]
    replies: tuple[ReplyTo, ...]

    @property
    def asked(self) -> bool:
        """Whether there is anything to choose."""
        return any(each.templates or each.timed for each in self.replies)


def reply_panel(
    definition: Definition,
    draft: Mapping[str, Any],
    offered: Offerable | None,
    committed: Commitment | None,
) -> ReplyPanel | None:
    """The replies that can be given, as far as the reviewer has one; None where nothing is `offered`.

    What they `committed` to stands where they choose nothing else: its reply is in sight then.
    """
    if offered is None:
        return None
    standing = committed.outcome if committed else ""
    words = ReplyWords.of(draft.get("reply"))
    begun = draft.get("outcome") or standing
    return ReplyPanel(
        consent=offered.consent,
        asks_consent=_(definition.consent.label) if definition.consent else "",
        unknown=offered.unknown,
        replies=tuple(
            reply_to(
                spec,
                definition,
                words if spec.name == begun else NO_REPLY,
                offered,
                stands=spec.name == standing,
            )
            for spec in definition.outcomes
        ),
    )


def reply_to(
    spec: OutcomeSpec,
    definition: Definition,
    words: ReplyWords,
    offered: Offerable,
    *,
    stands: bool,
) -> ReplyTo:
    """The reply to one outcome."""
    windows = windows_for(spec, words, offered)
    told = next((window.told for window in windows if window.chosen), "")
    known = {NAME: offered.name, APPOINTMENT: told}
    text = filled(words.text, known)
    return ReplyTo(
        outcome=spec.name,
        label=_(spec.label),
        templates=tuple(
            Template(
                each.name,
                _(each.label),
                filled(each.text.strip(), {NAME: offered.name}),
                chosen=bool(words) and words.template == each.name,
            )
            for each in definition.replies
            if spec.name in each.outcomes
        ),
        timed=spec.appointment_minutes is not None,
        windows=windows,
        ways=ways(spec, words, consent=offered.consent),
        text=text,
        own=bool(words.text) and words.template in ("", OWN),
        orders=tuple(orders_in(text)),
        stands=stands,
    )


def windows_for(spec: OutcomeSpec, words: ReplyWords, offered: Offerable) -> tuple[Window, ...]:
    """The appointments to propose for an outcome, with the one that was chosen if it is still free."""
    if spec.appointment_minutes is None:
        return ()
    until = offered.now + timedelta(minutes=spec.appointment_minutes)
    proposed = spread(offered.slots, until, get_current_timezone())
    chosen = [slot for slot in offered.slots if str(slot.pk) == words.slot and slot not in proposed]
    slots = sorted([*proposed, *chosen], key=lambda slot: slot.starts_at)
    return tuple(window(slot, chosen=str(slot.pk) == words.slot) for slot in slots)


def window(slot: Slot, *, chosen: bool) -> Window:
    """A slot in words."""
    return Window(
        id=slot.pk,
        time=day_and_time(slot),
        service=slot.service,
        place=slot.place,
        clinic=at_the_clinic(slot),
        told=told_time(slot),
        chosen=chosen,
    )


def ways(spec: OutcomeSpec, words: ReplyWords, *, consent: bool) -> tuple[Way, ...]:
    """How the person can be told: where it is urgent by phone first, and by itself only with consent."""
    usual = Reply.Contact.PHONE if spec.urgent else Reply.Contact.AUTOMATED if consent else ""
    contact = words.contact or usual
    offered: Sequence[Reply.Contact] = [
        each for each in Reply.Contact if consent or each is not Reply.Contact.AUTOMATED
    ]
    return tuple(Way(each.value, str(each.label), chosen=each == contact) for each in offered)
