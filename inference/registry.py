"""The register of models: which releases there are, and that their files are the registered ones."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from audit.actors import Actor
from audit.events import record
from inference.models import Model, ModelVersion
from inference.runtimes import BadScore, Scorecard, load


@transaction.atomic
def register_model(directory: Path, *, by: Actor) -> ModelVersion:
    """Registers the release in `directory`; the same again changes nothing.

    Raises BadScore where its files can't be used, or differ from what its number already means.
    """
    card = load(directory)
    sha256 = card.facts["graph"]["sha256"]
    model, _ = Model.objects.get_or_create(name=card.name)
    version, made = ModelVersion.objects.get_or_create(
        model=model, number=card.version, defaults={"sha256": sha256, "facts": dict(card.facts)}
    )
    if version.sha256 != sha256:
        raise BadScore(f"version {card.version} of {card.name} is registered with another graph")
    if made:
        record(
            "model.registered",
            by=by,
            data={"model": model.name, "version": version.number, "sha256": sha256},
        )
    return version


def register_models(*, by: Actor) -> list[ModelVersion]:
    """Registers every release that the project carries."""
    return [
        register_model(path.parent, by=by)
        for path in sorted(settings.MODEL_DIR.glob("*/*/model.json"))
    ]


def scorecard_of(version: ModelVersion) -> Scorecard:
    """The scorecard of a registered version; raises BadScore where its file is another one."""
    card = load(settings.MODEL_DIR / version.model.name / str(version.number))
    if card.facts["graph"]["sha256"] != version.sha256:
        raise BadScore("the model's file is not the one that was registered")
    return card
