"""`manage.py pipelines`: a new pipeline that runs, mistakes with their lines, queues opened to people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from guardian.shortcuts import get_perms

from accounts.models import User
from accounts.roles import Role
from cases.definition import parse, read_toml
from cases.models import Pipeline, PipelineVersion
from reviews.models import Queue

FILE = settings.BASE_DIR / "cases/pipelines/loan/pipeline.toml"


def test_files_are_checked_and_applied(loan: Pipeline, tmp_path: Path, capsys: Any) -> None:
    call_command("pipelines", "check", FILE)
    file = tmp_path / "loan.toml"
    file.write_text(FILE.read_text().replace("version = 1\nborn", "version = 2\nborn"))
    call_command("pipelines", "apply", file)
    assert Pipeline.objects.filter(slug="loan", current__number=2).exists()
    assert "loan version 2: apply done" in capsys.readouterr().out


def test_the_projects_own_pipelines_have_no_mistake(capsys: Any) -> None:
    call_command("pipelines", "check")
    carried = sorted((settings.BASE_DIR / "cases/pipelines").glob("*/pipeline.toml"))
    assert capsys.readouterr().out.count("check done") == len(carried) >= 3


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('name = "Small', 'name = = "Small', 'name = = "Small', "Invalid value"),
        ('queue = "loan-review"   ', 'queue = "nowhere"', 'queue = "nowhere"', "policy.queue: the pipeline"),
        ("approve = 0.85", "approve = nan", "", "what JSON has not"),
        ("version = 1\nborn", 'version = "x"\nborn', 'version = "x"', "version: 'x' is not"),
        ('type = "percentage"', 'type = "percent"', 'type = "percent"', "fields.11.type: 'percent'"),
        ('key = "d"', 'key = "a"', "[[outcomes]]\nname = \"decline\"", "key of an outcome"),
        ('"/loan/purpose"', '"/loan/porpoise"', "purpose = \"/loan/porpoise\"", "has nothing at"),
        ('name = "german-credit-scorecard"', 'name = "none"', 'name = "none"', "no release none 1"),
        ("[masking]", "[maskng]", "[maskng]", "maskng: there is no part of this name"),
        ('"data.loan.amount > 8', '"dta.loan.amount > 8', "dta.loan", "nothing is called 'dta'"),
        ('"data.loan.amount > 8', '"data.loan.sum > 8', "data.loan.sum", "there is no data.loan.sum"),
        ('"data.loan.amount > 8', '"fields.sum.found && 8', "fields.sum", "there is no fields.sum"),
        ('"data.loan.amount > 8', '"tables.x.points > 8', "tables.x", "there is no tables.x.points"),
        ('"data.loan.amount > 8', '"data.loan.amount >> 8', ">> 8", "extraneous input '>' (at character 19)"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_and_line(
    loan: Pipeline, tmp_path: Path, old: str, new: str, line: str, message: str
) -> None:
    file = tmp_path / "broken.toml"
    text = FILE.read_text()
    assert old in text
    broken = text.replace(old, new, 1)
    file.write_text(broken)
    number = broken[: broken.index(line)].count("\n") + 1
    for act in ("check", "apply"):
        with pytest.raises(CommandError) as refusal:
            call_command("pipelines", act, file)
        assert f"{file}:{number}: " in str(refusal.value)
        assert message in str(refusal.value)
    assert PipelineVersion.objects.filter(pipeline__slug="loan").count() == 1


@pytest.mark.parametrize(
    ("pipeline", "old", "new", "line", "message"),
    [
        ("loan", '["approve", "decline"]', '["decline", "approve"]', "outcomes =", "speak for 'approve'"),
        ("loan", 'purpose = "/loan', 'aim = "/loan', "aim =", "has no feature 'aim'"),
        ("loan", 'purpose = "/loan/purpose"', "", "[model.features]", "asks for 'purpose'"),
        ("expense-claim", "[model]", '[model]\ntext = "/claim/purpose"', "text =", "reads no words"),
        ("patient-message", '"routine", "self_care"]', '"self_care"]', "outcomes =", "are emergency, same"),
        ("patient-message", 'text = "/message/text"\n\n[sig', "[sig", "[model]", "reads words"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_models_own_files_is_told(
    tmp_path: Path, pipeline: str, old: str, new: str, line: str, message: str
) -> None:
    text = (settings.BASE_DIR / f"cases/pipelines/{pipeline}/pipeline.toml").read_text()
    assert old in text
    file = tmp_path / "broken.toml"
    file.write_text(broken := text.replace(old, new, 1))
    number = broken[: broken.index(line, broken.index("[model]"))].count("\n") + 1
    with pytest.raises(CommandError) as refusal:
        call_command("pipelines", "check", file)
    assert f"{file}:{number}: " in str(refusal.value)
    assert message in str(refusal.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    text = FILE.read_text().replace('key = "d"', 'key = "a"')
    file.write_text(text.replace('"/loan/purpose"', '"/loan/porpoise"'))
    with pytest.raises(CommandError) as refusal:
        call_command("pipelines", "check", file, FILE)
    assert str(refusal.value).count(f"{file}:") == 2


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("pipelines", "check", tmp_path / "absent.toml")
    picture = tmp_path / "picture.toml"
    picture.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(CommandError, match="can't decode"):
        call_command("pipelines", "check", picture)


def test_a_new_pipeline_is_sound_as_it_is_written(tmp_path: Path) -> None:
    call_command("pipelines", "new", "parking-permit", directory=tmp_path)
    file = tmp_path / "parking-permit" / "pipeline.toml"
    call_command("pipelines", "check", file)
    definition = parse(read_toml(file.read_text()))
    assert (definition.slug, definition.name) == ("parking-permit", "Parking permit")
    assert definition.model is None
    with pytest.raises(CommandError, match="exists"):
        call_command("pipelines", "new", "parking-permit", directory=tmp_path)


@pytest.mark.parametrize("slug", ["Parking", "9lives", "", "a b", "../up", "x" * 54])
def test_a_slug_that_can_be_none_is_refused(slug: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be a slug"):
        call_command("pipelines", "new", slug, directory=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("line", ["several", "read", "unique", "required"])
def test_what_the_template_only_mentions_can_be_switched_on(line: str, tmp_path: Path) -> None:
    call_command("pipelines", "new", "permit", directory=tmp_path)
    file = tmp_path / "permit" / "pipeline.toml"
    text = file.read_text()
    assert f"\n# {line} = " in text
    without_fields = text if line != "read" else "\n".join(of_no_fields(text))
    file.write_text(without_fields.replace(f"\n# {line} = ", f"\n{line} = "))
    call_command("pipelines", "check", file)


def of_no_fields(text: str) -> list[str]:
    """The template without its fields and what rests on them."""
    head, rest = text.split("[[fields]]", 1)
    tail = rest[rest.index("# ------") :]
    return [head, tail[: tail.index("[[policy.rules]]")]]


def test_queues_are_opened_to_people_by_their_roles(
    loan: Pipeline, make_person: Callable[..., User]
) -> None:
    clinician, senior = make_person(Role.REVIEWER), make_person(Role.SENIOR_REVIEWER)
    call_command("pipelines", "apply", settings.BASE_DIR / MESSAGES)
    queue = Queue.objects.get(slug="messages-urgent")
    assert "review" not in get_perms(clinician, queue)
    call_command("pipelines", "open", "patient-message", to=[clinician.username, senior.username])
    assert get_perms(clinician, queue) == ["review"]
    assert set(get_perms(senior, queue)) == {"review", "second_review", "supervise"}
    with pytest.raises(CommandError, match="nobody called nobody"):
        call_command("pipelines", "open", "patient-message", to=["nobody"])
    with pytest.raises(CommandError, match="no pipeline 'nothing'"):
        call_command("pipelines", "open", "nothing")


MESSAGES = "cases/pipelines/patient-message/pipeline.toml"
