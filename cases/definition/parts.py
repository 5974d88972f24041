"""The parts of a pipeline's definition. Pure data, read once and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from cases.definition.duties import (
    KEPT_FOR_GOOD,
    UNAPPROVED,
    AdverseSpec,
    ExportsSpec,
    RetentionSpec,
    SignatureSpec,
)
from cases.definition.signs import FlagSpec, SumSpec, TableSpec

FieldType = Literal[
    "money", "date", "percentage", "name", "id", "choice", "integer", "text", "currency", "table"
]
Place = Literal["top", "bottom", "anywhere"]
Priority = Literal["urgent", "high", "normal", "low"]
PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "normal", "low")


class InvalidDefinition(ValueError):
    """A definition that cannot be used; the message names the place and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class DocumentSpec:
    """A kind of paper that a case brings.

    With `several` each paper of the kind has the kind's fields for itself, and a case may bring many.
    What is not to `read` is shown to people and nothing more: a photo. Of a `unique` kind the same
    paper is looked for in all other cases of the pipeline; `told_by` names the kind's fields by which
    one paper is told from another, such as a receipt's date and total.
    """

    kind: str
    name: str
    required: bool = False
    several: bool = False
    read: bool = True
    unique: bool = False
    told_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column of a field that is a table: what stands in it, and how papers may head it."""

    name: str
    label: str
    type: FieldType
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A value to be found on the papers; `declared` is the JSON pointer of the same fact in the data.

    `place` is where on the paper the value may be taken from where no label names it; without one it is
    looked for by its labels alone, or, where it has none, anywhere. On a kind of paper that a case may
    bring several of, the field stands for one of each: `number` is then which of them (from 1), and
    `{number}` in `declared` the same counted from 0.
    """

    name: str
    label: str
    type: FieldType
    labels: tuple[str, ...] = ()
    document: str | None = None
    declared: str | None = None
    required: bool = False
    personal: bool = False
    weight: int = 1
    format: str | None = None
    choices: tuple[str, ...] = ()
    place: Place | None = None
    columns: tuple[ColumnSpec, ...] = ()
    number: int | None = None

    @property
    def base(self) -> str:
        """The name that the definition gives it, whichever paper it is of: total of total-2."""
        return self.name.partition("-")[0]


@dataclass(frozen=True, slots=True)
class OutcomeSpec:
    """An answer that a case can end with; an adverse one goes against the person the case is about.

    An `urgent` one is never given without a person, and a policy has to say from which probability of
    it on nothing else is either. `appointment_minutes` is within which time an appointment is proposed.
    """

    name: str
    label: str
    adverse: bool = False
    key: str = ""
    urgent: bool = False
    appointment_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class ReasonSpec:
    """A reason that a reviewer may cite, and the outcomes it can apply to.

    For an adverse outcome it has to be true of the case: `factors` are the model's inputs, `fields` the
    fields and `rules` the policy's rules and the flags that it speaks of (`reviews.adverse`). Of the
    fields those in `low` and `high` bear it out by how little or how much they say, those in `differs`
    where the papers say something else than the data. One that names none of all this is free.

    One marked `correction` stands by itself where a verdict differs from a read field alone, one marked
    `raises` where it raises a case to an urgent outcome. `guidance` says when to cite it.
    """

    code: str
    text: str
    outcomes: tuple[str, ...]
    correction: bool = False
    guidance: str = ""
    raises: bool = False
    factors: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    low: tuple[str, ...] = ()
    high: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def names_facts(self) -> bool:
        """Whether it says which facts of a case bear it out."""
        return bool(self.factors or self.fields or self.rules)


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue that the pipeline brings along.

    A `pinned` one comes before all others. `sla_minutes` is by when its cases are due once they are in
    it, where that is sooner than by their priority; in the last `alarm_minutes` the page sounds alarm.
    """

    slug: str
    name: str
    pinned: bool = False
    sla_minutes: int | None = None
    alarm_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Masking:
    """From whom personal fields are hidden until they say what for: roles, and purposes to choose from.

    `data` are JSON pointers of what else in the data is personal, beside what the personal fields declare.
    """

    roles: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """The model version that scores the case.

    `outcomes` are those that it knows; where it knows two, the first is the one that its points speak
    for. `features` maps its inputs to JSON pointers into the data, or to CEL expressions over what is
    known of the case (`inference.knowing`). `text` is the pointer to the words that it reads, if any.
    """

    name: str
    version: int
    outcomes: tuple[str, ...]
    features: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None

    @property
    def positive(self) -> str:
        """The outcome that a scorecard's points speak for."""
        return self.outcomes[0]

    @property
    def negative(self) -> str:
        """The other one."""
        return self.outcomes[-1]


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """Words that a person wrote: JSON pointers to the text, its language and the `earlier` messages.

    Rules and models read the `languages` named (ISO 639-1); a text in another one goes to a person.
    An earlier message is an object with `text`, `sent_at` and `from`.
    """

    text: str
    language: str | None = None
    languages: tuple[str, ...] = ()
    sent_at: str | None = None
    earlier: str | None = None

    def reads(self, language: object) -> bool:
        """Whether a text in a language is read, by its tag (BCP 47): en-GB is en; unsaid it is."""
        spoken = str(language).lower().partition("-")[0]
        return language is None or not self.languages or spoken in self.languages


@dataclass(frozen=True, slots=True)
class ConsentSpec:
    """Where the data says whether the person agreed to be contacted without a human hand.

    Without it nothing is sent by itself: `inference.knowing` and `reviews.replying` see to it.
    """

    pointer: str
    label: str


@dataclass(frozen=True, slots=True)
class ReplySpec:
    """A template of a reply, for the outcomes it fits. `{name}` and `{appointment}` are filled in.

    The one marked `automatic` goes out with a decision that no person made, where consent was given.
    """

    name: str
    label: str
    outcomes: tuple[str, ...]
    text: str
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class FhirPath:
    """Where a value stands in a message: a FHIRPath over its Bundle (`cases.fhir.message`).

    With a `unit`, in UCUM, the path leads to a Quantity, which is converted to that unit or refused.
    """

    path: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class FhirSpec:
    """How a FHIR R4 Communication becomes a case's data: JSON pointers, each with where it comes from.

    `attachments` is the kind of paper that its attachments and DocumentReferences come as.
    """

    data: Mapping[str, FhirPath]
    attachments: str | None = None


@dataclass(frozen=True, slots=True)
class SegmentSpec:
    """A part of the people whom cases are about, such as an age band: what fairness is measured by.

    `value` is a CEL expression over what is known of the case (`inference.knowing`) that gives the
    segment's name; what can't be evaluated is in no segment. It stands in clear beside the case's
    numbers: it has to be too coarse to name anybody.
    """

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One version of a pipeline. `born` is the pointer to a date of birth: what ages are told from;
    `person` to the name by which a reply addresses somebody. Equal to itself alone.
    """

    slug: str
    name: str
    version: int
    schema: Mapping[str, Any]
    model: ModelSpec | None
    documents: tuple[DocumentSpec, ...]
    fields: tuple[FieldSpec, ...]
    outcomes: tuple[OutcomeSpec, ...]
    reasons: tuple[ReasonSpec, ...]
    queues: tuple[QueueSpec, ...]
    sla_minutes: Mapping[Priority, int]
    policy: Mapping[str, Any] = field(default_factory=dict)
    guidance: str = ""
    masking: Masking = Masking()
    message: MessageSpec | None = None
    born: str | None = None
    person: str | None = None
    flags: tuple[FlagSpec, ...] = ()
    tables: tuple[TableSpec, ...] = ()
    sums: tuple[SumSpec, ...] = ()
    consent: ConsentSpec | None = None
    replies: tuple[ReplySpec, ...] = ()
    fhir: FhirSpec | None = None
    segments: tuple[SegmentSpec, ...] = ()
    retention: RetentionSpec = KEPT_FOR_GOOD
    signature: SignatureSpec | None = None
    adverse: AdverseSpec | None = None
    exports: ExportsSpec = UNAPPROVED

    def outcome(self, name: str) -> OutcomeSpec:
        """The outcome called `name`; raises KeyError where the pipeline has none."""
        for outcome in self.outcomes:
            if outcome.name == name:
                return outcome
        raise KeyError(name)

    def field_spec(self, name: str) -> FieldSpec:
        """The field called `name`; raises KeyError where the pipeline has none."""
        for spec in self.fields:
            if spec.name == name:
                return spec
        raise KeyError(name)

    @property
    def own_model(self) -> ModelSpec:
        """The model that scores its cases; raises KeyError where it has none."""
        if self.model is None:
            raise KeyError(f"{self.slug} has no model")
        return self.model

    def document_spec(self, kind: str) -> DocumentSpec | None:
        """The kind of paper called `kind`, if there is one."""
        return next((spec for spec in self.documents if spec.kind == kind), None)

    def reasons_for(self, outcome: str) -> tuple[ReasonSpec, ...]:
        """The reasons that can be cited for `outcome`."""
        return tuple(reason for reason in self.reasons if outcome in reason.outcomes)

    def with_copies(self, copies: Mapping[str, int]) -> "Definition":
        """The definition with a field for each paper of the kinds of which a case has `copies`."""
        return numbered(self, tuple(sorted(copies.items())))


@lru_cache(maxsize=256)
def numbered(definition: Definition, copies: tuple[tuple[str, int], ...]) -> Definition:
    """The definition with fields for so many papers of each kind: often asked for, made once."""
    several = {spec.kind: spec for spec in definition.documents if spec.several}
    if not several:
        return definition
    fields = [spec for spec in definition.fields if spec.document not in several]
    for kind, paper in several.items():
        own = [spec for spec in definition.fields if spec.document == kind]
        for number in range(1, dict(copies).get(kind, 0) + 1):
            fields += [of_paper(spec, paper, number) for spec in own]
    return replace(definition, fields=tuple(fields))


def of_paper(spec: FieldSpec, paper: DocumentSpec, number: int) -> FieldSpec:
    """The field of one of several papers of a kind, `number` from 1."""
    return replace(
        spec,
        name=f"{spec.name}-{number}",
        label=f"{spec.label} ({paper.name} {number})",
        declared=spec.declared.replace("{number}", str(number - 1)) if spec.declared else None,
        number=number,
    )
