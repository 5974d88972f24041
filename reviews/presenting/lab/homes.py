"""The lab's home: each pipeline's policy at a glance. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _

from cases.definition import Definition
from cases.models import Pipeline
from reviews.automation import DAYS, Automation
from reviews.presenting.formats import count, decimals, percentage
from reviews.presenting.lab.policywords import Line, automatic
from reviews.presenting.lab.versions import ProposalLine, VersionLine, version_line
from reviews.presenting.reasons import reason_words
from reviews.standing import Standing


@dataclass(frozen=True, slots=True)
class PipelineCard:
    """A pipeline: its policy, what it automates, what its gate says, and what waits to be signed."""

    slug: str
    name: str
    may_change: bool
    version: VersionLine | None
    automatic: tuple[Line, ...]
    share: str
    routed: str
    labels: str
    gate: str
    gate_open: bool | None
    stopped: str
    to_sign: tuple[ProposalLine, ...]
    drafts: int
    asked: int
    wrong: int


def card(
    pipeline: Pipeline,
    standing: Standing,
    measured: Automation,
    *,
    may_change: bool,
    to_sign: Sequence[ProposalLine],
    drafts: int,
    asked: int,
    wrong: int,
) -> PipelineCard:
    """A pipeline's card; `wrong` are the samples of the last days on which people judged otherwise."""
    definition = pipeline.current.definition if pipeline.current else None
    return PipelineCard(
        slug=pipeline.slug,
        name=_(pipeline.name),
        may_change=may_change,
        version=version_line(standing.version) if standing.version else None,
        automatic=decides(standing, definition),
        share=automated(measured),
        routed=count(measured.routed),
        labels=count(measured.labelled),
        gate=gate_words(standing),
        gate_open=None if standing.live is None else not standing.gate,
        stopped=standing.stopped,
        to_sign=tuple(to_sign),
        drafts=drafts,
        asked=asked,
        wrong=wrong,
    )


def decides(standing: Standing, definition: Definition | None) -> tuple[Line, ...]:
    """From which confidence on each outcome is automatic."""
    if standing.version is None or definition is None:
        return ()
    content = standing.version.content
    return tuple(automatic(content, spec) for spec in definition.outcomes)


def automated(measured: Automation) -> str:
    """The share of the last cases that was decided without a person; a dash where there were none."""
    if not measured.routed:
        return "–"
    return percentage(round(100 * measured.automatic / measured.routed, 1))


def gate_words(standing: Standing) -> str:
    """What the gate goes by, in a line."""
    live = standing.live
    if live is None:
        return _("Nothing is automatic, so there is nothing to measure.")
    if standing.gate:
        return " ".join(reason_words(asdict(reason)) + "." for reason in standing.gate)
    facts = {
        "labels": count(live.labels),
        "ece": decimals(live.ece_upper or 0.0, 3),
        "auroc": decimals(live.auroc or 0.0, 3),
    }
    return _("%(labels)s labels, calibration error up to %(ece)s, AUROC %(auroc)s") % facts


def period() -> str:
    """What the shares and counts are of."""
    return _("Last %(days)s days") % {"days": DAYS}
