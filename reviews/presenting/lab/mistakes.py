"""Mistakes of a policy in the reader's language: what the schema's checker says, in plain words. Pure."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from cases.definition import Mistake

SAID = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"is not of type '(?:number|integer)'$", noop("This has to be a number.")),
        (r"is (?:greater|less) than the (?:maximum|minimum) of", noop("This is out of range.")),
        (
            r"is (?:greater|less) than or equal to the (?:maximum|minimum) of",
            noop("This is out of range: it lies between the two."),
        ),
        (r"should be non-empty$|is too short$", noop("This can’t be empty.")),
        (r"^has to be said$", noop("This can’t be empty.")),
        (r"^another rule has the same name$", noop("Another rule has the same name.")),
        (r"is a required property$", noop("Something is missing here.")),
        (r"^no CEL expression: ''|^no CEL expression: .*<EOF>", noop("This is not complete.")),
    )
)
RANGE = re.compile(r"is (greater|less) than the (maximum|minimum) of (\S+)$")
SLIP = re.compile(r"^no CEL expression: (?P<why>.*?)(?: \(at character (?P<place>\d+)\))?$", re.S)


def mistake_words(mistake: Mistake) -> str:
    """What is wrong, in words; what no rule here knows is said as it is."""
    if ranged := RANGE.search(mistake.words):
        words = {"maximum": _("At most %(bound)s."), "minimum": _("At least %(bound)s.")}
        return words[ranged[2]] % {"bound": ranged[3]}
    for pattern, said in SAID:
        if pattern.search(mistake.words):
            return _(said)
    if slip := SLIP.match(mistake.words):
        if slip["place"]:
            named = {"place": slip["place"], "why": slip["why"]}
            return _("Not an expression from character %(place)s on: %(why)s") % named
        return _("Not an expression: %(why)s") % {"why": slip["why"]}
    return sentence(mistake.words)


def sentence(words: str) -> str:
    """Words as a sentence of their own."""
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "?", "!")) else f"{words}."
