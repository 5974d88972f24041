"""What can be wrong with a definition of the right shape: each mistake with its place in the file. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from accounts.rolenames import Role
from cases.definition.adverse import faults_of_letter, faults_of_reason
from cases.definition.parts import Definition, FieldSpec
from cases.definition.pointers import may_lead_somewhere
from cases.definition.signs import ParameterSpec
from cases.definition.wording import faults_of
from cases.expressions import InvalidExpression, check

Path = tuple[str | int, ...]
"""Where in the file something stands: keys, and the places of items in lists, from 0."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that is wrong, and where."""

    path: Path
    words: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'the file'}: {self.words}"


def mistakes(definition: Definition) -> Iterator[Mistake]:
    """All that is wrong with a definition."""
    yield from twice(definition)
    yield from unknown_names(definition)
    yield from lost_pointers(definition)
    yield from broken_expressions(definition)
    yield from of_fields(definition)
    yield from of_sums(definition)
    for number, table in enumerate(definition.tables):
        for line, parameter in enumerate(table.parameters):
            yield from of_bands(("tables", number, "parameters", line), parameter)
    yield from of_queues(definition)
    yield from of_replies(definition)
    yield from of_answering(definition)
    for role in definition.masking.roles:
        if role not in list(Role):
            known = ", ".join(Role)
            yield Mistake(("masking", "roles"), f"there is no role {role!r}, but {known}")


def twice(definition: Definition) -> Iterator[Mistake]:
    """Names, and keys of outcomes, that stand for two things."""
    keys = [outcome.key for outcome in definition.outcomes if outcome.key]
    for part, what, names in (
        ("fields", "field", [spec.name for spec in definition.fields]),
        ("outcomes", "outcome", [outcome.name for outcome in definition.outcomes]),
        ("outcomes", "key of an outcome", keys),
        ("reasons", "reason", [reason.code for reason in definition.reasons]),
        ("queues", "queue", [queue.slug for queue in definition.queues]),
        ("documents", "document", [document.kind for document in definition.documents]),
        ("flags", "flag", [flag.name for flag in definition.flags]),
        ("tables", "table", [table.name for table in definition.tables]),
        ("sums", "sum", [each.name for each in definition.sums]),
        ("replies", "reply", [reply.name for reply in definition.replies]),
        ("segments", "segment", [segment.name for segment in definition.segments]),
    ):
        for number, name in enumerate(names):
            if name in names[:number]:
                yield Mistake((part, number), f"the same {what} is defined twice: {name!r}")


def unknown_names(definition: Definition) -> Iterator[Mistake]:
    """Outcomes and papers that are named and not defined."""
    outcomes = [outcome.name for outcome in definition.outcomes]
    kinds = [document.kind for document in definition.documents]
    naming: list[tuple[Path, Sequence[str]]] = [
        (("reasons", number, "outcomes"), reason.outcomes)
        for number, reason in enumerate(definition.reasons)
    ]
    naming += [
        (("replies", number, "outcomes"), reply.outcomes)
        for number, reply in enumerate(definition.replies)
    ]
    if definition.model:
        naming.append((("model", "outcomes"), definition.model.outcomes))
    if definition.signature:
        naming.append((("signature", "outcomes"), definition.signature.outcomes))
    for path, names in naming:
        for name in names:
            if name not in outcomes:
                yield Mistake(path, f"outcome {name!r} is named but not defined")
    papers: list[tuple[Path, str | None]] = [
        (("fields", number, "document"), spec.document)
        for number, spec in enumerate(definition.fields)
    ]
    if definition.fhir:
        papers.append((("fhir", "attachments"), definition.fhir.attachments))
    for path, kind in papers:
        if kind is not None and kind not in kinds:
            yield Mistake(path, f"document {kind!r} is not defined")
    for number, paper in enumerate(definition.documents):
        own = [spec.name for spec in definition.fields if spec.document == paper.kind]
        for name in paper.told_by:
            if name not in own:
                yield Mistake(("documents", number, "told_by"), f"{name!r} is no field of its own")


def lost_pointers(definition: Definition) -> Iterator[Mistake]:
    """Pointers to what the data, by its schema, can't have."""
    for path, pointer in pointers(definition):
        if pointer and not may_lead_somewhere(pointer, definition.schema):
            yield Mistake(path, f"the schema has nothing at {pointer!r}")


def pointers(definition: Definition) -> Iterator[tuple[Path, str | None]]:
    """Every JSON pointer into the data, with its place in the file."""
    yield ("born",), definition.born
    yield ("person",), definition.person
    if definition.consent:
        yield ("consent", "pointer"), definition.consent.pointer
    if definition.adverse:
        yield ("adverse", "address"), definition.adverse.address
    if message := definition.message:
        for name in ("text", "language", "sent_at", "earlier"):
            yield ("message", name), getattr(message, name)
    if definition.model:
        yield ("model", "text"), definition.model.text
        for name, value in definition.model.features.items():
            yield ("model", "features", name), value if value.startswith("/") else None
    for pointer in definition.masking.data:
        yield ("masking", "data"), pointer
    for number, spec in enumerate(definition.fields):
        declared = spec.declared.replace("{number}", "0") if spec.declared else None
        yield ("fields", number, "declared"), declared
    for number, each in enumerate(definition.sums):
        for name in ("whole", "parts", "currencies"):
            yield ("sums", number, name), getattr(each, name)
    for number, table in enumerate(definition.tables):
        for line, parameter in enumerate(table.parameters):
            yield ("tables", number, "parameters", line, "value"), parameter.value
    for pointer in definition.fhir.data if definition.fhir else ():
        yield ("fhir", "data", pointer), pointer


def broken_expressions(definition: Definition) -> Iterator[Mistake]:
    """What should be CEL and is not."""
    for path, expression in expressions(definition):
        try:
            check(expression)
        except InvalidExpression as error:
            yield Mistake(path, f"{expression!r} is no CEL expression: {first_line(error)}")


def expressions(definition: Definition) -> Iterator[tuple[Path, str]]:
    """Every CEL expression but the policy's, with its place in the file."""
    for number, flag in enumerate(definition.flags):
        if flag.when:
            yield ("flags", number, "when"), flag.when
    for number, table in enumerate(definition.tables):
        if table.when:
            yield ("tables", number, "when"), table.when
        for line, parameter in enumerate(table.parameters):
            if parameter.when:
                yield ("tables", number, "parameters", line, "when"), parameter.when
    for name, value in (definition.model.features if definition.model else {}).items():
        if not value.startswith("/"):
            yield ("model", "features", name), value
    for number, segment in enumerate(definition.segments):
        yield ("segments", number, "value"), segment.value


def first_line(error: Exception) -> str:
    """What a library says, without its drawing of the place."""
    return str(error).strip().partition("\n")[0]


def of_fields(definition: Definition) -> Iterator[Mistake]:
    """Fields whose parts do not fit their type, or their paper."""
    several = {spec.kind for spec in definition.documents if spec.several}
    unread = {spec.kind for spec in definition.documents if not spec.read}
    for number, spec in enumerate(definition.fields):
        path: Path = ("fields", number)
        yield from of_type(path, spec)
        if "{number}" in (spec.declared or "") and spec.document not in several:
            words = "{number} counts papers of a kind that may come several times; this one may not"
            yield Mistake((*path, "declared"), words)
        if spec.document in unread:
            yield Mistake((*path, "document"), f"nothing is read on the kind {spec.document!r}")


def of_type(path: Path, spec: FieldSpec) -> Iterator[Mistake]:
    """A field that lacks what its type asks for, or has what another one would."""
    for type_, name, part in (
        ("table", "columns", spec.columns),
        ("choice", "choices", spec.choices),
    ):
        if spec.type == type_ and not part:
            yield Mistake(path, f"a field of the type {type_} has {name}")
        if part and spec.type != type_:
            yield Mistake((*path, name), f"only a field of the type {type_} has {name}")


def of_sums(definition: Definition) -> Iterator[Mistake]:
    """Sums of what is no amount, or in what is no currency."""
    types = {spec.name: spec.type for spec in definition.fields}
    for number, each in enumerate(definition.sums):
        for part, name, type_ in (
            ("field", each.field, "money"),
            ("currency", each.currency, "currency"),
        ):
            if name is not None and types.get(name) != type_:
                yield Mistake(("sums", number, part), f"there is no field {name!r} of type {type_}")


def of_bands(path: Path, parameter: ParameterSpec) -> Iterator[Mistake]:
    """Bands that do not rise."""
    bounds = [bound for bound, _ in parameter.bands]
    if any(after <= before for before, after in pairwise(bounds)):
        yield Mistake((*path, "bands"), "the bounds have to rise")


def of_queues(definition: Definition) -> Iterator[Mistake]:
    """Alarms that would sound before there is anything to sound for."""
    for number, queue in enumerate(definition.queues):
        if queue.alarm_minutes and not queue.sla_minutes:
            yield Mistake(("queues", number), "an alarm asks for a deadline: sla_minutes")
        if queue.alarm_minutes and queue.sla_minutes and queue.alarm_minutes > queue.sla_minutes:
            words = "the alarm begins before the deadline does: at most sla_minutes"
            yield Mistake(("queues", number, "alarm_minutes"), words)


def of_replies(definition: Definition) -> Iterator[Mistake]:
    """Templates that order, or ask for what there is not."""
    for number, reply in enumerate(definition.replies):
        for part, words in faults_of(reply, definition):
            yield Mistake(("replies", number, part), words)


def of_answering(definition: Definition) -> Iterator[Mistake]:
    """Reasons and letters that would not tell somebody why it went against them."""
    for number, reason in enumerate(definition.reasons):
        for part, words in faults_of_reason(reason, definition):
            yield Mistake(("reasons", number, part), words)
    for part, words in faults_of_letter(definition):
        yield Mistake(("adverse", part), words)
