"""What a definition asks of models and rules that is not there. Reads the models' files alone."""

from collections.abc import Iterator

from django.conf import settings

from cases.definition import Definition, Mistake, ModelSpec
from inference.flags import check_phrases
from inference.phrases import InvalidPhrase
from inference.runtimes import BadScore, Scorer, TextModel, load


def misfits(definition: Definition) -> Iterator[Mistake]:
    """All that a definition asks of inference and that it does not have."""
    if definition.model is not None:
        yield from of_model(definition.model)
    for number, flag in enumerate(definition.flags):
        try:
            check_phrases(flag)
        except InvalidPhrase as error:
            yield Mistake(("flags", number, "phrases"), str(error))


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
