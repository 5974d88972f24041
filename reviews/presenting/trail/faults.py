"""Why a file or a publication failed, in the reader's language: it is kept as the code says it. Pure."""

import re

from django.utils.translation import gettext, gettext_noop

SAYS = (
    gettext_noop("It failed at every attempt: %s"),
    gettext_noop("it failed: %s"),
    gettext_noop("the checkpoint itself is wrong: %s"),
    gettext_noop("the directory does not take it: %s"),
    gettext_noop("the bucket does not take it: %s"),
    gettext_noop("the bucket can't be reached: %s"),
    gettext_noop("the address can't be called: %s"),
    gettext_noop("the address answered %s"),
    gettext_noop("the mail was not taken: %s"),
    gettext_noop("the authority can't be called: %s"),
    gettext_noop("the authority answered %s"),
    gettext_noop("the authority's clock says %s"),
    gettext_noop("the authority's answer is no timestamp"),
    gettext_noop("the authority refused: %s"),
    gettext_noop("the timestamp does not hold: %s"),
    gettext_noop("no root certificates are configured"),
    gettext_noop("another log was published there: %s"),
    gettext_noop("%s events were published there, more than the log has"),
    gettext_noop("at %s events another root was published there"),
    gettext_noop("what lies there is no checkpoint"),
    gettext_noop("%s hashes of level %s where there are %s"),
    gettext_noop("this is not the text of a checkpoint: origin, size, root, a line each"),
    gettext_noop("this is not a signed note: text, an empty line, signatures"),
    gettext_noop("a line of signature in this note can't be read"),
    gettext_noop("no key that is known has signed this note"),
    gettext_noop("the signature by %s is wrong"),
    gettext_noop("base64 that can't be read"),
    gettext_noop("base64 that is not as it is written"),
)
"""What code says of a fault, with places for what only it knows."""
PATTERNS = [(re.compile("(.*)".join(map(re.escape, words.split("%s")))), words) for words in SAYS]


def fault_words(said: str) -> str:
    """A fault in words; one that nobody has translated as it is, empty where there is none."""
    for pattern, words in PATTERNS:
        if found := pattern.fullmatch(said):
            return gettext(words) % tuple(map(fault_words, found.groups()))
    return gettext(said) if said else ""
