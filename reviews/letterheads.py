"""Letterheads: papers look alike where they come from one house, and one house's papers go wrong together.

Which one that is nobody has to know. A keyed digest of the name at the top of a paper says whether two
cases have it from the same: an employer's payslips, a shop's receipts. That is what the first field says
whose `place` is the top of its paper (loans: the employer, expense claims: the seller). Pictures of pages
would say less: two employers' payslips printed by one program are nearer to each other than a clean and
a crumpled one of the same, and where misreading clusters it is by what stands where on a house's paper.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any

from audit import vault
from cases.definition import Definition
from inference.knowing import FieldFact

LENGTH = 32
"""Hexadecimal digits of the digest."""


def template_of(definition: Definition, facts: Iterable[FieldFact]) -> str:
    """The digest of the letterhead that was read first; empty where none was.

    Keyed, so that a row tells nothing to who has no key.
    """
    tops = {spec.base for spec in definition.fields if spec.place == "top"}
    heads = (
        (fact.document, plain(fact.value)) for fact in facts if fact.base in tops and fact.found
    )
    document, head = next(((kind, text) for kind, text in heads if text), (None, ""))
    if not head:
        return ""
    content = vault.canonical([definition.slug, document, head])
    return vault.house_digest("template", content)[:LENGTH]


def plain(value: Any) -> str:
    """A name as it is compared: its letters and digits alone, without case, accents and spaces."""
    spread = unicodedata.normalize("NFKD", value if isinstance(value, str) else "").casefold()
    return "".join(letter for letter in spread if letter.isalnum())
