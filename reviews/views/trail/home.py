"""The trail's first page: the seals over everything that happened, and what is published of them."""

import json
from base64 import b64encode
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from audit.checking import Checked, Finding, check_saved, keys_of_the_log, waiting_events
from audit.models import Checkpoint, Publication
from audit.notes import NoteRefused
from audit.proving import LogBroken, consistency, latest_checkpoint
from audit.publishing import standings
from audit.timestamps import stamped_at
from reviews.presenting.trail.faults import fault_words
from reviews.presenting.trail.home import (
    Note,
    finding_note,
    place_line,
    sentence,
    warning,
)
from reviews.views.people import SEE_TRAIL, rights
from reviews.views.posted import posted
from reviews.views.trail.frame import trail_page

LARGEST = 64 * 1024
"""Bytes of a checkpoint that somebody kept: one has some 200."""

SHOWN = 8
"""So many checkpoints and timestamps stand on the page."""


class SavedForm(forms.Form):
    """A checkpoint that the reader kept: as its text, or as its file."""

    note = forms.CharField(
        required=False,
        strip=False,
        max_length=LARGEST,
        label=lazy("Its text"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "control mono"}),
    )
    file = forms.FileField(required=False, label=lazy("Or its file"))

    def clean(self) -> dict[str, Any]:
        """One of both is there."""
        given: dict[str, Any] = super().clean() or {}
        file = given.get("file")
        if file is not None and file.size > LARGEST:
            self.add_error("file", lazy("This file is too large for a checkpoint."))
        elif file is None and not given.get("note", "").strip():
            self.add_error("note", lazy("Paste a checkpoint, or choose its file."))
        return given

    @property
    def text(self) -> str:
        """The note, with the line ends that were signed: browsers and mail programs change them."""
        file, text = self.cleaned_data.get("file"), self.cleaned_data["note"]
        if file is not None:
            text = file.read().decode("utf-8-sig", "replace")
        return "\n".join(text.strip().splitlines()) + "\n"


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """How far the log is sealed, where that was published, and by which keys it is signed."""
    return shown(request, SavedForm())


@posted("trail")
def check(request: HttpRequest) -> HttpResponse:
    """Whether the log continues a checkpoint that the reader kept."""
    demand_sight(request)
    form, newest = SavedForm(request.POST, request.FILES), latest_checkpoint()
    if newest is None:
        raise Http404
    if not form.is_valid():
        return shown(request, form, status=422)
    try:
        checked = check_saved(form.text, newest)
    except LogBroken as error:
        why = fault_words(str(error))
        return shown(request, form, found=Note("bad", _("The log is broken."), why))
    return shown(request, form, found=finding_note(checked), checked=checked, **proven(checked))


def proven(checked: Checked) -> dict[str, Any]:
    """What the reader needs to check the same without us, where the log continues the checkpoint."""
    head, newest = checked.head, checked.newest
    root = {"root": b64encode(head.root).decode()} if head else {}
    if head is None or checked.finding != Finding.CONTINUED:
        return root
    names = {"newest_name": name_of(newest), "proof_name": proof_name(head.size, newest)}
    return {"proven": True, **names, **root}


def shown(request: HttpRequest, form: SavedForm, status: int = 200, **context: Any) -> HttpResponse:
    """The page with its form, and what was found of a kept checkpoint."""
    newest, waiting = latest_checkpoint(), waiting_events()
    found = {
        "form": form,
        "newest": newest,
        "sentence": sentence(newest, waiting.now) if newest else "",
        "warning": warning(waiting),
        "waiting": waiting,
        "keys": known_keys(),
        "places": [place_line(each) for each in standings()],
        "stamps": [(row, stamped_at(bytes(row.receipt))) for row in stamps()[:SHOWN]],
        "checkpoints": Checkpoint.objects.order_by("-id")[:SHOWN],
        **context,
    }
    return trail_page(request, "reviews/trail/home.html", "home", found, status)


def known_keys() -> list[Any]:
    """The keys that the log knows; none where its newest checkpoint is signed wrongly by one of them."""
    try:
        return list(keys_of_the_log())
    except NoteRefused:
        return []


def stamps() -> Any:
    """The timestamps, the newest first."""
    rows = Publication.objects.filter(published_at__isnull=False).exclude(receipt=b"")
    return rows.select_related("checkpoint").order_by("-id")


def demand_sight(request: HttpRequest) -> None:
    """Raises Http404 for whoever may see none of the trail."""
    if not rights(request).has_any(*SEE_TRAIL):
        raise Http404


def file(content: bytes, name: str, type: str = "text/plain; charset=utf-8") -> HttpResponse:
    """An answer that is kept as a file."""
    response = HttpResponse(content, content_type=type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@login_required
def checkpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """A checkpoint as its file."""
    demand_sight(request)
    found = get_object_or_404(Checkpoint, pk=pk)
    return file(found.note.encode(), name_of(found))


def name_of(checkpoint: Checkpoint) -> str:
    """The name of a checkpoint's file."""
    return f"checkpoint-{checkpoint.size:012}.txt"


def proof_name(size: int, checkpoint: Checkpoint) -> str:
    """The name of a proof's file."""
    return f"consistency-{size}-{checkpoint.size}.json"


@require_safe
@login_required
def keys(request: HttpRequest) -> HttpResponse:
    """The keys that verify, a line each."""
    demand_sight(request)
    lines = [f"{each.key}\n" for each in known_keys()]
    return file("".join(lines).encode(), "keys.txt")


@require_safe
@login_required
def proof(request: HttpRequest, size: int, pk: int) -> HttpResponse:
    """The proof that a checkpoint's log begins with the first `size` events, for verify.py."""
    demand_sight(request)
    found = get_object_or_404(Checkpoint, pk=pk)
    if not size <= found.size:
        raise Http404
    path = [hash.hex() for hash in consistency(size, found)]
    content = {"old_size": size, "new_size": found.size, "path": path}
    proven = json.dumps(content, indent=1).encode()
    return file(proven, proof_name(size, found), "application/json")


@require_safe
@login_required
def stamp(request: HttpRequest, pk: int) -> HttpResponse:
    """A timestamp, as the authority answered (RFC 3161)."""
    demand_sight(request)
    found = get_object_or_404(stamps(), pk=pk)
    name = f"checkpoint-{found.checkpoint.size:012}.tsr"
    return file(bytes(found.receipt), name, "application/timestamp-reply")
