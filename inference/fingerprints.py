"""What a paper is known again by: its file, its figures, and the picture of each of its pages.

A digest is keyed, and a picture's bits are shuffled and turned round as only the house can, so that a
row tells nothing to who has no key; how far two pictures are apart stays the same.
"""

from collections.abc import Iterator, Sequence

from audit import vault
from audit.vault import Vault
from cases.definition import FieldSpec
from cases.models import Case, Document, Page
from inference import images
from inference.extraction import FoundField
from inference.likeness import BITS, bands, masked, picture_bits
from inference.models import Fingerprint
from inference.pages import picture_of
from inference.telling import Told, figures_of, numbered, telling_fields

SIGN = 1 << BITS - 1
"""The database counts 64 bits from below zero."""


def fingerprints(
    case: Case, found: Sequence[FoundField], pages: Sequence[Page], opened: Vault
) -> list[Fingerprint]:
    """The fingerprints of the case's papers that are to be unique, as rows not saved yet.

    A paper of blank pages leaves none: one is like another.
    """
    definition, marks = case.definition, list[Fingerprint]()
    for document, number in numbered(case.documents.all()):
        paper = definition.document_spec(document.kind)
        if paper is None or not paper.unique:
            continue
        own = [page for page in pages if page.document_id == document.pk]
        pictures = list(of_pictures(document, own, opened))
        if own and not pictures:
            continue
        specs = telling_fields(definition, document, number)
        marks.append(of_file(document))
        marks += of_figures(document, specs, {each.name: each for each in found}, pages)
        marks += pictures
    return marks


def of_file(document: Document) -> Fingerprint:
    """The file's own."""
    return Fingerprint(
        case_id=document.case_id,
        document=document,
        kind=Fingerprint.Kind.FILE,
        digest=document.digest,
    )


def of_figures(
    document: Document,
    specs: Sequence[FieldSpec],
    found: dict[str, FoundField],
    pages: Sequence[Page],
) -> Iterator[Fingerprint]:
    """That of the figures the paper is told by, where all were found with confidence.

    Its words are compared afterwards: two readings seldom have each letter of a name alike.
    """
    own = [(spec.base, found[spec.name]) for spec in specs if spec.name in found]
    told: Told = {
        name: (each.value, each.confidence) for name, each in own if each.value is not None
    }
    figures = figures_of(specs, told)
    if figures is None:
        return
    content = vault.canonical([document.kind, figures])
    shown = next(each.page for name, each in own if name == figures[0][0])
    yield Fingerprint(
        case_id=document.case_id,
        document=document,
        page=None if shown is None else pages[shown],
        kind=Fingerprint.Kind.CONTENT,
        digest=vault.house_digest("content", content),
    )


def of_pictures(document: Document, pages: Sequence[Page], opened: Vault) -> Iterator[Fingerprint]:
    """One for each page that is not blank."""
    for page in pages:
        bits = picture_bits(images.load(picture_of(page, opened, "screen")))
        if bits is None:
            continue
        hidden = hide(bits)
        yield Fingerprint(
            case_id=document.case_id,
            document=document,
            page=page,
            kind=Fingerprint.Kind.IMAGE,
            bits=signed(hidden),
            bands=bands(hidden),
        )


def hide(bits: int) -> int:
    """A picture's bits as they are kept: in the house's own order, and some turned round."""
    lots = [vault.house_digest("picture", bytes([bit])) for bit in range(BITS)]
    order = sorted(range(BITS), key=lots.__getitem__)
    return masked(bits, order, int(vault.house_digest("picture", b"mask")[: BITS // 4], 16))


def signed(bits: int) -> int:
    """64 bits as the database has them."""
    return (bits ^ SIGN) - SIGN


def unsigned(kept: int) -> int:
    """Bits as they were before `signed`."""
    return kept & (1 << BITS) - 1
