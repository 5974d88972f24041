"""Masks: what is personal is hidden from some roles until a person says what they need it for.

The pipeline names the roles and the purposes. Whoever has another role beside these is not masked. What
was unmasked stays so for UNMASKED; that somebody looked is a fact of its own, with its event. Words that
people wrote (explanations, comments) are not searched for names: a mask hides fields, data and papers.
"""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from accounts.models import User
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.definition import Definition
from cases.models import Case
from reviews.models import Unmasking
from reviews.presenting.masks import NOTHING, Hidden

UNMASKED = timedelta(minutes=30)
ALL, DATA, PAPERS = "all", "data", "papers"
"""What can be unmasked beside single fields: everything, the rest of the data, the papers."""


class NothingToUnmask(ValueError):
    """The pipeline knows no such field or purpose, or hides nothing from this person."""


def hidden_from(person: User, case: Case) -> Hidden:
    """What the person may not see of a case until they say what for."""
    definition = case.definition
    if not definition.masking.roles or not masked_by_role(person, definition):
        return NOTHING
    looked = Unmasking.objects.filter(
        case=case, person=person, unmasked_at__gt=ClockTimestamp() - UNMASKED
    )
    return hidden_but(definition, frozenset(looked.values_list("field", flat=True)))


def masked_by_role(person: User, definition: Definition) -> bool:
    """Whether all of the person's roles are among those from which the pipeline hides."""
    roles = set(person.groups.values_list("name", flat=True))
    return bool(roles) and roles <= set(definition.masking.roles)


def hidden_but(definition: Definition, looked: frozenset[str]) -> Hidden:
    """What a pipeline hides, less what was `looked` at."""
    if ALL in looked:
        return NOTHING
    fields = [spec for spec in definition.fields if spec.personal and spec.name not in looked]
    pointers = {spec.declared for spec in fields if spec.declared}
    if DATA not in looked:
        pointers |= set(definition.masking.data)
    hidden = Hidden(
        frozenset(spec.name for spec in fields), frozenset(pointers), PAPERS not in looked
    )
    message = definition.message
    return replace(hidden, message=message is not None and hidden.covers(message.text))


@transaction.atomic
def unmask(case: Case, what: str, *, purpose: str, person: User, by: Actor) -> None:
    """Shows the person a field (or ALL, DATA, PAPERS) for a while; raises NothingToUnmask."""
    hidden, masking = hidden_from(person, case), case.definition.masking
    if not hidden or what not in {ALL, DATA, PAPERS, *hidden.fields}:
        raise NothingToUnmask(what)
    if purpose not in masking.purposes:
        raise NothingToUnmask("no such purpose")
    Unmasking.objects.create(case=case, person=person, field=what, purpose=purpose)
    record(
        "case.unmasked",
        by=by,
        case_id=case.pk,
        pipeline=case.definition.slug,
        data={"what": what, "purpose": purpose},
    )
