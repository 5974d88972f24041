"""Files that are sealed as they are written, and opened as they are sent; never in clear on a disk.

AES-256-GCM over pieces of PIECE bytes under a key of the file's own. A piece's nonce is its number and
whether it is the last (the STREAM construction: Hoang, Reyhanitabar, Rogaway & Vizar, "Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015), so that pieces can't be
left out, doubled, put in another order or cut off.
"""

import hashlib
import os
from collections.abc import Iterator
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.vault import CannotOpen

PIECE = 1 << 20
TAG = 16


class SealedWriter:
    """Seals what is written to it into `file`; knows the size and SHA-256 of what it was given."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        self.file, self.cipher = file, AESGCM(key)
        self.buffer, self.number = bytearray(), 0
        self.size, self.digest = 0, hashlib.sha256()

    def write(self, data: Any) -> int:
        """Takes bytes; raises OSError where the disk is full."""
        given = memoryview(data).cast("B")
        self.size += len(given)
        self.digest.update(given)
        self.buffer += given
        while len(self.buffer) > PIECE:  # the last piece is known to be that at the end alone
            self.file.write(self.sealed(bytes(self.buffer[:PIECE]), last=False))
            del self.buffer[:PIECE]
        return len(given)

    def flush(self) -> None:
        """Nothing: a piece goes out when it is full."""

    def finish(self) -> None:
        """Writes the last piece, without which nothing can be opened to its end."""
        self.file.write(self.sealed(bytes(self.buffer), last=True))
        self.file.flush()
        self.buffer.clear()

    def sealed(self, piece: bytes, *, last: bool) -> bytes:
        """The next piece, sealed."""
        found = self.cipher.encrypt(nonce(self.number, last=last), piece, None)
        self.number += 1
        return found


def new_key() -> bytes:
    """A key for one file."""
    return os.urandom(32)


def nonce(number: int, *, last: bool) -> bytes:
    """A piece's nonce."""
    return number.to_bytes(11, "big") + bytes([last])


def opened(file: IO[bytes], key: bytes) -> Iterator[bytes]:
    """What was sealed, piece by piece; raises CannotOpen where anything was changed or is missing."""
    cipher, number = AESGCM(key), 0
    piece = file.read(PIECE + TAG)
    while True:
        following = file.read(PIECE + TAG)
        try:
            plain = cipher.decrypt(nonce(number, last=not following), piece, None)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(f"piece {number} of a sealed file") from error
        yield plain
        if not following:
            return
        piece, number = following, number + 1
