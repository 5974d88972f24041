"""Reading a place on the papers again, as the reviewer drew it, into the field or cell that they chose."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from audit.vault import CannotOpen
from cases.definition import FieldSpec
from cases.models import Document
from inference.pages import picture_of
from inference.regions import UnreadableRegion, read_region
from inference.values import Kind, find
from reviews.casefile import CaseFile, load, visible_case
from reviews.claims import ClaimLost
from reviews.drafts import load_draft
from reviews.entering import keep_for_return, renew_for, settle_field
from reviews.locking import what_happened
from reviews.models import Correction
from reviews.presenting import grids, values
from reviews.presenting.fields import UNREAD, ReadField, Refusal
from reviews.reading import note_case, note_papers
from reviews.verdicts import FieldVerdict, Source
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.sources import page_named, source_in
from reviews.views.working import NotAValue, answer, corrected, number, text_of, told


class NotRead(ValueError):
    """The place gave no value for the field; `text` is what it gave, the message says why not."""

    def __init__(self, words: str, text: str) -> None:
        super().__init__(words)
        self.text = text


@posted("case")
def region(request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
    """Reads `box` on `page` and keeps it as the reviewer's word on the field, with its source.

    What is no value of the field's type is shown for them to mend. Like every write it is fenced.
    """
    me, sent = person(request), request.POST
    file = load(visible_case(case_id, rights(request)), person(request))
    spec = next((spec for spec in file.definition.fields if spec.name == name), None)
    source = source_in(sent, file.documents)
    if spec is None or source is None or not goes_somewhere(sent, spec):
        raise Http404("no such field or place")
    if file.hidden.papers or name in file.hidden.fields:
        raise PermissionDenied
    fence, word = number(sent.get("fence")), None
    try:
        renew_for(case_id, fence=fence, reviewer=me)  # before any work is done for nothing
        note_papers(file.case, paper_of(source, file.documents).pk, reader=me)
        text = text_at(source, file, sent.get(sent.get("cell", "value"), ""))
        word = word_read(text, spec, file.read.get(name, UNREAD), source, sent)
        draft = settle_field(case_id, name, word, fence=fence, reviewer=me)
    except NotRead as no:
        draft = load_draft(file.opened, reviewer=me)
        note_case(file.case, reader=me)
        place = source if spec.type != "table" else None
        refusal = Refusal(name, with_text(sent, no.text, spec), str(no), place)
        return answer(request, file, draft, spec, fence, refusal=refusal, status=422)
    except ClaimLost:
        note_case(file.case, reader=me)
        changed = what_happened(fence, reviewer=me)
        typed = text_of(sent, spec)
        if word is not None:
            late = {"fields": {name: word.kept()}}
            keep_for_return(case_id, late, fence=fence, reviewer=me)
            value = word.value or file.read.get(name, UNREAD).value
            typed = str(value) if spec.type == "table" else values.shown(value, spec)
        refusal = Refusal(name, typed, _("Not saved.") + f" {changed}")
        return told(changed, answer(request, file, {}, spec, fence, refusal=refusal, status=409))
    return answer(request, file, draft, spec, fence)


def text_at(source: Source, file: CaseFile, typed: str) -> str:
    """What stands at a place; raises NotRead, with `typed` kept, where nothing can be read."""
    try:
        read = read_region(picture(source, file.documents, file), source.box)
    except (UnreadableRegion, FileNotFoundError, CannotOpen):
        words = _("That place could not be read. Try again, or type the value")
        raise NotRead(words, typed) from None
    if not read.text:
        raise NotRead(_("Nothing could be read there. Type the value"), typed)
    if not read.legible:
        raise NotRead(_("Hard to read there. Check it, then confirm"), read.text)
    return read.text


def picture(source: Source, documents: Sequence[Document], file: CaseFile) -> bytes:
    """The image of the page that a place is on."""
    page = page_named(source.page, documents)
    if page is None:
        raise FileNotFoundError(source.page)
    return picture_of(page, file.opened)


def paper_of(source: Source, documents: Sequence[Document]) -> Document:
    """The paper that a place is on."""
    return next(
        document
        for document in documents
        if any(str(page.pk) == source.page for page in document.pages.all())
    )


def goes_somewhere(sent: Mapping[str, str], spec: FieldSpec) -> bool:
    """Whether what is read has a place: of a table, a cell of one of its columns."""
    return spec.type != "table" or grids.column_of(sent.get("cell", ""), spec) is not None


def with_text(sent: Mapping[str, str], text: str, spec: FieldSpec) -> str:
    """The field's text with what was read in place; of a table, beside the other cells as typed."""
    if spec.type != "table":
        return text
    return grids.sent({**dict(sent.items()), sent["cell"]: text})


def word_read(
    text: str, spec: FieldSpec, read: ReadField, source: Source, sent: Mapping[str, str]
) -> FieldVerdict:
    """The word on a field by what stands at its source; raises NotRead where that is no value.

    One cell's source is not that of a table, which has none then.
    """
    column = grids.column_of(sent.get("cell", ""), spec)
    value = value_in(text, column or spec)
    if value is None:
        raise NotRead(_("Read there, but no value of this field. Mend it, then confirm"), text)
    if column is not None:
        try:
            return corrected(with_text(sent, value, spec), spec, read)
        except NotAValue as no:
            raise NotRead(str(no), value) from no
    if value == read.value:
        return FieldVerdict(Correction.Kind.CONFIRMED, source=source)
    return FieldVerdict(Correction.Kind.CORRECTED, value, source)


def value_in(text: str, spec: FieldSpec) -> str | None:
    """The value that a text is, or else the only one of the field's type that it holds."""
    whole = values.typed(text, spec)
    if whole is not None:
        return whole
    found = {each.canonical for each in find(text, Kind(spec.type, spec.format, spec.choices))}
    return found.pop() if len(found) == 1 else None
