"""Webhooks as clients manage them."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import Scope
from cases import webhooks
from cases.api import openapi
from cases.api.base import ApiView, body_of
from cases.api.presenting import WebhookShown
from cases.api.requests import read_webhook_url
from cases.models import Webhook


class WebhooksView(ApiView):
    """All of a client's webhooks."""

    scopes: ClassVar = {"GET": Scope.WEBHOOKS, "POST": Scope.WEBHOOKS}

    @openapi.list_webhooks
    def get(self, request: Request) -> Response:
        """Lists the client's webhooks."""
        rows = Webhook.objects.filter(client=client_of(request))
        return Response({"items": WebhookShown(rows, many=True).data})

    @openapi.post_webhook
    def post(self, request: Request) -> Response:
        """Makes a webhook and shows its secret, this once."""
        client = client_of(request)
        webhook, secret = webhooks.make_webhook(
            client, read_webhook_url(body_of(request)), by=client.actor
        )
        return Response(shown(webhook, secret), status=201)


class WebhookView(ApiView):
    """One webhook."""

    scopes: ClassVar = {"DELETE": Scope.WEBHOOKS}

    @openapi.delete_webhook
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """Ends a webhook."""
        client = client_of(request)
        webhooks.delete_webhook(Webhook.objects.get(pk=webhook_id, client=client), by=client.actor)
        return Response(status=204)


class RotationView(ApiView):
    """A new secret for a webhook."""

    scopes: ClassVar = {"POST": Scope.WEBHOOKS}

    @openapi.rotate_webhook
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Gives a webhook a new secret; the one before it signs on for a day."""
        client = client_of(request)
        webhook = Webhook.objects.get(pk=webhook_id, client=client)
        secret = webhooks.rotate_secret(webhook, by=client.actor)
        webhook.refresh_from_db()
        return Response(shown(webhook, secret))


def shown(webhook: Webhook, secret: str) -> dict[str, Any]:
    """A webhook with its new secret."""
    return {**WebhookShown(webhook).data, "secret": secret}
