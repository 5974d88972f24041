"""What a definition asks of models and rules that is not there. Reads the models' files alone."""

import re
from collections.abc import Iterator

from django.conf import settings

from cases.definition import Definition, Mistake, ModelSpec
from cases.definition.checks import expressions
from cases.definition.pointers import may_lead_somewhere
from cases.expressions import roots
from inference.flags import check_phrases
from inference.knowing import NAMES
from inference.phrases import InvalidPhrase
from inference.runtimes import BadScore, Scorer, TextModel, load

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
ITEM = re.compile(r"\.(?:all|exists|exists_one|filter|map)\(\s*(\w+)\s*,")
"""The name that an expression gives to each item of a list."""
MEMBER = re.compile(r"(?<![\w.])(data|fields|papers|tables|sums|age)((?:\.[A-Za-z_]\w*)+)(\s*\()?")
"""What an expression asks of a name; what a bracket follows is called, and no member."""
OWN = {
    "fields": ("confidence", "found", "value"),
    "tables": ("points", "highest", "missing"),
    "sums": ("agrees", "difference", "unread"),
}


def misfits(definition: Definition) -> Iterator[Mistake]:
    """All that a definition asks of inference and that it does not have."""
    if definition.model is not None:
        yield from of_model(definition.model)
    for number, flag in enumerate(definition.flags):
        try:
            check_phrases(flag)
        except InvalidPhrase as error:
            yield Mistake(("flags", number, "phrases"), str(error))
    for path, expression in expressions(definition):
        yield from (Mistake(path, words) for words in strange(expression, definition))


def strange(
    expression: str, definition: Definition, more: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Words for each thing that a CEL expression names and that no case has; `more` is known as well."""
    bare = QUOTED.sub("''", expression)
    items = set(ITEM.findall(bare))
    for name in sorted(roots(expression) - NAMES - more - items):
        yield f"nothing is called {name!r} in {expression!r}"
    for root, chain, called in MEMBER.findall(bare):
        parts = chain.split(".")[1:]
        parts = parts[:-1] if called else parts
        if root not in items and parts and not is_there(definition, root, parts):
            yield f"there is no {'.'.join((root, *parts))}, which {expression!r} asks for"


def is_there(definition: Definition, root: str, parts: list[str]) -> bool:
    """Whether cases of a pipeline can have what stands under one of the names of an expression."""
    if root == "data":
        return may_lead_somewhere("/" + "/".join(parts), definition.schema)
    named = {
        "fields": [spec.name for spec in definition.fields],
        "papers": [spec.kind for spec in definition.documents if spec.several],
        "tables": [each.name for each in definition.tables],
        "sums": [each.name for each in definition.sums],
        "age": ["years", "days"],
    }
    known = parts[0] in named[root]
    return known and (len(parts) < 2 or root not in OWN or parts[1] in OWN[root])


def of_model(spec: ModelSpec) -> Iterator[Mistake]:
    """A release that is not there or can't be used, or what it does not do as the definition says."""
    release = settings.MODEL_DIR / spec.name / str(spec.version)
    if not (release / "model.json").is_file():
        yield Mistake(("model", "name"), f"there is no release {spec.name} {spec.version}")
        return
    try:
        model = load(release)
    except BadScore as error:
        yield Mistake(("model", "name"), f"{spec.name} {spec.version}: {error}")
        return
    yield from of_outcomes(spec, model)
    yield from of_inputs(spec, model)


def of_outcomes(spec: ModelSpec, model: Scorer) -> Iterator[Mistake]:
    """Outcomes that are not the model's own; of two the first is the one that its points speak for."""
    if set(spec.outcomes) != set(model.outcomes) or len(spec.outcomes) != len(model.outcomes):
        own = ", ".join(model.outcomes)
        yield Mistake(("model", "outcomes"), f"the outcomes of {model.name} are {own}")
    elif len(model.outcomes) == 2 and spec.positive != model.outcomes[0]:
        words = f"the points of {model.name} speak for {model.outcomes[0]!r}: it has to stand first"
        yield Mistake(("model", "outcomes"), words)


def of_inputs(spec: ModelSpec, model: Scorer) -> Iterator[Mistake]:
    """Features that the model has not, or that are not given to it; words that it can't read or lacks."""
    own = model.feature_names
    for name in spec.features:
        if name not in own:
            yield Mistake(("model", "features", name), f"{model.name} has no feature {name!r}")
    for name in own:
        if name not in spec.features:
            words = f"{model.name} asks for {name!r}: say where it stands"
            yield Mistake(("model", "features"), words)
    if isinstance(model, TextModel) and spec.text is None:
        yield Mistake(("model",), f"{model.name} reads words: `text` has to point to them")
    if spec.text is not None and not isinstance(model, TextModel):
        yield Mistake(("model", "text"), f"{model.name} reads no words")
