"""The words by which context is told, in English. See `inference.context` for how they are used. Pure."""

import re

from inference.phrases import Phrase, compiled


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def listed(*phrases: str) -> tuple[Phrase, ...]:
    """Phrases, compiled."""
    return tuple(compiled(phrase) for phrase in phrases)


BORDER = re.compile(r"[\n:()\[\]–—]|\s-+\s")
TERMINATORS = words(
    "but however although though yet except nevertheless whereas unless apart aside"
)

DENIALS = words("no without denies deny denied denying nil neither nor")
NEGATIVES = words("not never dont doesnt didnt havent hasnt hadnt isnt arent wasnt werent aint")
AFTER_DENIALS = words(
    "relief change improvement better sleep appetite energy idea help matter wonder"
)
HAVING = words(
    "have has had having been being be got get getting gets feel feels feeling felt experience "
    "experienced experiencing notice noticed noticing see seen seeing develop developed developing "
    "report reported reporting suffer suffered suffering show shown showing complain complained "
    "complaining seem seems appear appears"
)
FILLERS = HAVING | words(
    "a an the any my his her their our your of from to at all is are was were actual actually really "
    "new obvious visible severe bad significant major serious real sudden recent associated currently "
    "ever kind sort type sign signs symptom symptoms evidence episode episodes history feelings thoughts "
    "thinking plans intention intentions urges urge desire ideas"
)
CLAUSE_WORDS = words(
    "i im ive id he hes she shes it its we they theyre you me him them my and because since with due "
    "am is are was were have has had when while after before for if that who which so then as now "
    "started starts get gets got feel feels keep keeps just still today"
)
LIST_WORDS = words("or nor")
ANSWERS = words("no none nil negative absent denied nope")

PRESENT_VERBS = words(
    "have has having am im is are get gets getting feel feels feeling keep keeps hes shes theyre"
)
PAST_VERBS = words(
    "had suffered was were got developed experienced diagnosed died lost survived committed attempted "
    "passed treated admitted"
)
PAST_FRAME = (
    PAST_VERBS
    | (FILLERS - PRESENT_VERBS)
    | words(
        "i ive he she we they both also who once twice and in with for away after about aged age hospital "
        "hospitalised bad nasty big small minor massive mild his her their early late"
    )
)
UNLIKE = words("like as similar same than since after with from because now but had when if")

KIN = words(
    "father dad daddy mother mum mom mam mummy brother brothers sister sisters uncle uncles aunt aunts "
    "auntie grandfather grandmother grandad granddad grandma grandpa nan nana gran grandparent "
    "grandparents parent parents cousin cousins friend friends neighbour neighbor colleague coworker "
    "relative relatives family"
)
OWN = words("husband wife partner boyfriend girlfriend fiance fiancee")
EVENTS = words(
    "heart attack attacks stroke strokes seizure suicide overdose sepsis meningitis cardiac arrest"
)
OF_KIN = {word + "s" for word in KIN | OWN}
SELF = words("i im ive id me myself we son daughter baby child toddler infant boy girl kid")
OTHERS_PRONOUNS = words("he hes she shes they theyre him")
PAST_FOLLOWERS = words("was were had died passed survived suffered")


RECENTLY = listed(
    "(today|tonight|yesterday|now|again|still|currently|just|ongoing|ambulance|recurring)",
    "this (morning|afternoon|evening|week|weekend|minute|moment|month)",
    "last (night|week|few|hour|couple)",
    "(second|minute|min|hour|hr|day|week) ago",
    "at the moment",
    "(keep|return|worse)",
    "(come|came|coming|is|its) back",
    "for [the] [last|past] [about] ({1-60}|a|an|few|several|couple) [of] (minute|min|hour|hr|day|week)",
    "since (yesterday|this|last|today|waking|i|the|my|he|she|breakfast|lunch|dinner|about|around|{1-12}"
    "|monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
)
LONG_AGO = listed(
    "(year|yr|decade|month) (ago|back|earlier)",
    "(years|months) and (years|months) ago",
    "last year",
    "as a (child|kid|teenager|baby|boy|girl|student)",
    "when (i|he|she|we|they) (was|were) [a] [much] "
    "(young|younger|little|small|child|kid|teenager|baby|student|{3-90})",
    "in (my|his|her|their) (youth|childhood|teens|{10-90}|twenties|thirties|forties|fifties|sixties)",
    "at [the] age of {3-110}",
    "in the past",
    "long time ago",
)
YEAR = compiled(
    "(in|since|of|from|during|back) [early|late|january|february|march|april|may|june|july"
    "|august|september|october|november|december|spring|summer|autumn|winter] {1900-2199}"
)
HISTORY = listed(
    "(history|hx) of",
    "previous!",
    "prior",
    "(previously|once) (had|suffered)",
    "used to (have|get|suffer)",
    "survived",
)
IF = "(get|got|have|had|develop|start|notice|experience|suffer|ever|should|were)"
POSSIBILITIES = listed(
    f"if (i|he|she|it|they|we) [then|also|suddenly|do] {IF}",
    f"in case (i|he|she|it|they|we) {IF}",
    "in case of",
    "(lead|turn|develop|progress|evolve) (to|into)",
    "become",
    "(can|could|may|might|would|will) (cause|trigger)",
    "(my|the|a|any|higher|lower|increase|reduce|raise) risk of",
    "(prevent|preventing)",
    "(vaccine|vaccination|jab|screening|screen) (for|against)",
    "side effects (include|are|including|like|such as|of)",
    "what are [the] [warning|early] (sign|symptom) of",
    "(scared|afraid|frightened|fear|worried|anxious|terrified) (of|about) (getting|developing|having)",
    "(read|article|programme|information|leaflet|video|story) (about|on)",
)
ASKED_WITH = words("isnt arent wasnt werent")
ASKING = words("even as wonder wondering sure know see ask asking tell check checking like")
FAMILY = listed("family history", "(in|through) (the|my|our|his|her) family")
UNTIL_NOW = listed(
    "(until|till|except|unless|anymore|before|such)",
    "only (when|if|on)",
    "(when|if|while) (i|he|she|it)",
    "at rest",
    "like (this|that|it|these)",
    "(this|so|as|that) (bad|severe|intense|strong|painful|much)",
    "any (more|longer)",
    "under control",
    "(other than|apart from)",
)
RULED_OUT = compiled("(is|was|were|been|be) [all] (ruled out|excluded)")
DURATIONS = words("second seconds minute minutes hour hours day days week weeks month months")
