"""What stands where a verdict is signed: as whom, and what that means."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.proving import asks_for_code
from cases.models import Case


@dataclass(frozen=True, slots=True)
class SigningPanel:
    """The signer's name as it will be printed, what the signature means, and whether a code is needed."""

    name: str
    meaning: str
    code: bool


def signing_panel(case: Case, person: User) -> SigningPanel | None:
    """What to show beside the password; None where the pipeline asks for no signatures."""
    spec = case.definition.signature
    if spec is None:
        return None
    return SigningPanel(person.shown_name, _(spec.meaning), asks_for_code(person))
