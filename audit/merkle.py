"""The Merkle tree over the log (RFC 6962, section 2): roots, proofs, and their verification. Pure.

Of a long log only the hashes of full subtrees of every eighth level have to be at hand, level 0 being
the leaves: a proof reads at most two blocks of 256 hashes of each.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

WIDTH = 32
"""Bytes of a hash."""

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

STEP, HIGHEST = 8, 32
"""The levels that are kept: every eighth, up to the highest."""
BLOCK = 1 << STEP

Hashes = Callable[[int, int, int], Sequence[bytes]]
"""`hashes(level, start, stop)`: those of the full subtrees of a kept level, counted from the left."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two halves."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Frontier:
    """All that appending to a tree needs: the full subtrees that make it up, largest first."""

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        """The frontier that `bytes` gave; raises ValueError where it is none of a tree of `size`."""
        if size < 0 or len(data) != size.bit_count() * WIDTH:
            raise ValueError(f"{len(data)} bytes are no frontier of {size} leaves")
        return cls(size, [data[at : at + WIDTH] for at in range(0, len(data), WIDTH)])

    def __bytes__(self) -> bytes:
        """The hashes, one after the other."""
        return b"".join(self.hashes)

    def append(self, hash: bytes) -> None:
        """Takes in the next leaf's hash."""
        left = self.size
        while left & 1:
            hash = node_hash(self.hashes.pop(), hash)
            left >>= 1
        self.hashes.append(hash)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree."""
        if not self.hashes:
            return EMPTY
        *lefts, root = self.hashes
        for left in reversed(lefts):
            root = node_hash(left, root)
        return root


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaves' hashes."""
    frontier = Frontier()
    for hash in hashes:
        frontier.append(hash)
    return frontier.root()


class Tree:
    """The tree of the first `size` leaves, as far as a proof has to look into it."""

    def __init__(self, size: int, hashes: Hashes) -> None:
        """Reads nothing yet."""
        self.size = size
        self._hashes = hashes
        self._blocks: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self) -> bytes:
        """The root of the tree."""
        return self.over(0, self.size) if self.size else EMPTY

    def over(self, start: int, stop: int) -> bytes:
        """The hash over the leaves from `start` up to `stop`, which a proof may ask for."""
        level = (stop - start).bit_length() - 1
        if stop - start == 1 << level:
            return self._full(level, start >> level)
        middle = start + split(stop - start)
        return node_hash(self.over(start, middle), self.over(middle, stop))

    def _full(self, level: int, number: int) -> bytes:
        kept = min(level // STEP * STEP, HIGHEST)
        first = number << (level - kept)
        hashes = self._block(kept, first // BLOCK)[first % BLOCK :][: 1 << (level - kept)]
        while len(hashes) > 1:
            hashes = list(map(node_hash, hashes[::2], hashes[1::2]))
        return hashes[0]

    def _block(self, level: int, number: int) -> Sequence[bytes]:
        if (level, number) not in self._blocks:
            start = number * BLOCK
            stop = min(start + BLOCK, self.size >> level)
            self._blocks[level, number] = self._hashes(level, start, stop)
        return self._blocks[level, number]


def split(size: int) -> int:
    """The leaves in the left half of a tree of two or more: the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_path(position: int, size: int, hashes: Hashes) -> list[bytes]:
    """The proof that the leaf at `position` is in the tree of `size` leaves (2.1.1).

    Raises ValueError where it can't be.
    """
    if not 0 <= position < size:
        raise ValueError(f"a tree of {size} leaves has none at {position}")
    tree, path, start, stop = Tree(size, hashes), list[bytes](), 0, size
    while stop - start > 1:
        middle = start + split(stop - start)
        if position < middle:
            path.append(tree.over(middle, stop))
            stop = middle
        else:
            path.append(tree.over(start, middle))
            start = middle
    return path[::-1]


def consistency_path(old_size: int, new_size: int, hashes: Hashes) -> list[bytes]:
    """The proof that the tree of `new_size` leaves begins with the one of `old_size` (2.1.2).

    Raises ValueError where the old one is the larger. Nothing has to be proven of an empty tree.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {new_size} leaves does not begin with {old_size}")
    if old_size in (0, new_size):
        return []
    tree, path, start, stop = Tree(new_size, hashes), list[bytes](), 0, new_size
    while stop != old_size:
        middle = start + split(stop - start)
        if old_size <= middle:
            path.append(tree.over(middle, stop))
            stop = middle
        else:
            path.append(tree.over(start, middle))
            start = middle
    if start:  # else it is the old root itself, which the verifier has
        path.append(tree.over(start, stop))
    return path[::-1]


def verify_inclusion(
    leaf_hash: bytes, position: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether `path` proves the leaf to be at `position` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    at, last, hash = position, size - 1, leaf_hash
    for other in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            hash = node_hash(other, hash)
            at, last = _up_to_a_right_half(at, last)
        else:
            hash = node_hash(hash, other)
        at, last = at >> 1, last >> 1
    return last == 0 and hash == root


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether `path` proves the new tree to begin with the old one (RFC 9162, 2.1.4.2)."""
    if old_size in (0, new_size):
        return not path and old_root == (new_root if old_size else EMPTY)
    if not 0 < old_size < new_size:
        return False
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first, *rest = path if at else (old_root, *path)
    old, new = first, first
    for other in rest:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(other, old), node_hash(other, new)
            at, last = _up_to_a_right_half(at, last)
        else:
            new = node_hash(new, other)
        at, last = at >> 1, last >> 1
    return last == 0 and (old, new) == (old_root, new_root)


def _up_to_a_right_half(at: int, last: int) -> tuple[int, int]:
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last
