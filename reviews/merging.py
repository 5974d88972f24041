"""Merging a write that came late with what its reviewer has kept since: neither is lost.

A draft holds the verdict's parts and, under "fields", a word on each field. What came late and
differs from something newer is laid beside it under "late", until its reviewer chooses.
"""

from collections.abc import Collection, Mapping
from typing import Any

PARTS = ("outcome", "reasons", "explanation", "needed_person", "reply")
FIELD = "field:"
"""What a word on a field is called among the parts."""


def parts(draft: Mapping[str, Any]) -> dict[str, Any]:
    """A draft as flat parts; what is empty is left out."""
    words = {f"{FIELD}{name}": word for name, word in draft.get("fields", {}).items()}
    verdict = {part: draft[part] for part in PARTS if draft.get(part) not in (None, "", [])}
    return verdict | words


def with_parts(draft: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The draft with some parts put in place."""
    fields = {key.removeprefix(FIELD): word for key, word in given.items() if FIELD in key}
    verdict = {key: value for key, value in given.items() if FIELD not in key}
    return {**draft, **verdict, "fields": {**draft.get("fields", {}), **fields}}


def laid_beside(draft: Mapping[str, Any], late: Mapping[str, Any]) -> dict[str, Any]:
    """The newer draft with what came late: put in place where nothing stands there, else beside."""
    kept, sent = parts(draft), parts(late)
    clashing = {key: value for key, value in sent.items() if differs(kept.get(key, value), value)}
    fitting = {key: value for key, value in sent.items() if key not in kept}
    beside = {**draft.get("late", {}), **clashing}
    return {**with_parts(draft, fitting), **({"late": beside} if beside else {})}


def differs(kept: Any, sent: Any) -> bool:
    """Whether two parts say different things; when a word was said does not matter."""
    if isinstance(kept, Mapping) and isinstance(sent, Mapping) and "kind" in sent:
        return any(kept.get(key) != sent.get(key) for key in ("kind", "value"))
    return bool(kept != sent)


def merged(draft: Mapping[str, Any], *, take: Collection[str]) -> dict[str, Any]:
    """The draft once its reviewer has chosen: the late parts to `take` are put in place."""
    late = draft.get("late", {})
    rest = {key: value for key, value in draft.items() if key != "late"}
    return with_parts(rest, {key: value for key, value in late.items() if key in take})
