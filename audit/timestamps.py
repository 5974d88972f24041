"""Timestamps by an authority that is not ours (RFC 3161): a checkpoint was there at that time.

What is stamped is the signed note, byte for byte, by its SHA-256. The whole answer is kept: a file
`.tsr` as `openssl ts -verify -data checkpoint.txt -in checkpoint.tsr -CAfile roots.pem` takes it.
"""

import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509
from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from audit import outbound
from audit.places.naming import Place
from audit.places.parcel import NotPublished, Parcel

LARGEST = 64 * 1024
"""Bytes of an answer: a timestamp with its certificates has some 6,000."""

SKEW_SECONDS = 300
"""How far the authority's clock may be from ours: an older answer is one that was kept."""


def put(place: Place, parcel: Parcel) -> bytes:
    """Has a checkpoint stamped; the answer, checked. Raises NotPublished."""
    note = parcel.note.encode()
    request = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256).build()
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        answer = outbound.post(
            place.url, request.as_bytes(), headers, read=LARGEST, schemes=("https", "http")
        )
    except (outbound.RefusedAddress, outbound.Unreachable) as error:
        raise NotPublished(f"the authority can't be called: {error}") from error
    if answer.status != 200:
        raise NotPublished(f"the authority answered {answer.status}")
    stamp = read_stamp(answer.body)
    check_stamp(stamp, note, VerifierBuilder.from_request(request))
    if abs((stamp.tst_info.gen_time - parcel.now).total_seconds()) > SKEW_SECONDS:
        raise NotPublished(
            f"the authority's clock says {stamp.tst_info.gen_time:%Y-%m-%d %H:%M:%S}"
        )
    return answer.body


def read_stamp(data: bytes) -> TimeStampResponse:
    """An authority's answer; raises NotPublished where it is none, or a refusal."""
    try:
        stamp = decode_timestamp_response(data)
    except ValueError as error:
        raise NotPublished("the authority's answer is no timestamp") from error
    if stamp.status:
        raise NotPublished("the authority refused: " + ", ".join(stamp.status_string)[:200])
    return stamp


def check_stamp(stamp: TimeStampResponse, note: bytes, verifier: VerifierBuilder) -> None:
    """Raises NotPublished where the timestamp is not of this note, or of nobody whom we trust."""
    for root in roots():
        verifier = verifier.add_root_certificate(root)
    try:
        verifier.build().verify_message(stamp, note)
    except (VerificationError, ValueError) as error:
        raise NotPublished(f"the timestamp does not hold: {error}"[:300]) from error


def stamped_at(receipt: bytes) -> datetime:
    """The time that a kept answer tells; raises NotPublished where it is none."""
    return read_stamp(receipt).tst_info.gen_time


def roots() -> list[x509.Certificate]:
    """Those who may vouch for an authority: as configured, else whom this machine trusts."""
    path = settings.TSA_ROOTS or ssl.get_default_verify_paths().cafile
    if not path:
        raise NotPublished("no root certificates are configured")
    found = x509.load_pem_x509_certificates(Path(path).read_bytes())
    return list(dict.fromkeys(found))
