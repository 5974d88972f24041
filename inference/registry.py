"""The register of models: which releases there are, and that their files are the registered ones."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from audit.actors import Actor
from audit.events import record
from inference.models import Model, ModelVersion
from inference.runtimes import BadScore, Scorer, load


class AnotherFile(BadScore):
    """A model's file is not the one that was registered."""


@transaction.atomic
def register_model(directory: Path, *, by: Actor) -> ModelVersion:
    """Registers the release in `directory`; the same again changes nothing.

    Raises BadScore where its files can't be used, or differ from what its number already means.
    """
    scorer = load(directory)
    model, _ = Model.objects.get_or_create(name=scorer.name)
    version, made = ModelVersion.objects.get_or_create(
        model=model,
        number=scorer.version,
        defaults={"sha256": scorer.sha256, "facts": dict(scorer.facts)},
    )
    if version.sha256 != scorer.sha256:
        named = f"version {scorer.version} of {scorer.name}"
        raise BadScore(f"{named} is registered with another file")
    if made:
        record(
            "model.registered",
            by=by,
            data={"model": model.name, "version": version.number, "sha256": version.sha256},
        )
    return version


def register_models(*, by: Actor) -> list[ModelVersion]:
    """Registers every release that the project carries."""
    return [
        register_model(path.parent, by=by)
        for path in sorted(settings.MODEL_DIR.glob("*/*/model.json"))
    ]


def scorer_of(version: ModelVersion) -> Scorer:
    """The scorer of a registered version; raises BadScore, AnotherFile where its file is another one."""
    scorer = load(settings.MODEL_DIR / version.model.name / str(version.number))
    if scorer.sha256 != version.sha256:
        raise AnotherFile("the model's file is not the one that was registered")
    return scorer
