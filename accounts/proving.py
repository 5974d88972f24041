"""Proving anew who one is: the password, and a code where there is a second factor (21 CFR 11.200(a)).

Wrong tries count as those at signing in do; the session stays as it is, neither longer nor another one.
"""

from copy import copy

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import authenticate
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from accounts.models import User


class NotProven(Exception):
    """Who asks has not shown who they are; `problems` are words by control: password or code.

    `tried` where something was entered that is wrong.
    """

    def __init__(self, problems: dict[str, str], *, tried: bool = True) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems
        self.tried = tried


def asks_for_code(person: User) -> bool:
    """Whether a password alone does not do for this person."""
    return bool(is_mfa_enabled(person))


def prove(request: HttpRequest, person: User, *, password: str, code: str) -> bool:
    """Whether the person showed a second factor beside their password; raises NotProven."""
    second = asks_for_code(person)
    missing = {}
    if not password:
        missing["password"] = _("Enter your password.")
    if second and not code:
        missing["code"] = _("Enter a code of your authenticator.")
    if missing:
        raise NotProven(missing, tried=False)
    check_password(request, person, password)
    if second:
        check_code(person, code)
    return second


def check_password(request: HttpRequest, person: User, password: str) -> None:
    """Raises NotProven where the password is wrong, or was wrong too often.

    What is asked by is a copy of the request without its form: whoever counts wrong tries keeps what
    they were sent with, and would shut the whole page where it should say what is wrong.
    """
    asked = copy(request)
    asked.POST = QueryDict()
    found = authenticate(asked, username=person.get_username(), password=password)
    if getattr(asked, "axes_locked_out", False):
        words = _("Too many wrong passwords. Nothing is lost; try again in a quarter of an hour.")
        raise NotProven({"password": words})
    if found is None or found.pk != person.pk:
        raise NotProven({"password": _("That is not your password. Nothing was submitted.")})


def check_code(person: User, code: str) -> None:
    """Raises NotProven where the code is wrong, was used before, or was wrong too often."""
    form = AuthenticateForm({"code": code}, user=person)
    if not form.is_valid():
        raise NotProven({"code": " ".join(form.errors.get("code", []))})
