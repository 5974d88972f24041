"""Filling the demo: people who can sign in, upstream systems, and cases posted as these post them."""

from collections.abc import Mapping

from django.db import transaction

from accounts.keys import make_client, make_key, rotate_keys
from accounts.models import ApiClient, User
from accounts.roles import give_role, grant
from audit.actors import system
from cases.models import Case, Pipeline
from config.demo import expenses, loans, messages
from config.demo.accounts import PASSWORD, PEOPLE
from reviews.setting_up import open_to_people

BY = system("demo")
PORTALS: Mapping[str, str] = {
    loans.PIPELINE: "Demo loan portal",
    messages.PIPELINE: "Demo patient portal",
    expenses.PIPELINE: "Demo travel desk",
}
"""The upstream system of each pipeline."""


@transaction.atomic
def make_people() -> None:
    """The demo's people, each once, with a password that everybody knows, and the queues they work on."""
    made: dict[str, User] = {}
    for person in PEOPLE:
        if not User.objects.filter(username=person.username).exists():
            made[person.username] = User.objects.create_user(
                person.username,
                password=PASSWORD,
                first_name=person.first_name,
                last_name=person.last_name,
            )
            give_role(person.role, to=made[person.username], by=BY)
    for pipeline in Pipeline.objects.select_related("current").filter(slug__in=PORTALS):
        own = [
            made[person.username]
            for person in PEOPLE
            if person.username in made and pipeline.slug in person.works_on
        ]
        if own and pipeline.current:
            open_to_people(pipeline.current, own, by=BY)
        for person in PEOPLE:
            if person.username in made and pipeline.slug in person.breaks_glass:
                grant("break_glass", on=pipeline, to=made[person.username], by=BY)


@transaction.atomic
def portal_key(pipeline: str) -> str:
    """A key for the upstream system of a pipeline."""
    client = ApiClient.objects.filter(name=PORTALS[pipeline]).first()
    if client is not None:
        return rotate_keys(client, by=BY)
    return make_key(make_client(PORTALS[pipeline], pipelines=[pipeline], by=BY), by=BY)


def posted_references(pipeline: str) -> set[str]:
    """References of the demo cases of a pipeline that are there already."""
    posted = Case.objects.filter(client__name=PORTALS[pipeline])
    return set(posted.values_list("reference", flat=True))
