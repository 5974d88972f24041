"""What a reviewer may offer the person in a reply: free slots, and what is known to say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from inference.knowing import age
from reviews.casefile import CaseFile
from reviews.models import Slot
from reviews.replying import agreed, name_in
from reviews.slots import proposable


@dataclass(frozen=True, slots=True)
class Offerable:
    """What a reviewer may offer in a case: slots that are free `now`, and what a reply can say.

    `name` is empty where it is masked or not known; `unknown` are labels of what the case does not say.
    """

    slots: tuple[Slot, ...]
    now: datetime
    name: str
    consent: bool
    unknown: tuple[str, ...]


def offerable(file: CaseFile) -> Offerable | None:
    """What may be offered in a case; None where its pipeline has neither replies nor appointments."""
    definition = file.definition
    minutes = [spec.appointment_minutes or 0 for spec in definition.outcomes]
    if not (definition.replies or any(minutes)):
        return None
    within = timedelta(minutes=max(minutes))
    return Offerable(
        slots=tuple(proposable(file.case.pipeline_id, within)) if within else (),
        now=file.now,
        name="" if definition.person in file.hidden.pointers else name_in(definition, file.data),
        consent=agreed(definition, file.data),
        unknown=tuple(unknown(file)),
    )


def unknown(file: CaseFile) -> Iterator[str]:
    """What a reply might speak of and the case does not say: an age, a measurement of a table."""
    definition = file.definition
    if definition.born and age(definition, file.data, file.now.date())["days"] < 0:
        yield _("Age")
    for table in file.found.get("tables", {}).values():
        missing = [_(line["label"]) for line in table["lines"] if line["name"] in table["missing"]]
        yield from [_(table["label"])] if len(missing) == len(table["lines"]) else missing
