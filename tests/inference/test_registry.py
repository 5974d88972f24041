"""The register of models: a release is registered once, and only its own files are ever used."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.db.utils import IntegrityError

from audit.models import Event
from inference.models import Model, ModelVersion
from inference.registry import register_model, register_models, scorer_of
from inference.runtimes import BadScore
from tests.casefiles import TESTER

RELEASE = Path("german-credit-scorecard") / "1"


@pytest.fixture
def releases(tmp_path: Path, settings: Any) -> Path:
    """A copy of the project's models, to be changed."""
    shutil.copytree(settings.MODEL_DIR / RELEASE, tmp_path / RELEASE)
    settings.MODEL_DIR = tmp_path
    return tmp_path


def credit() -> ModelVersion:
    return ModelVersion.objects.get(model__name="german-credit-scorecard")


def change(release: Path, **facts: Any) -> None:
    known = json.loads((release / "model.json").read_text())
    (release / "model.json").write_text(json.dumps({**known, **facts}))


def test_the_projects_models_are_registered_once(db: None) -> None:
    before = Event.objects.filter(type="model.registered").count()
    versions = register_models(by=TESTER)
    assert set(versions) == set(ModelVersion.objects.all())
    assert before == Event.objects.filter(type="model.registered").count() == len(versions)
    for version in versions:
        assert scorer_of(version).name == version.model.name


def test_a_new_number_is_a_new_version(db: None, releases: Path) -> None:
    change(releases / RELEASE, version=2)
    version = register_model(releases / RELEASE, by=TESTER)
    assert (version.number, version.model.versions.count()) == (2, 2)
    event = Event.objects.filter(type="model.registered").latest("id")
    assert event.data == {
        "model": "german-credit-scorecard", "version": 2, "sha256": version.sha256,
    }  # fmt: skip


def altered(release: Path) -> None:
    """Another graph under the same number, told by its card."""

    graph = (release / "model.onnx").read_bytes() + b"\x00"
    (release / "model.onnx").write_bytes(graph)
    known = json.loads((release / "model.json").read_text())["graph"]
    change(release, graph={**known, "sha256": hashlib.sha256(graph).hexdigest()})


def test_another_graph_under_the_same_number_is_refused(db: None, releases: Path) -> None:
    altered(releases / RELEASE)
    with pytest.raises(BadScore, match="registered with another file"):
        register_model(releases / RELEASE, by=TESTER)
    with pytest.raises(BadScore, match="not the one that was registered"):
        scorer_of(credit())


@pytest.mark.parametrize("file", ["model.json", "model.onnx"])
def test_without_its_files_a_model_is_not_used(db: None, releases: Path, file: str) -> None:
    (releases / RELEASE / file).unlink()
    for use in (
        lambda: register_model(releases / RELEASE, by=TESTER),
        lambda: scorer_of(credit()),
    ):
        with pytest.raises(BadScore):
            use()
    assert Model.objects.filter(name=RELEASE.parent.name).count() == 1


def test_a_number_means_one_version(db: None) -> None:
    version = credit()
    with pytest.raises(IntegrityError, match="one_model_version"), transaction.atomic():
        ModelVersion.objects.create(model=version.model, number=version.number, sha256="0" * 64)
    assert (settings.MODEL_DIR / RELEASE / "model.onnx").exists()
