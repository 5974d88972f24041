"""Access as lines: what each person looked at, in numbers, and each read in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from audit.models import Event
from reviews.accessreviews import Access

RIGHTS = {
    "audit": lazy("audit"),
    "break_glass": lazy("emergency"),
    "review": lazy("review"),
    "second_review": lazy("second review"),
    "supervise": lazy("supervise"),
}
FIGURES = {
    "people": lazy("People who read"),
    "reads": lazy("Reads"),
    "downloads": lazy("Taken away"),
    "unmaskings": lazy("Looks under the mask"),
    "glass": lazy("Emergencies"),
    "odd_hours": lazy("Between 22 and 6 o’clock"),
    "unused": lazy("Rights not used"),
}
READS = {
    "case.opened": lazy("Opened the case"),
    "case.claimed": lazy("Took the case"),
    "case.fetched_ahead": lazy("The case was fetched ahead"),
    "case.unmasked": lazy("Looked under the mask"),
    "document.opened": lazy("Opened a paper"),
    "document.fetched_ahead": lazy("A paper was fetched ahead"),
    "document.downloaded": lazy("Took an original away"),
    "glass.broken": lazy("Opened the case in an emergency"),
    "export.downloaded": lazy("The export was downloaded"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One person."""

    access: Access
    who: str
    rights: str
    purposes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Read:
    """One read."""

    at: datetime
    words: str
    purpose: str
    case_id: UUID | None
    reference: str


def line(row: Access) -> Line:
    """What a person did, in words where there are any."""
    return Line(
        access=row,
        who=row.person.shown_name,
        rights=", ".join(str(RIGHTS.get(name, name)) for name in row.rights),
        purposes=tuple((_(purpose), count) for purpose, count in row.purposes.items() if purpose),
    )


def figures(found: Mapping[str, int]) -> list[tuple[str, int]]:
    """What a period comes to, in words."""
    return [(str(label), found[name]) for name, label in FIGURES.items()]


def read(event: Event, references: Mapping[UUID, str]) -> Read:
    """One read in words."""
    purpose = event.data.get("purpose") or event.data.get("filter", {}).get("purpose", "")
    return Read(
        at=event.at,
        words=str(READS.get(event.type, event.type)),
        purpose=_(purpose) if purpose else "",
        case_id=event.case_id,
        reference=references.get(event.case_id, "") if event.case_id else "",
    )
