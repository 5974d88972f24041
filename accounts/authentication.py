"""How an upstream system shows who it is, and what its key may do."""

from typing import TYPE_CHECKING, cast

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.keys import recognise
from accounts.models import ApiClient, ApiKey, Scope

if TYPE_CHECKING:  # rest_framework.views reads the settings, which name this module
    from rest_framework.views import APIView


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer csk_…`"""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        """The key of the request, or None where it carries none; raises AuthenticationFailed."""
        kind, _, key = get_authorization_header(request).decode("latin-1").partition(" ")
        if kind.lower() != "bearer":
            return None
        found = recognise(key.strip())
        if found is None:
            raise AuthenticationFailed("The API key is unknown, expired or revoked.")
        return AnonymousUser(), found

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing key a 401 that says how to sign in."""
        return 'Bearer realm="countersign"'


class HasScope(BasePermission):
    """Asks for the scope that the view names for the method: `scopes = {"GET": Scope.CASES_READ}`."""

    message = "The API key has no scope for this."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the request's key has the scope; a view that names none is closed."""
        key = request.auth
        scopes: dict[str, Scope] = getattr(view, "scopes", {})
        scope = scopes.get("GET" if request.method == "HEAD" else str(request.method))
        if not isinstance(key, ApiKey):
            return False
        return request.method == "OPTIONS" or (scope is not None and scope.value in key.scopes)


def client_of(request: Request) -> ApiClient:
    """The client whose key the request carries."""
    return cast(ApiKey, request.auth).client
