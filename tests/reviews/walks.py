"""A reviewer who asks for everything that can be asked, and keeps what they were answered.

For proofs of blindness: what differs between any two houses (ids, tokens, the time) is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import pytest
from django.http.response import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.models import User
from cases.models import Case, Document, Page
from reviews.models import Claim, Sample
from reviews.rights import rights_of
from reviews.urls import urlpatterns
from reviews.views.listing import CaseFilter

MODES: Sequence[dict[str, str]] = ({}, {"HX-Request": "true"}, {"In-Place": "verdict"})

FREELY: dict[str, dict[str, object]] = {
    "home": {},
    "notices_seen": {},
    "ahead": {},
    "alarm": {"known": ""},
    "settings": {},
    "choose": {"theme": "dark"},
    "palette": {},
    "cases": {},
    "board": {},
    "board_now": {},
    "giving": {},
    "sharing": {},
    "case": {},
    "entry": {},
    "rescore": {},
    "field": {"act": "settle", "value": "a lot"},
    "region": {},
    "words": {"q": "income"},
    "unmask": {"field": "iban"},
    "heartbeat": {},
    "draft": {"verdict": "approve", "explanation": "So far"},
    "comment": {"text": "What do you think?"},
    "contest_case": {"words": "That is not so."},
    "colleagues": {},
    "guidance": {},
    "receipt": {},
    "hold": {"until": "someday"},
    "ask": {"words": ""},
    "page_image": {},
    "original": {},
    "lift": {},
    "share": {},
    "glass": {},
    "glass_break": {"case": "nothing", "reason": "An emergency"},
    "glass_review": {"justified": "yes"},
}
"""Addresses that are asked by GET and by this form at every stage: none of it ends the claim."""

IN_TURN = {
    "start",
    "take_urgent",
    "claim",
    "verdict",
    "undo",
    "give_back",
    "give",
    "take_up",
    "take_over",
    "merge",
    "escalate",
}
"""Addresses that change whose the case is: asked by GET too, and where the walk says so."""

LAB: dict[str, dict[str, object]] = {
    "lab": {},
    "lab_pipeline": {},
    "lab_samples": {},
    "lab_agreement": {},
    "lab_calibration": {},
    "lab_fit": {"kind": "confidence"},
    "lab_calibration_draft": {},
    "lab_replay": {},
    "lab_curve": {"outcome": "approve", "threshold": "0.9"},
    "lab_begin": {"version": 1},
    "lab_proposal": {},
    "lab_check": {"rule-when": "outcome == 'decline'"},
    "lab_try": {"try": "0", "rule-when": "outcome == 'decline'"},
    "lab_ask": {},
    "lab_recall": {},
    "lab_sign": {},
    "lab_refuse": {},
    "lab_discard": {},
    "lab_version": {},
    "lab_restore": {"reason": "Because"},
    "lab_errors": {},
    "lab_known": {},
    "lab_known_seed": {"count": "3"},
    "lab_reopen": {"all": "yes", "confirmed": "yes", "reason": "Because"},
    "lab_reopening": {},
    "lab_stops": {},
    "lab_capacity": {},
    "lab_stop": {"scope": "house", "reason": "Because", "confirmed": "yes"},
    "lab_lift": {"reason": "Because"},
}
"""Addresses for whoever configures or audits a pipeline: to all others they are not there."""

TRAIL: dict[str, dict[str, object]] = {
    "trail": {},
    "trail_access": {},
    "trail_access_sign": {"looked": "yes"},
    "trail_reads": {},
    "trail_check": {"note": "a checkpoint"},
    "trail_checkpoint": {},
    "trail_proof": {},
    "trail_keys": {},
    "trail_stamp": {},
    "trail_exports": {},
    "trail_export_ask": {"kind": "decisions", "pipeline": "loan", "format": "csv"},
    "trail_export_approve": {},
    "trail_export_refuse": {},
    "trail_export_cancel": {},
    "trail_export_file": {},
    "trail_keeping": {},
    "trail_hold": {"pipeline": "loan", "matter": "4 O 17/26"},
    "trail_lift": {},
    "trail_run": {"pipeline": "loan", "what": "cases"},
    "trail_request": {"names": "L-1"},
    "trail_disposal": {},
    "trail_dispose_approve": {"confirmed": "yes"},
    "trail_dispose_refuse": {},
    "trail_replay": {},
    "trail_rerun": {},
    "trail_notices": {},
    "trail_notice": {},
    "trail_letter": {},
    "trail_notice_sent": {"channel": "post"},
}
"""Addresses for who audits, configures, supervises or erases: to all others they are not there."""


@dataclass
class Walk:
    """A reviewer who asks for everything, and what they were answered."""

    client: Client
    case: Case
    me: User
    answers: list[tuple[str, str]] = field(default_factory=list)
    turns: int = 0
    known: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, **headers: str) -> None:
        self.keep(f"GET {address} {headers}", self.client.get(address, headers=headers))

    def post(self, name: str, sent: Mapping[str, object], **headers: str) -> None:
        """A form, with the fence and version that the case's page has."""
        claim = Claim.objects.filter(case=self.case, reviewer=self.me).order_by("id").last()
        sampled = Sample.objects.filter(entry=self.case.pk).values_list("shown_version", flat=True)
        version = sampled.first() or Case.objects.get(pk=self.case.pk).version
        form = {"fence": claim.pk if claim else 0, "version": version, **sent}
        for address in self.addresses(name):
            answer = self.client.post(address, form, headers=headers)
            self.keep(f"POST {address} {sent} {headers}", answer)

    def addresses(self, name: str) -> list[str]:
        """The addresses of a name; every page and paper where they have them."""
        pages = list(Page.objects.filter(document__case=self.case).order_by("document__position"))
        values: dict[str, Sequence[object]] = {
            "case_id": [self.case.pk],
            "page_id": [pages[0].pk],
            "document_id": [Document.objects.filter(case=self.case).earliest("position").pk],
            "name": ["net_income"],
            "slug": ["loan-second"],
            "size": ["thumb"],
            "place": range(1, 16),
            "pk": [1],
            "form": ["pdf"],
        }
        return addresses_of(name, values)

    def everything(self) -> None:
        """Every address by GET, and by POST where that ends nothing; each time as another asker."""
        mode = MODES[self.turns % len(MODES)]
        self.turns += 1
        for name in [*FREELY, *sorted(IN_TURN)]:
            for address in self.addresses(name):
                self.get(address, **mode)
        if mode == {}:
            for query in queries(self.me):
                self.get(f"/cases/?{query}")
        for name, sent in FREELY.items():
            self.post(name, sent, **mode)

    def keep(self, asked: str, answer: HttpResponseBase) -> None:
        shown = [f"{name}: {value}" for name, value in sorted(answer.items())]
        shown += sorted(answer.cookies)
        assert isinstance(answer, HttpResponse | StreamingHttpResponse)
        body = answer.getvalue()
        text = "\n".join((str(answer.status_code), *shown, "", body.decode("utf-8", "replace")))
        self.answers.append((self.plain(asked), self.plain(text)))

    def plain(self, text: str) -> str:
        """The text without what differs between any two houses: ids, tokens, the time."""
        for pattern, instead in VARYING:
            text = pattern.sub(instead, text)
        return UUIDS.sub(self.nickname, text)

    def nickname(self, found: re.Match[str]) -> str:
        return self.known.setdefault(found[0].lower(), f"id {len(self.known)}")


UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
VARYING = [
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r'(csrfmiddlewaretoken" value=")\w+', r"\1token"),
        (r"Content-Length: \d+", "Content-Length"),
        (r"\d{4}-\d\d-\d\dT[\d:.]+(?:\+\d\d:\d\d|Z)?", "moment"),
        (r"\b\d?\d:\d\d(?::\d\d)?\b", "clock"),
        (r"\b\d+ (?:s|min)\b", "a while"),
        (r'(data-seconds=")[\d.]+', r"\1some"),
        (r'(<progress max="\d+" value=")\d+', r"\1some"),
        (r'("seconds(?:_left)?": )\d+', r"\1some"),
        (r"\b\d{10}\.\d+", "epoch"),
        (r"(Case-State: )[0-9a-f]{64}", r"\1state"),
    )
]


def patterns() -> Iterator[URLPattern]:
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern), "say here how an included list is walked"
        yield pattern


def addresses_of(name: str, values: Mapping[str, Sequence[object]]) -> list[str]:
    """The addresses of a name, with each of the values of each of its parts."""
    named = [pattern for pattern in patterns() if pattern.name == name]
    assert named, f"no address is called {name}"
    return [
        reverse(name, kwargs=dict(zip(pattern.pattern.converters, chosen, strict=True)))
        for pattern in named
        for chosen in product(*(values[each] for each in pattern.pattern.converters))
    ]


def queries(me: User) -> list[str]:
    """The list of cases by each value of each filter, and by all that a filter may not be."""
    form = CaseFilter({}, mine=rights_of(me))
    values = [
        f"{name}={value}"
        for name, each in form.fields.items()
        for value, _ in getattr(each, "choices", ())
        if value
    ]
    return [*values, "reference=LN-1", "status=decided&outcome=approve", "sort=confidence"]


def words(outcome: str) -> dict[str, object]:
    """A reason and an explanation for a verdict."""
    code = {"approve": "collateral_sufficient", "decline": "papers_contradict"}[outcome]
    return {f"reason:{outcome}": [code], "explanation": "As I see it."}


def alike(asked: str, one: str, other: str) -> None:
    """Fails with the lines that differ: to compare pages letter by letter would take minutes."""
    if one != other:
        lines = zip(one.splitlines(), other.splitlines(), strict=False)
        pytest.fail(f"{asked}: {[pair for pair in lines if pair[0] != pair[1]][:3]}")
