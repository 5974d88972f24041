"""Amounts that have to add up: what the papers show against what was declared. Pure.

Money is added as decimals. What can't be read can't be added: sums then do not agree, and say which
fields they wait for. A paper whose currency was not found counts under the one that was declared for
the paper of its number, so that a missing sign does not hide a right amount; it stands under `unsure`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from cases.definition import Definition, SumSpec
from cases.definition.pointers import all_at
from inference.knowing import FieldFact

NO_CURRENCY = ""
"""Under which amounts are added up where currencies are not told apart, or one is not known."""


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount to be added up; `value` is None where it is not known. `source` says where it stands."""

    source: str
    value: Decimal | None
    currency: str = NO_CURRENCY


def sums(
    definition: Definition, data: Mapping[str, Any], fields: Sequence[FieldFact]
) -> dict[str, dict[str, Any]]:
    """What each of the pipeline's sums comes to, by its name.

    `agrees` is whether every currency's sums are within the tolerance and nothing is missing;
    `difference` the largest difference of a currency; `unread` what could not be added; `unsure` the
    currencies taken as declared; `lines` each currency's sums, as decimals in text.
    """
    return {spec.name: summed(spec, data, fields) for spec in definition.sums}


def summed(spec: SumSpec, data: Mapping[str, Any], fields: Sequence[FieldFact]) -> dict[str, Any]:
    """One sum."""
    declared = amounts_at(data, spec.whole, spec.currencies if spec.currency else None)
    found, unsure = amounts_found(spec, data, fields), unknown_currencies(spec, fields)
    if spec.parts is not None:
        found = amounts_at(data, spec.parts, None)
    lines = lines_of(totals(found), totals(declared))
    unread = [amount.source for amount in (*found, *declared) if amount.value is None]
    largest = max((abs(difference) for *_, difference in lines), default=Decimal(0))
    return {
        "label": spec.label,
        "agrees": not unread and largest <= Decimal(str(spec.tolerance)),
        "difference": float(largest),
        "unread": unread,
        "unsure": unsure,
        "lines": [
            {
                "currency": currency,
                "found": str(one),
                "declared": str(other),
                "difference": str(difference),
            }
            for currency, one, other, difference in lines
        ],
    }


def amounts_found(
    spec: SumSpec, data: Mapping[str, Any], fields: Sequence[FieldFact]
) -> list[Amount]:
    """The amounts that the papers show, each with its paper's currency."""
    shown = {fact.number: currency_of(fact) for fact in fields if fact.base == spec.currency}
    said = list(all_at(data, spec.currencies)) if spec.currencies and spec.currency else []
    amounts = []
    for fact in fields:
        if fact.base != spec.field:
            continue
        place = (fact.number or 1) - 1
        currency = shown.get(fact.number) or (said[place] if place < len(said) else None)
        value = decimal(fact.value) if fact.found else None
        amounts.append(Amount(fact.name, value, str(currency or NO_CURRENCY)))
    return amounts


def unknown_currencies(spec: SumSpec, fields: Sequence[FieldFact]) -> list[str]:
    """Names of the fields whose currency was not found, of papers whose amount was."""
    numbers = {fact.number for fact in fields if fact.base == spec.field and fact.found}
    return [
        fact.name
        for fact in fields
        if fact.base == spec.currency and fact.number in numbers and not currency_of(fact)
    ]


def currency_of(fact: FieldFact) -> str:
    """The currency that a paper shows; empty where it was not found."""
    return str(fact.value).upper() if fact.found and fact.value else NO_CURRENCY


def amounts_at(data: Mapping[str, Any], pointer: str, currencies: str | None) -> list[Amount]:
    """The amounts in the data, each with the currency beside it."""
    values = list(all_at(data, pointer))
    named = list(all_at(data, currencies)) if currencies else []
    named += [None] * (len(values) - len(named))
    return [
        Amount(pointer.replace("*", str(place)), decimal(value), str(currency or NO_CURRENCY))
        for place, (value, currency) in enumerate(zip(values, named, strict=False))
    ]


def decimal(value: Any) -> Decimal | None:
    """A finite number, in the digits in which it was said; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def totals(amounts: Iterable[Amount]) -> dict[str, Decimal]:
    """What the known amounts of each currency add up to."""
    added: dict[str, Decimal] = defaultdict(Decimal)
    for amount in amounts:
        added[amount.currency] += amount.value or 0
    return added


def lines_of(
    found: Mapping[str, Decimal], declared: Mapping[str, Decimal]
) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Each currency with both its sums and what the first has more than the second."""
    nothing = Decimal(0)
    currencies = sorted({*found, *declared})
    both = [(each, found.get(each, nothing), declared.get(each, nothing)) for each in currencies]
    return [(each, one, other, one - other) for each, one, other in both]
