"""Webhooks: signed, sent again, given up, and never sent into the house itself."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from audit import outbound
from audit.models import ClockTimestamp, Event
from audit.vault import CannotOpen, open_for_house, seal_for_house
from cases import announcing, webhooks
from cases.announcing import DELAYS, Told, announce, deliver_due, tell
from cases.lifecycle import take_step
from cases.models import Case, Delivery, Status, Webhook
from cases.validation import InvalidInput
from tests.cases.loans import decided, made_case
from tests.conftest import TESTER


class Receiver(ThreadingHTTPServer):
    """An upstream's own server, which remembers what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.status = 204
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/hook?a=1"


class Answering(BaseHTTPRequestHandler):
    """Answers each post with the server's status of the moment."""

    server: Receiver

    def do_POST(self) -> None:
        """Remembers the post and answers."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        named = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.append((named | {"path": self.path}, body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A server of an upstream's, on this machine."""
    settings.WEBHOOK_LOOPBACK = True
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def decided_case(make_upstream: Any, loan: Any) -> Case:
    """A case that somebody has decided."""
    case = made_case(make_upstream().client, pipeline=loan)
    decided(case)
    return Case.objects.get(pk=case.pk)


def announced(case: Case) -> None:
    """Does the step of announcing."""
    announce(case, take_step(case.pk, Status.DECIDED))


def hook(case: Case, receiver: Receiver) -> tuple[Webhook, str]:
    """A webhook of the case's client."""
    return webhooks.make_webhook(case.client, receiver.url, by=TESTER)


def signatures(headers: dict[str, str], body: bytes, *secrets: str) -> str:
    """What Standard Webhooks says the signature header is."""
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return " ".join(
        "v1,"
        + base64.b64encode(
            hmac.new(base64.b64decode(secret[6:]), message, hashlib.sha256).digest()
        ).decode()
        for secret in secrets
    )


def due_again() -> None:
    """Lets the time until the next attempt pass."""
    Delivery.objects.filter(due_at__isnull=False).update(due_at=ClockTimestamp())


# ---------------------------------------------------------------- deliveries


def test_a_decision_is_announced_signed_and_thin(decided_case: Case, receiver: Receiver) -> None:
    webhook, secret = hook(decided_case, receiver)
    announced(decided_case)
    assert Case.objects.get(pk=decided_case.pk).status == Status.ANNOUNCED
    assert deliver_due() == 1
    ((headers, body),) = receiver.got
    assert headers["path"] == "/hook?a=1"
    assert headers["host"] == f"127.0.0.1:{receiver.server_port}"
    assert headers["webhook-signature"] == signatures(headers, body, secret)
    event = json.loads(body)
    assert event["id"] == headers["webhook-id"]
    assert (event["specversion"], event["type"]) == ("1.0", "case.decided")
    assert event["data"]["case"] == str(decided_case.pk)
    assert event["data"]["outcome"] == "decline"
    assert deliver_due() == 0
    told = Event.objects.get(type="webhook.delivered")
    assert told.case_id == decided_case.pk
    assert told.data == {
        "webhook": str(webhook.pk), "delivery": event["id"], "attempt": 1, "status": 204,
    }  # fmt: skip


def test_a_case_of_a_client_without_webhooks_is_announced_too(decided_case: Case) -> None:
    announced(decided_case)
    assert Case.objects.get(pk=decided_case.pk).status == Status.ANNOUNCED
    assert not Delivery.objects.exists()


def test_any_fact_is_told_once_to_each_live_webhook_of_the_client(
    decided_case: Case, receiver: Receiver, make_upstream: Any
) -> None:
    webhook, secret = hook(decided_case, receiver)
    silent, _ = hook(decided_case, receiver)
    webhooks.disable_webhook(silent, by=TESTER, reason="of a test")
    webhooks.make_webhook(make_upstream().client, receiver.url, by=TESTER)
    asked = Told(
        "case.information_requested",
        about="hold:1",
        at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        data={"information_request": "1"},
    )
    assert tell(decided_case, asked) == [webhook]
    assert deliver_due() == 1
    ((headers, body),) = receiver.got
    assert headers["webhook-signature"] == signatures(headers, body, secret)
    event = json.loads(body)
    assert (event["type"], event["time"]) == (asked.type, "2026-03-01T09:30:00+00:00")
    assert event["data"]["information_request"] == "1"
    assert set(event["data"]) == {"case", "reference", "pipeline", "information_request"}
    with pytest.raises(IntegrityError, match="one_delivery_a_fact"), transaction.atomic():
        tell(decided_case, asked)


def test_the_standards_own_example_is_signed_alike() -> None:
    headers = outbound.signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("status", [302, 400, 500])
def test_only_2xx_is_success_and_the_id_stays(
    decided_case: Case, receiver: Receiver, status: int
) -> None:
    hook(decided_case, receiver)
    announced(decided_case)
    receiver.status = status
    deliver_due()
    assert deliver_due() == 0, "the next attempt waits"
    due_again()
    receiver.status = 200
    deliver_due()
    (first, _), (second, _) = receiver.got
    assert first["webhook-id"] == second["webhook-id"]
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.last_status, delivery.due_at) == (2, 200, None)
    assert delivery.delivered_at


def test_attempts_follow_the_schedule_and_then_it_is_given_up(
    decided_case: Case, receiver: Receiver
) -> None:
    hook(decided_case, receiver)
    announced(decided_case)
    receiver.status = 503
    for attempt in range(1, len(DELAYS) + 1):
        assert deliver_due() == 1
        delivery = Delivery.objects.annotate(now=ClockTimestamp()).get()
        assert delivery.attempts == attempt
        if delivery.due_at is not None:
            assert 0 <= (DELAYS[attempt] - (delivery.due_at - delivery.now)).total_seconds() < 4
            due_again()
    assert (delivery.attempts, delivery.due_at) == (len(DELAYS), None)
    assert Event.objects.filter(type="webhook.delivery_given_up").count() == 1


def test_a_webhook_whose_secrets_do_not_open_stops_no_other_and_is_given_up(
    decided_case: Case, receiver: Receiver
) -> None:
    broken, _ = hook(decided_case, receiver)
    hook(decided_case, receiver)
    Webhook.objects.filter(pk=broken.pk).update(sealed_secrets=b"altered")
    announced(decided_case)
    for _ in DELAYS:
        deliver_due()
        due_again()
    assert len(receiver.got) == 1
    assert Event.objects.filter(type="webhook.delivered").count() == 1
    given_up = Event.objects.get(type="webhook.delivery_given_up")
    assert given_up.data["webhook"] == str(broken.pk)
    assert Delivery.objects.get(webhook=broken).attempts == len(DELAYS)


def test_410_disables_the_webhook_until_its_secret_is_rotated(
    decided_case: Case, receiver: Receiver, make_upstream: Any, loan: Any
) -> None:
    webhook, _ = hook(decided_case, receiver)
    announced(decided_case)
    receiver.status = 410
    deliver_due()
    assert Webhook.objects.get().disabled_at
    assert Event.objects.filter(type="webhook.disabled").count() == 1
    webhooks.rotate_secret(webhook, by=TESTER)
    assert Webhook.objects.get().disabled_at is None


def test_two_secrets_sign_while_one_replaces_the_other(
    decided_case: Case, receiver: Receiver
) -> None:
    webhook, first = hook(decided_case, receiver)
    second = webhooks.rotate_secret(webhook, by=TESTER)
    announced(decided_case)
    deliver_due()
    ((headers, body),) = receiver.got
    assert headers["webhook-signature"] == signatures(headers, body, second, first)
    third = webhooks.rotate_secret(webhook, by=TESTER)
    webhook.refresh_from_db()
    now = Delivery.objects.annotate(now=ClockTimestamp()).get().now
    assert webhooks.live_secrets(webhook, now) == [third, second]
    assert webhooks.live_secrets(webhook, now + webhooks.OVERLAP) == [third]


def test_a_sender_that_was_lost_is_followed_by_another(
    decided_case: Case, receiver: Receiver
) -> None:
    hook(decided_case, receiver)
    announced(decided_case)
    assert len(announcing.take_due()) == 1
    assert announcing.take_due() == [], "its lease still runs"
    due_again()
    assert deliver_due() == 1
    assert Delivery.objects.get().attempts == 2


def test_a_name_that_has_turned_inwards_is_refused_when_it_is_called(
    decided_case: Case, receiver: Receiver, settings: Any
) -> None:
    hook(decided_case, receiver)
    announced(decided_case)
    settings.WEBHOOK_LOOPBACK = False
    deliver_due()
    assert receiver.got == []
    assert Delivery.objects.get().last_status is None


# ---------------------------------------------------------------- managing them


def test_a_webhook_is_made_listed_rotated_and_ended(
    client: Client, make_upstream: Any, receiver: Receiver, db: None
) -> None:
    upstream = make_upstream()

    def call(method: str, path: str = "", **body: Any) -> Any:
        return client.generic(
            method,
            f"/api/v1/webhooks{path}",
            json.dumps(body) if body else "",
            "application/json",
            headers=upstream.headers,
        )

    made = call("POST", url=receiver.url)
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    (listed,) = call("GET").json()["items"]
    assert listed == {key: value for key, value in made.json().items() if key != "secret"}
    rotated = call("POST", f"/{listed['id']}/rotate")
    assert rotated.json()["secret"] not in made.json()["secret"]
    assert call("DELETE", f"/{listed['id']}").status_code == 204
    assert call("GET").json()["items"] == []
    assert call("DELETE", f"/{listed['id']}").status_code == 404
    types = Event.objects.filter(type__startswith="webhook.").values_list("type", flat=True)
    assert list(types) == ["webhook.made", "webhook.secret_rotated", "webhook.deleted"]


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://nowhere.invalid/", 7, "x" * 501])
def test_a_webhook_that_can_not_be_called_is_refused(
    client: Client, make_upstream: Any, db: None, url: Any
) -> None:
    response = client.post(
        "/api/v1/webhooks", {"url": url}, "application/json", headers=make_upstream().headers
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/url"
    assert not Webhook.objects.exists()


def test_somebody_elses_webhook_is_not_there(
    client: Client, make_upstream: Any, receiver: Receiver, db: None
) -> None:
    webhook, _ = webhooks.make_webhook(make_upstream().client, receiver.url, by=TESTER)
    stranger = make_upstream()
    for method, path in (("delete", ""), ("post", "/rotate")):
        address = f"/api/v1/webhooks/{webhook.pk}{path}"
        assert getattr(client, method)(address, headers=stranger.headers).status_code == 404
    assert client.get("/api/v1/webhooks", headers=stranger.headers).json() == {"items": []}


def test_a_client_has_so_many_webhooks_and_no_more(
    make_upstream: Any, receiver: Receiver, settings: Any, db: None
) -> None:
    settings.WEBHOOKS_A_CLIENT = 1
    owner = make_upstream().client
    webhooks.make_webhook(owner, receiver.url, by=TESTER)
    with pytest.raises(InvalidInput):
        webhooks.make_webhook(owner, receiver.url, by=TESTER)


def test_secrets_rest_sealed(make_upstream: Any, receiver: Receiver, db: None) -> None:
    webhook, secret = webhooks.make_webhook(make_upstream().client, receiver.url, by=TESTER)
    webhook.refresh_from_db()
    assert secret.encode() not in bytes(webhook.sealed_secrets)
    with transaction.atomic(), pytest.raises(CannotOpen):
        open_for_house("something_else", bytes(webhook.sealed_secrets))


def test_what_the_house_sealed_outlives_a_new_master_key(settings: Any) -> None:
    sealed = seal_for_house("purpose", b"plain")
    settings.MASTER_KEYS = {"new": bytes(32), **settings.MASTER_KEYS}
    assert open_for_house("purpose", sealed) == b"plain"
    settings.MASTER_KEYS = {"new": bytes(32)}
    with pytest.raises(CannotOpen):
        open_for_house("purpose", sealed)
