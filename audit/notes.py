"""Signed notes and checkpoints, by which the log's root goes outside (C2SP). Pure.

A note (c2sp.org/signed-note) is text, an empty line, and a line for each key that signed the text.
A checkpoint (c2sp.org/tlog-checkpoint) is a note whose text names a log, its size and its root.
Keys are Ed25519: a seed of 32 bytes signs, and who verifies has `name+id+key`.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

ED25519 = b"\x01"
NEW_KEY = "countersign-key/1"
"""The first line of a note by which keys vouch for another one: no checkpoint has a key for its size."""
ID_BYTES = 4
SIGNATURE_BYTES = 64
SIGNATURES = 100
"""Lines that a note may have: more are no note but a burden."""
NAME = re.compile(r"[^\s+]+")
LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\n")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteRefused(ValueError):
    """A note or a key that is not what it should be; says why."""


class VerifierKey(NamedTuple):
    """A key as those know it who verify."""

    name: str
    id: bytes
    key: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Opened:
    """A note's text, and the verifier keys, as given, that signed it."""

    text: str
    signed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says: of which log, how long it is, its root, and other lines if any."""

    origin: str
    size: int
    root: bytes
    others: tuple[str, ...] = ()


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def checkpoint_head(text: str) -> Head:
    """What a checkpoint's text says; raises NoteRefused where it is none."""
    match text.split("\n"):
        case [origin, size, root, *others, ""] if origin and SIZE.fullmatch(size) and all(others):
            hash = _decoded(root)
            if len(hash) == hashlib.sha256().digest_size:
                return Head(origin, int(size), hash, tuple(others))
    raise NoteRefused("this is not the text of a checkpoint: origin, size, root, a line each")


def verifier_key(name: str, seed: bytes) -> str:
    """The public form of a key: `name+id+key`."""
    public = _public_bytes(Ed25519PrivateKey.from_private_bytes(seed).public_key())
    encoded = base64.b64encode(ED25519 + public).decode()
    return f"{_well_named(name)}+{_key_id(name, public).hex()}+{encoded}"


def read_key(verifier_key: str) -> VerifierKey:
    """A key from its public form; raises NoteRefused where its parts don't fit each other."""
    match verifier_key.split("+", 2):
        case [name, id, encoded] if NAME.fullmatch(name):
            data = _decoded(encoded)
            public = data[1:]
            if data[:1] == ED25519 and len(public) == 32 and _key_id(name, public).hex() == id:
                return VerifierKey(
                    name, bytes.fromhex(id), Ed25519PublicKey.from_public_bytes(public)
                )
    raise NoteRefused("this is not an Ed25519 key: name+id+key")


def is_key(value: object) -> bool:
    """Whether a value is a key's public form."""
    try:
        return isinstance(value, str) and bool(read_key(value))
    except NoteRefused:
        return False


def sign(text: str, keys: Mapping[str, bytes]) -> str:
    """The note of `text` with a signature by each key: names with their seeds of 32 bytes.

    Raises NoteRefused where the text can't stand in a note.
    """
    if not text.endswith("\n") or not _plain(text):
        raise NoteRefused("a note's text ends its last line and holds no control characters")
    return f"{text}\n" + "".join(_signature(text, name, seed) for name, seed in keys.items())


def vouch(key: str, origin: str, keys: Mapping[str, bytes]) -> str:
    """The note by which `keys` say that `key`, in its public form, signs the log `origin`, too.

    Empty where there are none.
    """
    return sign(vouching_text(key, origin), keys) if keys else ""


def vouching_text(key: str, origin: str) -> str:
    """The text of such a note."""
    return f"{NEW_KEY}\n{origin}\n{key}\n"


def is_vouched(key: str, origin: str, note: object, verifier_keys: Iterable[str]) -> bool:
    """Whether a note is one by which one of `verifier_keys` vouches for `key`."""
    try:
        return opened(str(note), verifier_keys).text == vouching_text(key, origin)
    except NoteRefused:
        return False


def opened(note: str, verifier_keys: Iterable[str]) -> Opened:
    """The note's text, signed by at least one of `verifier_keys`. Unknown keys' lines are ignored.

    Raises NoteRefused where it is no note, where a known key's signature is wrong, and where no
    known key has signed.
    """
    text, lines = _parts(note)
    known = {
        (key.name, key.id): (given, key.key)
        for given in verifier_keys
        for key in (read_key(given),)
    }
    signed_by = dict[str, None]()
    for name, id, signature in lines:
        if (name, id) in known:
            given, key = known[name, id]
            _check(key, signature, text, name)
            signed_by[given] = None
    if not signed_by:
        raise NoteRefused("no key that is known has signed this note")
    return Opened(text, tuple(signed_by))


def _parts(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    text, gap, signatures = note.rpartition("\n\n")
    lines = signatures.splitlines(keepends=True)
    if not (gap and text and lines and _plain(note)) or len(lines) > SIGNATURES:
        raise NoteRefused("this is not a signed note: text, an empty line, signatures")
    return f"{text}\n", [_signature_parts(line) for line in lines]


def _signature_parts(line: str) -> tuple[str, bytes, bytes]:
    found = LINE.fullmatch(line)
    data = _decoded(found[2]) if found else b""
    if not found or len(data) <= ID_BYTES:
        raise NoteRefused("a line of signature in this note can't be read")
    return found[1], data[:ID_BYTES], data[ID_BYTES:]


def _check(key: Ed25519PublicKey, signature: bytes, text: str, name: str) -> None:
    try:
        key.verify(signature, text.encode())
    except InvalidSignature:
        raise NoteRefused(f"the signature by {name} is wrong") from None


def _signature(text: str, name: str, seed: bytes) -> str:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    id = _key_id(_well_named(name), _public_bytes(key.public_key()))
    return f"— {name} {base64.b64encode(id + key.sign(text.encode())).decode()}\n"


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:ID_BYTES]


def _public_bytes(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes_raw()


def _well_named(name: str) -> str:
    if not NAME.fullmatch(name):
        raise NoteRefused("a key's name is not empty and holds neither spaces nor +")
    return name


def _plain(text: str) -> bool:
    return all(character >= " " or character == "\n" for character in text)


def _decoded(encoded: str) -> bytes:
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteRefused("base64 that can't be read") from None
    if base64.b64encode(data).decode() != encoded:
        raise NoteRefused("base64 that is not as it is written")
    return data
