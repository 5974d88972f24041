"""What may bear out the reasons of a verdict that is being entered, for the page of its case."""

from collections.abc import Mapping
from typing import Any

from reviews.adverse.knowing import fields_seen, said_by_route
from reviews.adverse.reasons import Facts
from reviews.casefile import CaseFile
from reviews.verdicts import FieldVerdict


def facts_shown(file: CaseFile, outcome: str, draft: Mapping[str, Any], *, unseen: bool) -> Facts:
    """The facts beside what a reviewer has entered so far; `unseen` where they know no model's view."""
    read = {name: (each.value, each.mismatch) for name, each in file.read.items()}
    words = {name: FieldVerdict.of(word) for name, word in draft.get("fields", {}).items()}
    route = said_by_route(file.route, file.definition, file.data, outcome, unseen=unseen)
    return Facts(
        **route,
        fields=fields_seen(file.definition, file.data, read),
        words=words,
        pointed=draft.get("pointed", {}),
    )
