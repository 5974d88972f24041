"""The model's view, the policy in force and the route, as sections of a printed document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from reportlab.platypus import Flowable, KeepTogether

from cases.definition import Definition
from reviews.models import PolicyVersion
from reviews.presenting.formats import decimals
from reviews.presenting.likelihoods import Likelihoods
from reviews.presenting.scores import Factor, Score
from reviews.presenting.why import Why
from reviews.presenting.words import inside
from reviews.printing.casebook import utc
from reviews.printing.parts import Scale, facts, gap, table
from reviews.printing.sheets import SMALL, Heading, paragraph
from reviews.trail.wholefile import WholeFile

Flow = Iterator[Flowable]


def view(whole: WholeFile) -> Flow:
    """What the model said, and what moved it."""
    page, prediction = whole.page, whole.file.prediction
    heading = Heading(_("The model's view"))
    if prediction is None:
        yield heading
        yield paragraph(_("There is none: the model was not asked, or gave no usable answer."))
        return
    label = whole.file.definition.outcome(prediction.outcome).label
    said = f"{label}: {decimals(prediction.confidence, 3)}"
    bounds = bounds_of(whole.file.policy, prediction.outcome, whole.file.definition)
    scale = Scale(prediction.confidence, said, bounds)
    version = paragraph(str(prediction.model_version), SMALL)
    yield KeepTogether([heading, version, gap(4), scale])
    if page.score:
        yield from of_score(page.score)
    if page.likelihoods:
        yield from of_likelihoods(page.likelihoods)


def bounds_of(
    policy: Mapping[str, Any], outcome: str, definition: Definition
) -> list[tuple[float, str]]:
    """What the policy asks of the confidence in an outcome, and what it allows of it at most."""
    said = []
    if (threshold := policy.get("thresholds", {}).get(outcome)) is not None:
        said.append((threshold, _("automatic from %s") % decimals(threshold)))
    if (ceiling := policy.get("ceilings", {}).get(outcome)) is not None:
        said.append((ceiling, _("a person judges from %s") % decimals(ceiling)))
    return said


def of_score(score: Score) -> Flow:
    """A view of two outcomes: the sum of what moved it."""
    for words in (score.lead, score.calibrated, score.caution):
        if words:
            yield paragraph(words)
    yield gap(4)
    lines: list[tuple[str, ...]] = [(_("Where every case starts"), "", "", score.base.weight, "")]
    lines += [moved(each) for each in (*score.factors, *score.folded)]
    whole = {"probability": score.probability, "outcome": inside(score.positive)}
    words = _("Sum: %(probability)s for %(outcome)s") % whole
    lines.append((words, "", "", score.total.weight, ""))
    heads = (_("What moved it"), _("In this case"), _("Which way"), _("Points"), _("Share"))
    yield from table(heads, lines, (3.4, 3.4, 2, 1.1, 1.1), figures=(3, 4))


def moved(factor: Factor) -> tuple[str, ...]:
    """One factor's line."""
    said = ", ".join((factor.fact, *factor.notes)) if factor.notes else factor.fact
    return factor.label, said, factor.push, factor.weight, f"{factor.share} %"


def of_likelihoods(view: Likelihoods) -> Flow:
    """A view of more than two outcomes: how likely each is, and what spoke for it."""
    for words in (view.lead, view.calibrated, *view.caution):
        if words:
            yield paragraph(words)
    yield gap(4)
    lines = [(each.label, each.probability, each.bound) for each in view.outcomes]
    yield from table((_("Outcome"), _("Probability"), _("Bound")), lines, (3, 2, 5), figures=(1,))
    if view.words:
        told = [(each.text, each.points, str(each.count)) for each in view.words]
        head = _("Words for %(outcome)s") % {"outcome": inside(view.outcome)}
        yield from table((head, _("Points"), _("How often")), told, (5, 2, 2), figures=(1, 2))
    if view.factors:
        heads = (_("Other factors"), _("In this case"), _("Which way"), _("Points"), _("Share"))
        rows = [moved(each) for each in view.factors]
        yield from table(heads, rows, (3.4, 3.4, 2, 1.1, 1.1), figures=(3, 4))


def policy(whole: WholeFile) -> Flow:
    """What the policy in force asked, and what it made of the case, in words."""
    yield Heading(_("The policy and the route"))
    if whole.page.why is not None:
        yield from reasons(whole.page.why)
    if whole.policy is not None:
        yield from of_policy(whole.policy, whole.page.guidance.alone)


def reasons(why: Why) -> Flow:
    """Why the case came to a person, or why it did not."""
    yield paragraph("".join(part.text for part in why.lead))
    for words in why.more:
        yield paragraph(f"• {words}")
    yield gap(4)


def of_policy(version: PolicyVersion, alone: Sequence[str]) -> Flow:
    """The version that was in force, and what it asked before it decided without a person."""
    rows = [(_("Policy version"), str(version.number))]
    if version.activated_at is not None:
        rows.append((_("In force since"), utc(version.activated_at)))
    content = version.content
    parts = {"calibration": _("Calibration"), "field_calibration": _("Calibration of fields")}
    rows += [(name, str(content[part])) for part, name in parts.items() if content.get(part)]
    rows.append((_("Without a person"), "\n".join(alone)))
    rows += [
        (_("Rule"), f"{_(rule['reason'])} ({rule['when']})") for rule in content.get("rules", ())
    ]
    if second := content.get("second_review"):
        rows.append((_("Second review where"), second["rule"]))
    yield from facts(rows)
