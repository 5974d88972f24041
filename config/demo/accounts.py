"""Who can sign in to the demo; the settings let none of them in elsewhere."""

from typing import NamedTuple

from django.utils.translation import gettext_noop

from accounts.roles import Role

PASSWORD = "countersign-demo"  # noqa: S105  # known to everybody, and good for nothing but the demo


LOANS, MESSAGES, EXPENSES = "loan", "patient-message", "expense-claim"
EVERYTHING = (LOANS, MESSAGES, EXPENSES)


class Person(NamedTuple):
    """Somebody of the demo, the pipelines that they work on, and those whose cases they may open in an
    emergency.
    """

    username: str
    first_name: str
    last_name: str
    role: Role
    works_on: tuple[str, ...] = EVERYTHING
    breaks_glass: tuple[str, ...] = ()


PEOPLE = (
    Person("ada", "Ada", "Lindqvist", Role.REVIEWER, (LOANS,)),
    Person("bruno", "Bruno", "Castellani-Wieczorkowski", Role.REVIEWER, (LOANS,)),
    Person("chidi", "Chidi", "Okonkwo", Role.SENIOR_REVIEWER, (LOANS,)),
    Person("freya", "Freya", "Mac Giolla Bhríde", Role.SENIOR_REVIEWER, (LOANS,)),
    Person("greta", "Greta", "Ólafsdóttir", Role.REVIEWER, (MESSAGES,)),
    Person("henrik", "Henrik", "van den Broeck", Role.SENIOR_REVIEWER, (MESSAGES,)),
    Person("ines", "Inês", "Figueiredo", Role.REVIEWER, (EXPENSES,), (MESSAGES,)),
    Person("jonas", "Jonas", "Weißenborn", Role.SENIOR_REVIEWER, (EXPENSES,)),
    Person("dora", "Dóra", "Szentgyörgyi", Role.PIPELINE_ADMIN),
    Person("karim", "Karim", "Haddad-Björklund", Role.PIPELINE_ADMIN),
    Person("emil", "Emil", "Sørensen", Role.AUDITOR),
    Person("lucia", "Lucía", "Etxeberria-Navarro", Role.PRIVACY_OFFICER),
    Person("mats", "Mats", "Åkerblom", Role.PRIVACY_OFFICER),
    Person("admin", "Alma", "Administrator", Role.PLATFORM_ADMIN, ()),
)


class Group(NamedTuple):
    """People of the demo who work on the same; `label` is the pipeline's name."""

    label: str
    people: tuple[Person, ...]


LABELS = {
    (LOANS,): "Small-business loan",
    (MESSAGES,): "Patient message",
    (EXPENSES,): "Expense claim",
}


def groups() -> tuple[Group, ...]:
    """The people by what they work on; those of all pipelines, or of none, come last."""
    own = [
        Group(label, tuple(person for person in PEOPLE if person.works_on == works_on))
        for works_on, label in LABELS.items()
    ]
    others = tuple(person for person in PEOPLE if person.works_on not in LABELS)
    return (*own, Group(gettext_noop("The whole house"), others))
