"""The table of a person's keys, as their settings show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.definition import Definition
from reviews import keymap
from reviews.keymap import GROUPS, label_of, shown, verdict_act, verdict_keys


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An act and its key. `listens` says with which others it shares the page."""

    name: str
    label: str
    key: str
    usual: str
    listens: str
    with_mod: bool
    error: str

    @property
    def changed(self) -> bool:
        """Whether the key is the person's own."""
        return self.key != self.usual


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Rows under their title."""

    title: str
    rows: tuple[KeyRow, ...]


def key_groups(
    own: Mapping[str, str], pipelines: Sequence[Definition], errors: Mapping[str, str]
) -> list[KeyGroup]:
    """All acts with the person's keys, then the verdicts of each pipeline."""
    keys = keymap.keys_for(own)
    groups = [
        KeyGroup(
            str(group.title),
            tuple(
                KeyRow(
                    name=act.name,
                    label=label_of(act),
                    key=shown(keys[act.name]),
                    usual=shown(act.key),
                    listens="question" if act.asks else "page",
                    with_mod=act.while_typing,
                    error=errors.get(act.name, ""),
                )
                for act in group.acts
            ),
        )
        for group in GROUPS
    ]
    return groups + [verdict_group(definition, own, errors) for definition in pipelines]


def verdict_group(
    definition: Definition, own: Mapping[str, str], errors: Mapping[str, str]
) -> KeyGroup:
    """The verdicts of a pipeline."""
    keys, usual = verdict_keys(definition, own), verdict_keys(definition, {})
    rows = []
    for spec in definition.outcomes:
        act = verdict_act(definition, spec.name)
        rows.append(
            KeyRow(
                name=act,
                label=spec.label,
                key=shown(own.get(act, keys[spec.name])),
                usual=shown(usual[spec.name]),
                listens=definition.slug,
                with_mod=False,
                error=errors.get(act, ""),
            )
        )
    return KeyGroup(definition.name, tuple(rows))
