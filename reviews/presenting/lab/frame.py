"""What stands around each page of the lab: what holds the policy back, in words. Pure."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _

from reviews.presenting.reasons import reason_words
from reviews.standing import Standing


@dataclass(frozen=True, slots=True)
class Banner:
    """Something that holds automatic decisions back: `kind` is `bad` or `warn`."""

    kind: str
    title: str
    lines: tuple[str, ...]


def banners(standing: Standing) -> Iterator[Banner]:
    """What holds automatic decisions back now, the hardest first."""
    if standing.version is None:
        yield Banner("warn", _("No policy is active: every case goes to people."), ())
    elif standing.policy is None:
        words = _("The active policy does not fit the pipeline: every case goes to people.")
        yield Banner("bad", words, ())
    if standing.gate:
        yield Banner(
            "warn",
            _("Every case goes to people."),
            tuple(reason_words(asdict(reason)) for reason in standing.gate),
        )
