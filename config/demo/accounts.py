"""Who can sign in to the demo; the settings let none of them in elsewhere."""

from typing import NamedTuple

from accounts.roles import Role

PASSWORD = "countersign-demo"  # noqa: S105  # known to everybody, and good for nothing but the demo


class Person(NamedTuple):
    """Somebody of the demo."""

    username: str
    first_name: str
    last_name: str
    role: Role


PEOPLE = (
    Person("ada", "Ada", "Lindqvist", Role.REVIEWER),
    Person("bruno", "Bruno", "Castellani-Wieczorkowski", Role.REVIEWER),
    Person("chidi", "Chidi", "Okonkwo", Role.SENIOR_REVIEWER),
    Person("freya", "Freya", "Mac Giolla Bhríde", Role.SENIOR_REVIEWER),
    Person("dora", "Dóra", "Szentgyörgyi", Role.PIPELINE_ADMIN),
    Person("emil", "Emil", "Sørensen", Role.AUDITOR),
    Person("admin", "Alma", "Administrator", Role.PLATFORM_ADMIN),
)
