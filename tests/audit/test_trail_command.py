"""`manage.py trail`: how the log is sealed and published, from a shell."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit import sealing
from audit.models import Publication
from audit.notes import verifier_key
from audit.places.naming import read_place
from tests.audit.checkpoints import KEYS, checkpoint

pytestmark = pytest.mark.django_db


def said(*words: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("trail", *words, stdout=out)
    return out.getvalue()


def test_it_prints_keys_checkpoints_and_how_places_stand(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "good").mkdir()
    settings.CHECKPOINT_PLACES = (read_place(f"file://{tmp_path}/good"),)
    with pytest.raises(CommandError, match="no such checkpoint"):
        said("checkpoint")
    sealing.tell_what_changed(KEYS)
    first, second = checkpoint(), checkpoint(100_000)  # all, or status finds them late
    assert said("keys") == verifier_key(*next(iter(KEYS.items()))) + "\n"
    assert said("checkpoint") == second.note
    assert said("checkpoint", "--size", str(first.size)) == first.note
    assert f"{second.size} events sealed" in said("status")
    assert f"file://{tmp_path}/good: nothing yet" in said("status")
    published = said("publish")
    assert "1 checkpoints published" in published
    assert f"file://{tmp_path}/good: {second.size} events at " in published


def failed(word: str) -> str:
    """What the command prints before it ends with 1."""
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("trail", word, stdout=out)
    assert ended.value.code == 1
    return out.getvalue()


def test_it_ends_with_1_where_a_place_fails(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.CHECKPOINT_PLACES = (read_place(f"file://{tmp_path}/file/bad"),)
    sealing.tell_what_changed(KEYS)
    checkpoint()
    assert "does not take it" in failed("publish")
    assert "does not take it" in failed("publish"), "tried at once"
    assert Publication.objects.get().attempts == 2
    assert "does not take it" in failed("status")
