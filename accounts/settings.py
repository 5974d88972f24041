"""What a person set for themselves: how pages look and read to them, and their keys."""

from typing import Any

from django.db import transaction

from accounts.models import User
from audit.actors import Actor
from audit.events import record

SETTINGS = frozenset(
    {"theme", "density", "locale", "time_zone", "keys", "single_keys", "blur_papers"}
)


@transaction.atomic
def change_settings(person: User, *, by: Actor, **wanted: Any) -> frozenset[str]:
    """Makes a person's own settings the wanted ones; returns the names of those that changed.

    The event names them, and does not say what they were or are: how somebody reads and works is
    their own affair. Raises TypeError for what is no setting.
    """
    if unknown := wanted.keys() - SETTINGS:
        raise TypeError(f"no settings: {', '.join(sorted(unknown))}")
    stored = User.objects.select_for_update().values(*wanted).get(pk=person.pk)
    changed = frozenset(name for name in wanted if stored[name] != wanted[name])
    for name in wanted:
        setattr(person, name, wanted[name])
    if changed:
        person.save(update_fields=sorted(changed))
        data = {"user": person.pk, "settings": sorted(changed)}
        record("account.settings_changed", by=by, data=data)
    return changed
