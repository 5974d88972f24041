"""What is owed to the people whom cases are about: time, signatures, notices. Pure data, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RetentionSpec:
    """How long things are kept, in months of the calendar; what is not named stays for good.

    `case_months` after a case was closed all that is personal in it may go. `event_months` says the same
    of events, by their class (`audit.eventclasses`), from the time of each.
    """

    case_months: int | None = None
    event_months: Mapping[str, int] = field(default_factory=dict)


KEPT_FOR_GOOD = RetentionSpec()


@dataclass(frozen=True, slots=True)
class SignatureSpec:
    """Verdicts are signed: what the signature means, and of which outcomes it is asked; all where empty."""

    meaning: str
    outcomes: tuple[str, ...] = ()

    def asks(self, outcome: str) -> bool:
        """Whether a verdict for `outcome` has to be signed."""
        return not self.outcomes or outcome in self.outcomes


@dataclass(frozen=True, slots=True)
class AdverseSpec:
    """What a person is owed who gets an adverse outcome: a notice, in days from the case's receipt.

    From `escalate_days` on supervisors hear of it. The `letter` is filled in with `{person}`,
    `{reference}`, `{received}`, `{decided}`, `{outcome}`, `{reasons}` and `{sender}`; `address` is the
    pointer to where it goes.
    """

    letter: str
    sender: str
    notice_days: int = 30
    escalate_days: int = 20
    address: str | None = None


@dataclass(frozen=True, slots=True)
class ExportsSpec:
    """Whether each export of the pipeline's cases waits for the approval of a second person."""

    approval: bool = False


UNAPPROVED = ExportsSpec()
