"""Keys that are gone, and told of, as the database demands."""

from uuid import UUID

from django.db import transaction

from audit import vault
from audit.events import record
from tests.conftest import TESTER


@transaction.atomic
def destroy_key(case_id: UUID) -> None:
    """Destroys a case's key, with the event of it; what the key sealed is still there."""
    vault.destroy(case_id)
    record("case.erased", by=TESTER, case_id=case_id)
