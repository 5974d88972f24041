"""What a definition asks of models and rules that is not there. Reads the models' files alone."""

from collections.abc import Iterator

from django.conf import settings

from cases.definition import Definition, Mistake
from inference.flags import check_phrases
from inference.phrases import InvalidPhrase


def misfits(definition: Definition) -> Iterator[Mistake]:
    """All that a definition asks of inference and that it does not have."""
    if definition.model is not None:
        release = settings.MODEL_DIR / definition.model.name / str(definition.model.version)
        if not (release / "model.json").is_file():
            words = f"there is no release {definition.model.name} {definition.model.version}"
            yield Mistake(("model", "name"), words)
    for number, flag in enumerate(definition.flags):
        try:
            check_phrases(flag)
        except InvalidPhrase as error:
            yield Mistake(("flags", number, "phrases"), str(error))
