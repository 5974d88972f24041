"""An address that takes checkpoints: a CloudEvent (1.0), signed as Standard Webhooks 1.0 says."""

import base64
import json

from django.conf import settings

from audit import outbound
from audit.places.naming import Place
from audit.places.parcel import NotPublished, Parcel


def put(place: Place, parcel: Parcel) -> bytes:
    """Posts a checkpoint; raises NotPublished where the answer is not 2xx."""
    body = json.dumps(message(parcel), separators=(",", ":"), sort_keys=True).encode()
    headers = outbound.signed_headers(
        parcel.key, int(parcel.now.timestamp()), body, [settings.CHECKPOINT_SECRET]
    )
    try:
        answer = outbound.post(place.url, body, {"Content-Type": "application/json", **headers})
    except (outbound.RefusedAddress, outbound.Unreachable) as error:
        raise NotPublished(f"the address can't be called: {error}") from error
    if not 200 <= answer.status < 300:
        raise NotPublished(f"the address answered {answer.status}")
    return b""


def message(parcel: Parcel) -> dict[str, object]:
    """The checkpoint as an event, with the signed note whole."""
    return {
        "specversion": "1.0",
        "id": parcel.key,
        "source": "/api/v1/trail",
        "type": "checkpoint.published",
        "subject": str(parcel.size),
        "time": parcel.made_at.isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "origin": parcel.origin,
            "size": parcel.size,
            "root": base64.b64encode(parcel.root).decode(),
            "checkpoint": parcel.note,
        },
    }
