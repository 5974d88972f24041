"""The roles of the house by their names. Pure: what a role may do is in accounts.roles."""

from enum import StrEnum


def _(name: str) -> str:
    """Marks a name that is translated where it is shown: groups keep their English names."""
    return name


class Role(StrEnum):
    """The roles of the house; each is a group of the same name."""

    REVIEWER = _("reviewer")
    SENIOR_REVIEWER = _("senior reviewer")
    PIPELINE_ADMIN = _("pipeline admin")
    AUDITOR = _("auditor")
    PRIVACY_OFFICER = _("privacy officer")
    OPERATOR = _("operator")
    PLATFORM_ADMIN = _("platform admin")
