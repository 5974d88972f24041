"""The case page, put together: what of a case is shown to its judge, and to whoever only reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from cases.definition import at_pointer
from cases.models import Case, Document, Priority
from reviews.casefile import CaseFile
from reviews.models import Route, Stage
from reviews.presenting import (
    data,
    fields,
    histories,
    measures,
    papers,
    scores,
    sums,
    times,
    values,
    why,
)
from reviews.presenting.cases import OPEN
from reviews.presenting.doubts import doubts
from reviews.presenting.fields import UNREAD, FieldRow, Refusal, refused
from reviews.presenting.guidance import Guidance, guidance
from reviews.presenting.histories import Entry, Names
from reviews.presenting.likelihoods import Likelihoods, likelihoods
from reviews.presenting.masks import Hidden, masked_rows, masked_sheets
from reviews.presenting.measures import Measures
from reviews.presenting.message import (
    Evidence,
    Message,
    Note,
    message,
    notes_of_flags,
    pointers_shown,
)
from reviews.presenting.papergroups import PaperGroup, paper_groups
from reviews.presenting.papers import Sheet
from reviews.presenting.rescored import Rescored, rescored
from reviews.presenting.scores import Score
from reviews.presenting.seen import Seen, seen_before
from reviews.presenting.sums import Sum
from reviews.presenting.words import spoken
from reviews.rescoring import answers
from reviews.routing import rules_of_score

NONE: Mapping[UUID, Document] = {}
NO_PROBLEMS: Mapping[str, str] = {}
LATEST = 15
"""How many entries of the history stand in the open."""


@dataclass(frozen=True, slots=True)
class CasePage:
    """What every case page shows. `score` is None where there is none, or none to be seen.

    A model that knows more than two outcomes has `likelihoods` in its place. `groups` are the fields
    of each of several papers; `settle` and `rest` the others.
    """

    case: Case
    due: times.Due
    stage: str
    independent: bool
    why: why.Why | None
    sheets: Sequence[Sheet]
    rows: Sequence[FieldRow]
    settle: Sequence[FieldRow]
    rest: Sequence[FieldRow]
    groups: Sequence[PaperGroup]
    message: Message | None
    raised: Sequence[Note]
    measures: Sequence[Measures]
    sums: Sequence[Sum]
    seen: Sequence[Seen]
    score: Score | None
    likelihoods: Likelihoods | None
    rescored: Rescored | None
    guidance: Guidance
    declared: Sequence[data.Group]
    history: Sequence[Entry]
    hidden: Hidden

    @property
    def timeline(self) -> Sequence[Entry]:
        """The latest entries of the history."""
        return self.history[-LATEST:]

    @property
    def timeline_earlier(self) -> Sequence[Entry]:
        """The entries before those, folded."""
        return self.history[:-LATEST]

    @property
    def priority(self) -> str:
        """The priority where it is worth a word."""
        return (
            "" if self.case.priority == Priority.NORMAL else str(Priority(self.case.priority).label)
        )

    @property
    def open(self) -> bool:
        """Whether the case still waits for its decision."""
        return self.case.status in OPEN

    @property
    def single(self) -> Sequence[FieldRow]:
        """The fields that are not of one of several papers, in the pipeline's order."""
        grouped = {row.name for group in self.groups for row in group.rows}
        return [row for row in self.rows if row.name not in grouped]

    @property
    def to_settle(self) -> int:
        """How many fields wait for the reviewer's word."""
        return sum(row.to_settle for row in self.rows)


def case_page(
    file: CaseFile,
    draft: Mapping[str, Any],
    names: Names,
    *,
    independent: bool,
    whom: str = "you",
    refusal: Refusal | None = None,
    elsewhere: Mapping[UUID, Document] = NONE,
    problems: Mapping[str, str] = NO_PROBLEMS,
) -> CasePage:
    """The page of a case; for an `independent` judge without score and earlier verdicts.

    `whom` the case was sent to: you, or for those who only read the record a person. `elsewhere` are
    the papers of other cases that the person may see, of those that were found to be the same.
    `problems` are told beside the fields that they are named for.
    """
    rows = [
        replace(row, error=problems.get(row.name, row.error))
        for row in field_rows(file, draft.get("fields", {}), refusal)
    ]
    groups = paper_groups(rows, file.definition, file.data)
    grouped = {row.name for group in groups for row in group.rows}
    settle, rest = fields.errors_first([row for row in rows if row.name not in grouped])
    sheets = masked_sheets(papers.sheets(file.documents, file.definition, rows), file.hidden)
    evidence = None if independent else evidence_on(file)
    measured = measures.measures(file.found.get("tables", {}), file.definition, file.hidden)
    stage = file.entry.stage if file.entry else Stage.FIRST
    return CasePage(
        case=file.case,
        due=times.due_unless_held(
            file.case.due_at, file.now, file.entry.hold if file.entry else None
        ),
        stage="" if stage == Stage.FIRST else str(Stage(stage).label),
        independent=independent,
        why=why_here(file, stage, independent=independent, whom=whom),
        sheets=sheets,
        hidden=file.hidden,
        rows=rows,
        settle=settle,
        rest=rest,
        groups=groups,
        message=message(
            file.definition,
            file.data,
            file.found,
            evidence,
            arrived=file.case.created_at.date(),
            masked=file.hidden.message,
        ),
        raised=notes_of_flags(file.found.get("flags", ()), words_of_message(file)),
        measures=measured,
        sums=sums_now(file, draft.get("fields", {})),
        seen=seen_before(file.found.get("duplicates", ()), sheets, elsewhere, file.hidden),
        score=None if independent else score(file, draft.get("fields", {})),
        likelihoods=None if independent else likely(file, evidence),
        rescored=None
        if independent
        else rescoring(file, names, draft.get("fields", {}) if whom == "you" else None),
        guidance=guidance_here(file, draft, independent=independent),
        declared=data.groups(file.data, file.definition, shown_elsewhere(file, measured)),
        history=histories.history(file.events, names, independent=independent),
    )


def why_here(file: CaseFile, stage: str, *, independent: bool, whom: str) -> why.Why | None:
    """Why the case came to a person, or why it did not."""
    if file.route is None:
        return None
    if file.route.kind == Route.Kind.AUTOMATIC:
        return why.automatic(file.route.reasons)
    reasons = reasons_here(file, independent=independent)
    return why.why(reasons, file.definition, stage=stage, independent=independent, whom=whom)


def reasons_here(file: CaseFile, *, independent: bool) -> list[Mapping[str, Any]]:
    """The reasons of the case's route; for an `independent` judge none that tells of the score."""
    reasons = file.route.reasons if file.route else []
    telling = why.FROM_THE_SCORE | rules_of_score(file.policy) if independent else frozenset()
    return [reason for reason in reasons if reason["code"] not in telling]


def guidance_here(file: CaseFile, draft: Mapping[str, Any], *, independent: bool) -> Guidance:
    """The guidance beside the case, as far as the reviewer has entered a verdict."""
    version = file.route.policy_version if file.route else None
    return guidance(
        spoken(file.case.pipeline_version),
        draft,
        policy=file.policy,
        number=version.number if version else None,
        reasons=reasons_here(file, independent=independent),
    )


def field_rows(
    file: CaseFile, words: Mapping[str, Any], refusal: Refusal | None = None
) -> list[FieldRow]:
    """The lines of all fields; `words` are what the reviewer said of some."""
    numbers = papers.page_numbers(file.documents)
    first = papers.first_pages(file.documents)
    labels = {spec.name: spec.label for spec in spoken(file.case.pipeline_version).fields}
    rows = [
        fields.field_row(
            spec,
            papers.placed(file.read.get(spec.name, UNREAD), words.get(spec.name), numbers),
            declared=file.declared(spec),
            minimum=file.minimum(spec),
            word=words.get(spec.name),
            allowed=file.allowed(spec),
            currency=values.currency_at(file.data, spec.declared),
            short=labels.get(spec.base, "") if spec.number else "",
            sheet=first.get((spec.document or "", spec.number or 1)),
        )
        for spec in file.definition.fields
    ]
    waited = sums.waited_for(file.found.get("sums", {}))
    rows = masked_rows([fields.asked_for(row, waited) for row in rows], file.hidden)
    return [
        refused(row, refusal, spec) if refusal and row.name == refusal.name else row
        for spec, row in zip(file.definition.fields, rows, strict=True)
    ]


def sums_now(file: CaseFile, words: Mapping[str, Any]) -> list[Sum]:
    """The sums that were found, added up again with what was said of fields since."""
    again = sums.added_again(file.definition, file.data, file.read, words)
    return sums.sums(file.found.get("sums", {}), file.definition, file.hidden, again)


def score(file: CaseFile, said: Mapping[str, Any]) -> Score | None:
    """The model's view, where it gave one; `said` is what was said of fields since."""
    model = file.definition.model
    if file.prediction is None or file.stated is None or model is None or len(model.outcomes) > 2:
        return None
    minimums = {spec.name: file.minimum(spec) for spec in file.definition.fields}
    return scores.score(
        file.prediction,
        file.definition,
        model,
        stated=file.stated,
        words=file.factor_words(),
        thresholds=file.policy.get("thresholds", {}),
        doubts=doubts(file.definition, file.read, minimums, said, values.currency_of(file.data)),
    )


def likely(file: CaseFile, evidence: Evidence | None) -> Likelihoods | None:
    """The view of a model that knows more than two outcomes, where it gave one."""
    model = file.definition.model
    if file.prediction is None or file.stated is None or model is None or len(model.outcomes) == 2:
        return None
    return likelihoods(
        file.prediction,
        file.definition,
        model,
        stated=file.stated,
        policy=file.policy,
        facts=file.factor_words(),
        evidence=None if file.hidden.message else evidence,
        text=words_of_message(file),
    )


def evidence_on(file: CaseFile) -> Evidence | None:
    """What the model made of the words of the case's message, where it read any."""
    model, words = file.definition.model, file.snapshot.get("evidence")
    if file.prediction is None or model is None or not words:
        return None
    spec = file.definition.outcome(file.prediction.outcome)
    return Evidence(spec.name, spec.label, model.outcomes, tuple(words))


def words_of_message(file: CaseFile) -> str:
    """The text of the case's message; empty where there is none, or it is hidden."""
    spec = file.definition.message
    text = at_pointer(file.data, spec.text) if spec and not file.hidden.message else None
    return text if isinstance(text, str) else ""


def shown_elsewhere(file: CaseFile, measured: Sequence[Measures]) -> frozenset[str]:
    """What of the data stands in panels of its own, by JSON pointer."""
    tables = {table.name for table in measured}
    values_of = {
        each.value
        for spec in file.definition.tables
        if spec.name in tables
        for each in spec.parameters
    }
    return pointers_shown(file.definition) | values_of


def rescoring(
    file: CaseFile, names: Names, said: Mapping[str, Mapping[str, Any]] | None
) -> Rescored | None:
    """What the model last said with corrections; `said` is what the reviewer now says of fields."""
    asked = [event for event in file.events if event.type == "case.rescored"]
    if file.prediction is None or not asked or asked[-1].data["prediction"] != file.prediction.pk:
        return None
    return rescored(
        asked[-1],
        file.prediction,
        file.definition,
        words=file.factor_words(),
        who=names.actor(asked[-1]),
        stale=said is not None and not answers(asked[-1], file, said),
    )
