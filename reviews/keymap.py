"""Which key does what: the house's defaults, and what each person made of them.

A key is named as the browser names it (`KeyboardEvent.key`), letters small; `Mod+k` is k together
with Ctrl, or on a Mac with Cmd. No default needs AltGr on any layout of Latin letters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from cases.definition import Definition

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a key can do. `while_typing`: its key works in the middle of a text as well.

    `asks` is for a key that only a dialog's question listens to: what the page does with the same
    key rests meanwhile.
    """

    name: str
    label: Words
    key: str
    while_typing: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Acts that stand together under a title."""

    title: Words
    acts: tuple[Act, ...]


FIELDS = (
    Act("next_field", lazy("Next field"), "j"),
    Act("previous_field", lazy("Previous field"), "k"),
    Act("next_to_settle", lazy("Next field to settle"), "n"),
    Act("confirm", lazy("Confirm the field"), " "),
    Act("correct", lazy("Wrong: correct the field"), "x"),
    Act("illegible", lazy("The field is illegible"), "i"),
    Act("take_back", lazy("Take back what I said of the field"), "u"),
    Act("evidence", lazy("Evidence: where the field was read"), "e"),
    Act("region", lazy("Read the field from a region of the page"), "b"),
)
REASONS = tuple(Act(f"reason_{n}", lazy("Reason"), str(n)) for n in range(1, 10))
VERDICT = (
    Act("explanation", lazy("Explain the verdict"), "t"),
    Act("reply", lazy("Reply to the person"), "l"),
    Act("submit", lazy("Submit"), "Enter"),
    Act("submit_typing", lazy("Submit, from within a text"), "Mod+Enter", while_typing=True),
    Act("yes", lazy("Yes, when asked a second time"), "y", asks=True),
    Act("undo", lazy("Undo the verdict"), "z"),
)
CASE = (
    Act("hold", lazy("Put the case on hold"), "h"),
    Act("ask", lazy("Ask the upstream"), "q"),
    Act("escalate", lazy("Escalate"), "s"),
    Act("comment", lazy("Comment"), "c"),
    Act("guidance", lazy("Guidance"), "g"),
    Act("model_now", lazy("What would the model say now?"), "m"),
)
PAPERS = (
    Act("search", lazy("Search"), "/"),
    Act("words", lazy("Show or hide the words that moved the model"), "*"),
    Act("reveal", lazy("Show blurred papers, and blur them again"), "v"),
    Act("zoom_in", lazy("Zoom in"), "+"),
    Act("zoom_out", lazy("Zoom out"), "-"),
    Act("fit_width", lazy("Fit width"), "w"),
    Act("fit_page", lazy("Fit page"), "p"),
    Act("rotate", lazy("Rotate the page"), "r"),
    Act("previous_page", lazy("Previous page"), ","),
    Act("next_page", lazy("Next page"), "."),
)
EVERYWHERE = (
    Act("take_urgent", lazy("Take the case that sounds alarm"), "!"),
    Act("palette", lazy("Find an act or a place"), "Mod+k", while_typing=True),
    Act("overlay", lazy("All keys"), "?"),
)
GROUPS = (
    Group(lazy("Fields"), FIELDS),
    Group(lazy("Verdict"), VERDICT),
    Group(lazy("Reasons"), REASONS),
    Group(lazy("Case"), CASE),
    Group(lazy("Papers"), PAPERS),
    Group(lazy("Everywhere"), EVERYWHERE),
)
ACTS = {act.name: act for group in GROUPS for act in group.acts}

WITH_MOD = frozenset({*"bekimu", ".", ";", "Enter"})
"""What Ctrl or Cmd may be held with: nothing that edits a text or that a browser must keep."""

NAMES: Mapping[str, Words] = {" ": lazy("Space"), "Enter": "↵", "-": "−"}


def label_of(act: Act) -> str:
    """What an act is called in a list; reasons have their number."""
    number = act.name.removeprefix("reason_")
    return f"{act.label} {number}" if number != act.name else str(act.label)


def keys_for(own: Mapping[str, str]) -> dict[str, str]:
    """The key of every act of the house, by its name, as a person set them."""
    return {name: own.get(name, act.key) for name, act in ACTS.items()}


def verdict_act(definition: Definition, outcome: str) -> str:
    """The name of the act that chooses an outcome of a pipeline."""
    return f"{definition.slug}.{outcome}"


def verdict_keys(definition: Definition, own: Mapping[str, str]) -> dict[str, str]:
    """A key for each outcome: the person's, else the pipeline's, else a letter of its name.

    A key that the person gave to something else is taken; "" where no letter is left.
    """
    taken = {key for name, key in keys_for(own).items() if not ACTS[name].asks}
    chosen = {
        spec.name: own[act]
        for spec in definition.outcomes
        if (act := verdict_act(definition, spec.name)) in own
    }
    for spec in definition.outcomes:
        letters = [spec.key, *(letter for letter in spec.name if letter.isalpha())]
        free = [key for key in letters if key and key not in taken | set(chosen.values())]
        chosen.setdefault(spec.name, free[0] if free else "")
    return chosen


def shown(key: str) -> str:
    """A key as it is printed on a button."""
    if key.startswith("Mod+"):
        return " ".join((_("Ctrl"), shown(key.removeprefix("Mod+"))))
    return str(NAMES.get(key, key.upper()))


def typed(text: str) -> str:
    """The key that a person named in words: K, Space, Ctrl K, Cmd+Enter; "" is none."""
    text = text.strip() or text[:1]
    held, _plus, rest = text.replace("+", " ").strip().partition(" ")
    if rest and held.lower() in ("ctrl", "strg", "cmd", "mod"):
        return f"Mod+{typed(rest)}"
    names = {str(name).lower(): key for key, name in NAMES.items()} | {"enter": "Enter"}
    return names.get(text.lower(), text.lower() if len(text) == 1 else text)


def problem(key: str, act: Act) -> str:
    """Why a key can't be an act's, in words; empty where it can. "" is no key at all."""
    if not key:
        return ""
    if act.while_typing:
        if key.startswith("Mod+") and key.removeprefix("Mod+") in WITH_MOD:
            return ""
        allowed = ", ".join(shown(free) for free in sorted(WITH_MOD))
        return _("Hold Ctrl with one of these: %(keys)s.") % {"keys": allowed}
    if key in (" ", "Enter") or (len(key) == 1 and key.isprintable() and key == key.lower()):
        return ""
    return _("Browsers and screen readers need that key. Press a letter, a digit or a sign.")


def problems(own: Mapping[str, str], pipelines: Sequence[Definition]) -> dict[str, str]:
    """What is wrong with a person's keys, by the act's name, in words for them; empty: nothing.

    Every act of the house and every verdict of one pipeline listen to the same page, so no two of
    them can have the same key; verdicts of two pipelines can.
    """
    found = {
        name: said
        for name, key in own.items()
        if (said := problem(key, ACTS.get(name, Act(name, "", ""))))
    }
    everyday = [
        (act.name, label_of(act), own.get(act.name, act.key))
        for act in ACTS.values()
        if not act.asks
    ]
    verdicts = [verdicts_of(definition, own) for definition in pipelines]
    for listed in [everyday, *([*everyday, *each] for each in verdicts)]:
        found = collisions(listed, own) | found
    return found


def verdicts_of(definition: Definition, own: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The verdicts of a pipeline: the act's name, what it is called, its key as it would be."""
    return [
        (act, spec.label, own.get(act, spec.key))
        for spec in definition.outcomes
        if (act := verdict_act(definition, spec.name))
    ]


def collisions(listed: Iterable[tuple[str, str, str]], own: Mapping[str, str]) -> dict[str, str]:
    """Which acts would share a key. Said of the act that the person changed."""
    found: dict[str, str] = {}
    first: dict[str, tuple[str, str]] = {}
    for name, label, key in listed:
        if not key:
            continue
        if key not in first:
            first[key] = (name, label)
            continue
        other, other_label = first[key]
        changed, with_label = (name, other_label) if name in own else (other, label)
        found[changed] = _("%(key)s is already the key of “%(act)s”.") % {
            "key": shown(key), "act": with_label,
        }  # fmt: skip
    return found


def changed_only(keys: Mapping[str, str], pipelines: Sequence[Definition]) -> dict[str, str]:
    """Of all keys those that differ from the defaults: that is what is kept of a person's."""
    defaults = {name: act.key for name, act in ACTS.items()}
    for definition in pipelines:
        usual = verdict_keys(definition, {})
        defaults |= {verdict_act(definition, outcome): key for outcome, key in usual.items()}
    return {name: key for name, key in keys.items() if key != defaults.get(name)}
