"""What reviewers wrote, as it stands in a file: opened, masked, or said to be gone; never obeyed."""

import json
import re
from uuid import UUID

from audit import vault
from audit.models import CaseKey
from audit.vault import CannotOpen

EXPLANATIONS = "explanations"
ERASED, UNOPENED = "[erased]", "[can't be opened]"
"""What stands for the explanations of a case whose key was destroyed, or is not here."""
MASKED = "[masked]"
"""What stands for those that are hidden from whoever exports them and says no purpose."""
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the text around it (Unicode 9, bidirectional controls), and could show it as another."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\0")

Explained = list[tuple[str, str]]
"""The explanations of a decision: the stage of each one's review, and its text."""


def opened(sealed: bytes) -> Explained:
    """The explanations sealed beside a line; one that can't be opened is told to be so.

    The keys of erased cases are gone, and one of them must not end the file.
    """
    case_id, master_key, wrapped, *explanations = sealed.decode().split(" ")
    key = CaseKey(case_id=UUID(case_id), master_key=master_key, wrapped=bytes.fromhex(wrapped))
    found = []
    for explanation in explanations:
        stage, claim, text = explanation.split(":")
        try:
            plain = vault.unwrap(key).open(f"explanation:{claim}", bytes.fromhex(text)).decode()
        except CannotOpen:
            plain = UNOPENED if wrapped else ERASED
        found.append((stage, plain))
    return found


def mask(sealed: bytes) -> Explained:
    """A mask over each of the explanations sealed beside a line."""
    explanations = sealed.decode().split(" ")[3:]
    return [(explanation.partition(":")[0], MASKED) for explanation in explanations]


def in_a_cell(explained: Explained) -> bytes:
    """Explanations as the last cell of a CSV line; what turns text is named."""
    if not explained:
        return b""
    cell = explained[0][1]
    if len(explained) > 1:
        cell = " | ".join(f"{stage}: {text}" for stage, text in explained)
    cell = TURNING.sub(lambda found: f"[U+{ord(found[0]):04X}]", cell)
    safe = cell.replace('"', '""')
    formula = "'" if cell.startswith(FORMULAS) else ""
    return f'"{formula}{safe}"'.encode()


def as_json(explained: Explained) -> bytes:
    """Explanations as a member of JSON; what turns text is written as an escape."""
    members = [{"stage": stage, "text": text} for stage, text in explained]
    written = json.dumps(members, ensure_ascii=False)
    return TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", written).encode()
