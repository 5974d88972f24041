"""Addresses that only take what a form posts, and lead everybody else to the page with the form."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

View = Callable[..., HttpResponseBase]


def posted(page: str, *names: str) -> Callable[[View], View]:
    """A view for POSTs of signed-in people; `page` names where its form stands.

    `names` are those of the view's values that stand in that page's address as well.

    Who comes there by any other way (after signing in again, by the back button, with a bookmark)
    gets that page: it shows what became of what they sent.
    """

    def only_posted(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            kept = names or (("case_id",) if page == "case" else ())
            address = resolve_url(page, **{name: kwargs[name] for name in kept})
            if request.method in ("GET", "HEAD"):
                return HttpResponseRedirect(address)
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            if not request.user.is_authenticated:
                return redirect_to_login(address)
            return view(request, **kwargs)

        return answer

    return only_posted
