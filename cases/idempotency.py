"""Doing a POST once, however often it is sent (IETF httpapi, The Idempotency-Key HTTP Header Field).

The first request with a key holds an advisory lock while it runs, and keeps its answer in the
transaction of what it did. A second one that comes meanwhile is refused; a later one gets that answer.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import ApiClient
from audit.models import ClockTimestamp
from audit.vault import house_digest
from cases import blobs
from cases.models import IdempotentRequest

QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"')
"""A String of structured fields (RFC 9651, 3.3.3), not empty and not longer than we keep."""

FIND = """
    SELECT fingerprint, status_code, headers::text, body FROM cases_idempotentrequest
    WHERE client_id = %s AND route = %s AND key IN (%s, %s)
"""
ANSWERED = """
    SELECT EXISTS (SELECT FROM cases_idempotentrequest
                   WHERE client_id = %s AND route = %s AND key IN (%s, %s))
"""
INSERT = """
    INSERT INTO cases_idempotentrequest
        (client_id, route, key, fingerprint, status_code, headers, body)
    VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s)
"""
"""By hand: every post asks and tells this, and the ORM would cost more than the database."""


class KeyMissing(Exception):
    """The request has no Idempotency-Key."""


class KeyMalformed(Exception):
    """The Idempotency-Key is no quoted string, or is empty or too long."""


class KeyReused(Exception):
    """The key came before with another request."""


class AnswerErased(Exception):
    """The request with this key was about a case that has been erased: it opens no other one."""


class KeyInUse(Exception):
    """The first request with this key is still running."""


class NotKept(Exception):
    """Carries an answer that is not kept, so that its transaction is rolled back."""

    def __init__(self, answer: "Answer") -> None:
        super().__init__(answer.status_code)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Call:
    """A request as idempotency sees it."""

    client: ApiClient
    route: str
    key: str
    fingerprint: str

    @property
    def lock(self) -> int:
        """The number of the advisory lock, of 64 bits."""
        name = f"{self.client.pk}\n{self.route}\n{self.key}".encode()
        return int.from_bytes(sha256(name).digest()[:8], signed=True)

    @property
    def row(self) -> tuple[int, str, str, str]:
        """What finds the kept answer: by the key, and by what stands for it once that was about is gone."""
        return (
            self.client.pk,
            self.route,
            self.key,
            unreadable(self.client.pk, self.route, self.key),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status_code: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    replayed: bool = False


def read_key(header: str | None) -> str:
    """The key that the header quotes; raises KeyMissing or KeyMalformed."""
    if header is None:
        raise KeyMissing
    match = QUOTED.fullmatch(header.strip())
    if match is None:
        raise KeyMalformed
    return re.sub(r"\\(.)", r"\1", match[1])


def once(call: Call, work: Callable[[], Answer]) -> Answer:
    """Does the work and keeps its answer, refusals included, or gives the answer kept before.

    An answer of 500 or above is not kept: all its work is undone and the key is free again.
    Raises KeyInUse, KeyReused and AnswerErased.
    """
    try:
        with blobs.atomic():
            kept = kept_answer(call)
            if kept is not None:
                return kept
            answer = work()
            if answer.status_code >= 500:
                raise NotKept(answer)
            keep(call, answer)
            return answer
    except NotKept as failure:
        return failure.answer


def is_answered(client: ApiClient, route: str, key: str) -> bool:
    """Whether a request with this key has its answer already."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERED, Call(client, route, key, "").row)
        return bool(cursor.fetchone()[0])


def kept_answer(call: Call) -> Answer | None:
    """The answer kept for this key; raises KeyInUse, KeyReused and AnswerErased. Locks the key.

    Two statements, not one: what the second one sees is as new as the lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [call.lock])
        if not cursor.fetchone()[0]:
            raise KeyInUse
        cursor.execute(FIND, call.row)
        kept = cursor.fetchone()
    if kept is None:
        return None
    fingerprint, status_code, headers, body = kept
    if not fingerprint:
        raise AnswerErased
    if fingerprint != call.fingerprint:
        raise KeyReused
    return Answer(status_code, body, json.loads(headers), replayed=True)


def keep(call: Call, answer: Answer) -> None:
    """Keeps an answer. Must run in the transaction of what was done."""
    headers = json.dumps(answer.headers)
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                call.client.pk,
                call.route,
                call.key,
                call.fingerprint,
                answer.status_code,
                headers,
                answer.body,
            ],
        )


def keep_instead(call: Call, answer: Answer) -> None:
    """Replaces the kept answer by the one that was given in the end, after waiting for it."""
    kept = IdempotentRequest.objects.filter(client=call.client, route=call.route, key=call.key)
    kept.update(status_code=answer.status_code, headers=answer.headers, body=answer.body)


def erase_answers(answers: QuerySet[IdempotentRequest]) -> None:
    """Empties kept answers; of their keys only what recognises them stays, for the rest of their time.

    So a request that an upstream still sends again does not bring back who was erased.
    """
    for kept in answers.exclude(fingerprint=""):
        answers.filter(pk=kept.pk).update(
            key=unreadable(kept.client_id, kept.route, kept.key),
            fingerprint="",
            status_code=410,
            headers={},
            body="",
        )


def unreadable(client_id: int, route: str, key: str) -> str:
    """What stands for a key that may tell whose case it opened."""
    return house_digest("idempotency-key", f"{client_id}\n{route}\n{key}".encode())


@transaction.atomic
def forget_old() -> int:
    """Forgets the keys that have lived as long as is published; returns how many."""
    lifetime = timedelta(hours=settings.IDEMPOTENCY_KEY_HOURS)
    old = IdempotentRequest.objects.filter(created_at__lt=ClockTimestamp() - lifetime)
    return old.delete()[0]
