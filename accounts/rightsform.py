"""A form of the admin's pages on which rights on one object are granted and withdrawn."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import Role, grant, holders, withdraw
from audit.acting import present_actor


class RightsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """An object, and which roles and people have which right on it: a field for each of `RIGHTS`."""

    RIGHTS: ClassVar[Sequence[str]]
    ROLES: ClassVar[Sequence[Role]]

    asking: User
    """Who opens the form, and is not offered: nobody grants rights to themselves."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(is_active=True).exclude(pk=self.asking.pk)
        roles = Group.objects.filter(name__in=[role.value for role in self.ROLES])
        self.offered: dict[str, User | Group] = {
            **{f"group:{role.pk}": role for role in roles},
            **{f"user:{person.pk}": person for person in people.order_by("username")},
        }
        choices = [(key, str(to)) for key, to in self.offered.items()]
        for right in self.RIGHTS:
            self.fields[right].choices = choices  # type: ignore[attr-defined]  # all of them have them
            self.initial[right] = sorted(holders(right, self.instance) & self.offered.keys())

    def change_rights(self) -> None:
        """Grants what was chosen anew and withdraws what no longer is. Must run in a transaction."""
        by = present_actor()
        for right in self.RIGHTS:
            wanted, held = set(self.cleaned_data[right]), set(self.initial[right])
            for key in sorted(wanted - held):
                grant(right, on=self.instance, to=self.offered[key], by=by)
            for key in sorted(held - wanted):
                withdraw(right, on=self.instance, to=self.offered[key], by=by)
