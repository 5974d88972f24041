"""The keys of kept export files, under a new master key."""

from django.db import transaction

from audit.rewrapping import resealed
from reviews.models import Export


def rewrap_exports() -> int:
    """Seals the keys anew that an older master key seals; returns of how many exports."""
    changed = 0
    for pk in Export.objects.exclude(blob="").values_list("pk", flat=True):
        with transaction.atomic():
            export = Export.objects.select_for_update().get(pk=pk)
            key = bytes(export.sealed_key or b"")
            fresh = resealed(f"export:{pk}", key) if key else None
            if fresh is not None:
                changed += Export.objects.filter(pk=pk).update(sealed_key=fresh)
    return changed
