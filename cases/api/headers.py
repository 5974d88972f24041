"""Headers that ask for something: If-Match, If-None-Match, Prefer."""

import re

from cases.models import Case

STRONG_TAGS = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"(\s*,\s*"[\x21\x23-\x7e\x80-\xff]*")*')
ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?=[,;]|$)", re.IGNORECASE)


class PreconditionMissing(Exception):
    """A change of a case must say which version of it the sender has seen."""


class PreconditionMalformed(Exception):
    """If-Match holds no entity tags, or weak ones, which match nothing (RFC 9110, 13.1.1)."""


def etag(case: Case) -> str:
    """The strong entity tag of a case as the API shows it: its version."""
    return f'"{case.version}"'


def versions_to_match(header: str | None) -> set[int] | None:
    """The versions that If-Match names, None for any; a tag that we never gave names none.

    Raises PreconditionMissing and PreconditionMalformed.
    """
    if not header:
        raise PreconditionMissing
    if header.strip() == "*":
        return None
    if not STRONG_TAGS.fullmatch(header.strip()):
        raise PreconditionMalformed
    tags = (tag for _, tag in ENTITY_TAG.findall(header))
    return {int(tag) for tag in tags if tag.isdecimal() and tag.isascii()}


def is_known(header: str | None, case: Case) -> bool:
    """Whether If-None-Match says that the sender has this version (weak comparison)."""
    if not header:
        return False
    known = {f'"{tag}"' for _, tag in ENTITY_TAG.findall(header)}
    return header.strip() == "*" or etag(case) in known


def seconds_to_wait(header: str | None) -> int:
    """The seconds that Prefer: wait asks for; 0 where it doesn't (RFC 7240, 4.3)."""
    match = WAIT.search(header or "")
    return int(match[1]) if match else 0
