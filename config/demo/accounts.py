"""Who can sign in to the demo; the settings let none of them in elsewhere."""

from typing import NamedTuple

from accounts.roles import Role

PASSWORD = "countersign-demo"  # noqa: S105  # known to everybody, and good for nothing but the demo


LOANS, MESSAGES, EXPENSES = "loan", "patient-message", "expense-claim"
EVERYTHING = (LOANS, MESSAGES, EXPENSES)


class Person(NamedTuple):
    """Somebody of the demo, and the pipelines that they work on."""

    username: str
    first_name: str
    last_name: str
    role: Role
    works_on: tuple[str, ...] = EVERYTHING


PEOPLE = (
    Person("ada", "Ada", "Lindqvist", Role.REVIEWER, (LOANS,)),
    Person("bruno", "Bruno", "Castellani-Wieczorkowski", Role.REVIEWER, (LOANS,)),
    Person("chidi", "Chidi", "Okonkwo", Role.SENIOR_REVIEWER, (LOANS,)),
    Person("freya", "Freya", "Mac Giolla Bhríde", Role.SENIOR_REVIEWER, (LOANS,)),
    Person("greta", "Greta", "Ólafsdóttir", Role.REVIEWER, (MESSAGES,)),
    Person("henrik", "Henrik", "van den Broeck", Role.SENIOR_REVIEWER, (MESSAGES,)),
    Person("ines", "Inês", "Figueiredo", Role.REVIEWER, (EXPENSES,)),
    Person("jonas", "Jonas", "Weißenborn", Role.SENIOR_REVIEWER, (EXPENSES,)),
    Person("dora", "Dóra", "Szentgyörgyi", Role.PIPELINE_ADMIN),
    Person("emil", "Emil", "Sørensen", Role.AUDITOR),
    Person("admin", "Alma", "Administrator", Role.PLATFORM_ADMIN, ()),
)
