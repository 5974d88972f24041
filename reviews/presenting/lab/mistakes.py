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
        (r"^has to be a number$", noop("This has to be a number.")),
        (r"^a confidence is a number from 0 to 1$", noop("This is a number from 0 to 1.")),
        (r"^an urgent outcome is never automatic$", noop("An urgent outcome is never automatic.")),
        (
            r"^the pipeline has no outcome '(?P<name>.*)'$",
            noop("The pipeline has no outcome '%(name)s'."),
        ),
        (
            r"^the pipeline has no field '(?P<name>.*)'$",
            noop("The pipeline has no field '%(name)s'."),
        ),
        (
            r"^the pipeline has no queue '(?P<name>.*)'$",
            noop("The pipeline has no queue '%(name)s'."),
        ),
        (
            r"^(?P<name>\S+) is urgent, and with a threshold it needs a ceiling$",
            noop("%(name)s is urgent: with a threshold it needs a ceiling."),
        ),
        (
            r"^presses from a probability on that is above the ceiling of (?P<name>\S+)$",
            noop("This is above the ceiling of %(name)s."),
        ),
        (
            r"(?s)^nothing is called '(?P<name>.*)' in ['\"](?P<rule>.*)['\"]$",
            noop("Nothing is called %(name)s, which %(rule)s asks for."),
        ),
        (
            r"(?s)^there is no (?P<name>\S+), which ['\"](?P<rule>.*)['\"] asks for$",
            noop("There is no %(name)s, which %(rule)s asks for."),
        ),
        (
            r"^asks for (?P<name>\S+), by which fairness is measured$",
            noop("Fairness is measured by %(name)s: to judge by it may be against the law."),
        ),
        (
            r"^(?P<name>\S+) is adverse: never automatic unless automatic_adverse names it$",
            noop("%(name)s is adverse: without express permission it is never automatic."),
        ),
        (r"^(?P<name>\S+) is not adverse$", noop("%(name)s is not adverse.")),
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
        if found := pattern.search(mistake.words):
            return _(said) % found.groupdict()
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
