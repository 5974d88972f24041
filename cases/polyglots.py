"""Files that are two kinds of file at once, so that whoever opens them sees what he wants to see."""

SIGNATURES = (
    b"%PDF-",
    b"PK\x03\x04",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x7fELF",
    b"MZ\x90\x00",
    b"<html",
    b"<!doctype",
    b"<script",
    b"<svg",
    b"<?php",
    b"<?xml",
    b"#!/",
)
"""How other kinds of file begin; in lower case where letters may be of either."""

PDF_TOLD_WITHIN = 1024
"""Bytes at a file's beginning and end in which readers look for a PDF's (ISO 32000-1, annex H)."""
ZIP_END = b"PK\x05\x06"
ZIP_END_WITHIN = 22 + 65_535
"""Bytes at a file's end in which readers look for a ZIP's directory: its record and a comment."""


def is_polyglot(blob: bytes, media_type: str) -> bool:
    """Whether a file of `media_type` can also be read as another kind of file."""
    if ZIP_END in blob[-ZIP_END_WITHIN:]:
        return True
    if media_type != "application/pdf" and (
        b"%PDF-" in blob[:PDF_TOLD_WITHIN] or b"%%EOF" in blob[-PDF_TOLD_WITHIN:]
    ):
        return True
    after = blob[end_of(blob, media_type) :].lower()
    return any(signature.lower() in after for signature in SIGNATURES)


def end_of(blob: bytes, media_type: str) -> int:
    """Where a file of `media_type` says that it ends; the length where it does not say."""
    match media_type:
        case "image/png":
            return _end_of_png(blob)
        case "image/jpeg":
            return _end_of_jpeg(blob)
        case "image/webp":
            return 8 + int.from_bytes(blob[4:8], "little")
        case "application/pdf":
            last = blob.rfind(b"%%EOF")
            return last + 5 if last >= 0 else len(blob)
    return len(blob)


def _end_of_png(blob: bytes) -> int:
    """Chunks of a length, a type, data and a checksum, the last of them IEND (ISO 15948, 5.3)."""
    at = 8
    while at + 12 <= len(blob):
        kind = blob[at + 4 : at + 8]
        at += 12 + int.from_bytes(blob[at : at + 4], "big")
        if kind == b"IEND":
            return at
    return len(blob)


def _end_of_jpeg(blob: bytes) -> int:
    """Segments with lengths, then scans that run to the next marker, the last one EOI (T.81, B.1)."""
    at = 2
    while at + 4 <= len(blob) and blob[at] == 0xFF:
        marker = blob[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            at += 1 if marker == 0xFF else 2
            continue
        at += 2 + int.from_bytes(blob[at + 2 : at + 4], "big")
        if marker == 0xDA:
            at = _next_marker(blob, at)
    return len(blob)


def _next_marker(blob: bytes, at: int) -> int:
    """Past a scan's data, in which FF is followed by 00 or a restart marker."""
    while (at := blob.find(b"\xff", at)) >= 0:
        following = blob[at + 1 : at + 2]
        if following and following not in b"\x00\xff\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7":
            return at
        at += 1 if following == b"\xff" else 2
    return len(blob)
