"""Reading bodies: JSON without surprises, and multipart kept in memory (papers never lie about in clear)."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.parsers import BaseParser

from cases.intake import SentPaper
from cases.strictjson import fit_text, parse_json
from cases.validation import Fault, InvalidInput

REPLACEMENT = "\ufffd"


class MalformedMultipart(Exception):
    """The body is no multipart/form-data; the message says why and quotes nothing of it."""

    @property
    def explanation(self) -> str:
        """The message, for the one who sent it."""
        return str(self)


@dataclass(frozen=True, slots=True)
class CaseForm:
    """A case as a form carries it: its JSON, and its papers as they are."""

    case: Any
    papers: tuple[SentPaper, ...]


class StrictJsonParser(BaseParser):
    """`application/json`."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of the body; raises MalformedJson."""
        return parse_json(stream.read())


class CaseFormParser(BaseParser):
    """`multipart/form-data` with a part `case` of JSON, and a file named for each paper's kind."""

    media_type = "multipart/form-data"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The case that the form holds; raises MalformedMultipart, MalformedJson and InvalidInput."""
        meta = parser_context["request"].META if parser_context else {}
        fields, files = read_form(stream.read(), meta)
        texts = [text.encode() for text in fields.pop("case", [])]
        texts += [file.read() for file in files.pop("case", [])]
        if len(texts) != 1:
            raise InvalidInput(Fault("#", "required", "must have exactly one part named “case”"))
        if fields:
            raise InvalidInput(Fault("#", "unknown_part", "has parts without a file beside “case”"))
        case = parse_json(texts[0])
        if isinstance(case, dict) and "documents" in case:
            detail = "is for JSON bodies: in a form each paper is a part of its own"
            raise InvalidInput(Fault("#/documents", "not_in_a_form", detail))
        papers = tuple(
            SentPaper(name, file.name or "", file.read())
            for name, sent in files.items()
            for file in sent
        )
        if not all(fit_text(paper.kind) and fit_text(paper.name) for paper in papers):
            raise MalformedMultipart("A part's name or file name cannot be kept as text.")
        return CaseForm(case, papers)


def read_form(
    body: bytes, meta: Mapping[str, Any]
) -> tuple[dict[str, list[str]], dict[str, list[Any]]]:
    """The fields and the files of a form by name; raises MalformedMultipart."""
    meta = {**meta, "CONTENT_LENGTH": len(body)}
    handler = MemoryFileUploadHandler()
    try:
        parser = MultiPartParser(meta, io.BytesIO(body), [handler], "utf-8")
        fields, files = parser.parse()
    except MultiPartParserError:
        raise MalformedMultipart(
            "The body is no multipart/form-data with the boundary it names."
        ) from None
    sent = dict(fields.lists())
    replaced = sum(text.count(REPLACEMENT) for texts in sent.values() for text in texts)
    if replaced > body.count(REPLACEMENT.encode()):  # Django's parser puts it for what is no UTF-8
        raise MalformedMultipart("A part of the form is not UTF-8.")
    return sent, dict(files.lists())
