"""What is wrong with the reasons and the letter of an adverse outcome, as a pipeline defines them. Pure.

Who gets an adverse answer is told its specific principal reasons. That it was the creditor's internal
standards or policies, or a score that was not reached, is not specific (Regulation B, 12 CFR
1002.9(b)(2)), nor is a factor that the system did not look at (comment 9(b)(2)-3 of its official
interpretations); appendix C to Part 1002 has sample reasons that are. The check knows English: it finds
what consists of such words alone, and what it misses is no proof of a good reason.
"""

import re
from collections.abc import Iterator

from cases.definition.duties import AdverseSpec
from cases.definition.parts import Definition, ReasonSpec

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
VAGUE = frozenset(
    WORD.findall(
        """
    criteria criterion guideline guidelines information internal misc miscellaneous model other
    points policies policy requirement requirements risk risky score scored scores scoring
    standard standards unspecified various
        """
    )
)
"""What says nothing by itself: 1002.9(b)(2) names scores, standards and policies."""
AROUND = frozenset(
    WORD.findall(
        """
    a above achieve achieved all an and applicable applicant application applied are as at bad
    bank's bank based because below borderline by case credit creditor cut cutoff decision
    declined denied do does doesn't enough factor factors fail failed failing fails for from
    general given had has have high in insufficient is it its lack lacking lender lending level
    limit line loan low lower make meet meeting meets met minimum more needed negative no not of
    off on or our out outside over passed poor qualify qualifying reach reached reason reasons
    refused rejected required result satisfy sufficient system than the their there this
    threshold to too total under unmet was were with within we you your
        """
    )
)
"""Words that make it no more specific."""
PLACES = ("person", "reference", "received", "decided", "outcome", "reasons", "sender")
"""What a letter may have filled in."""
PLACE = re.compile(r"\{\s*([^{}]*?)\s*\}")


def is_vague(text: str) -> bool:
    """Whether a text says no more than that a score, a policy, a standard or "other" stood against it."""
    words = [word.lower().replace("’", "'").removesuffix("'s") for word in WORD.findall(text)]
    return any(word in VAGUE for word in words) and all(
        word in VAGUE or word in AROUND for word in words
    )


def faults_of_reason(reason: ReasonSpec, definition: Definition) -> Iterator[tuple[str, str]]:
    """What is wrong with a reason, each with the part of it that is to be mended."""
    adverse = {spec.name for spec in definition.outcomes if spec.adverse}
    if adverse.intersection(reason.outcomes) and is_vague(reason.text):
        yield (
            "text",
            f"{reason.text!r} tells nobody why it went against them: name what the score, the policy "
            "or the standard went by (Regulation B, 12 CFR 1002.9(b)(2))",
        )
    known = {
        "factors": set(definition.model.features) if definition.model else set(),
        "fields": {spec.name for spec in definition.fields},
        "rules": {rule["name"] for rule in definition.policy.get("rules", ())}
        | {flag.name for flag in definition.flags},
    }
    known |= {part: set(reason.fields) for part in ("low", "high", "differs")}
    what = {"factors": "input of the model", "fields": "field", "rules": "rule or flag"}
    for part, names in known.items():
        for name in getattr(reason, part):
            if name not in names:
                yield part, f"there is no {what.get(part, 'field of its own')} {name!r}"


def faults_of_letter(definition: Definition) -> Iterator[tuple[str, str]]:
    """What is wrong with the notice of an adverse outcome."""
    spec = definition.adverse
    if spec is None:
        return
    if not any(outcome.adverse for outcome in definition.outcomes):
        yield "letter", "no outcome is adverse"
    if spec.escalate_days > spec.notice_days:
        yield (
            "escalate_days",
            "supervisors hear of it before the notice is due: at most notice_days",
        )
    yield from faults_of_places(spec, definition)


def faults_of_places(spec: AdverseSpec, definition: Definition) -> Iterator[tuple[str, str]]:
    """Places in the letter that nothing fills, and what it has to tell and does not."""
    places = PLACE.findall(spec.letter)
    for place in dict.fromkeys(places):
        if place not in PLACES:
            yield "letter", f"there is no {{{place}}}, but {', '.join(f'{{{p}}}' for p in PLACES)}"
    if "reasons" not in places:
        yield "letter", "it has to tell the reasons: {reasons} (12 CFR 1002.9(a)(2))"
    if "person" in places and definition.person is None:
        yield "letter", "{person} asks for `person`, the pointer to a name"
