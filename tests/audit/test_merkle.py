"""The Merkle tree: the values of the public test vectors, and what the standard says, by property."""

import hashlib
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.merkle import (
    EMPTY,
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The inputs and figures with which implementations of RFC 6962 are tested.
INPUTS = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
FIRST, THIRD_AND_FOURTH, LAST_HALF = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
FIFTH = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
LAST_TWO = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
FIFTH_AND_SIXTH = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUDED = (
    (0, 1, ()),
    (0, 8, (FIRST, THIRD_AND_FOURTH, LAST_HALF)),
    (5, 8, (FIFTH, LAST_TWO, ROOTS[4])),
    (2, 3, (ROOTS[2],)),
    (1, 5, (ROOTS[1], THIRD_AND_FOURTH, FIFTH)),
)
CONSISTENT = (
    (1, 1, ()),
    (1, 8, (FIRST, THIRD_AND_FOURTH, LAST_HALF)),
    (6, 8, (FIFTH_AND_SIXTH, LAST_TWO, ROOTS[4])),
    (2, 5, (THIRD_AND_FOURTH, FIFTH)),
)
LEAVES = [leaf_hash(bytes.fromhex(each)) for each in INPUTS]
EDGES = (255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000)


@cache
def tree(start: int, stop: int) -> bytes:
    """The definition itself (RFC 6962, 2.1), over leaves that are hashes of their own numbers."""
    if stop - start < 2:
        return leaf_hash(b"%d" % start) if stop > start else hashlib.sha256().digest()
    middle = 1
    while middle * 2 < stop - start:
        middle *= 2
    return node_hash(tree(start, start + middle), tree(start + middle, stop))


def kept(level: int, start: int, stop: int) -> Sequence[bytes]:
    """What a database would answer: hashes of subtrees that are full, of the levels that are kept."""
    assert level % 8 == 0
    assert stop - start <= 256
    return [tree(number << level, (number + 1) << level) for number in range(start, stop)]


def given_leaves(level: int, start: int, stop: int) -> Sequence[bytes]:
    return LEAVES[start:stop]


def test_roots_are_those_of_the_public_vectors() -> None:
    assert ROOTS[0] == EMPTY.hex() == root_of([]).hex()
    assert [root_of(LEAVES[:size]).hex() for size in range(9)] == list(ROOTS)


@pytest.mark.parametrize(("position", "size", "path"), INCLUDED)
def test_inclusion_is_that_of_the_public_vectors(
    position: int, size: int, path: tuple[str, ...]
) -> None:
    found = inclusion_path(position, size, given_leaves)
    assert [hash.hex() for hash in found] == list(path)
    assert verify_inclusion(LEAVES[position], position, size, found, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENT)
def test_consistency_is_that_of_the_public_vectors(
    old: int, new: int, path: tuple[str, ...]
) -> None:
    found = consistency_path(old, new, given_leaves)
    assert [hash.hex() for hash in found] == list(path)
    assert verify_consistency(old, bytes.fromhex(ROOTS[old]), new, bytes.fromhex(ROOTS[new]), found)


def test_every_leaf_of_every_small_tree_is_proven_and_at_no_other_place() -> None:
    for size in range(1, 71):
        root = tree(0, size)
        for position in range(size):
            path = inclusion_path(position, size, kept)
            assert verify_inclusion(tree(position, position + 1), position, size, path, root)
            assert not verify_inclusion(tree(0, 1), position or 1, size, path, root)


def test_every_pair_of_small_trees_is_consistent() -> None:
    for new in range(71):
        for old in range(new + 1):
            path = consistency_path(old, new, kept)
            assert verify_consistency(old, tree(0, old), new, tree(0, new), path)
            forged = leaf_hash(b"forged")
            if old and old < new:
                assert not verify_consistency(old, forged, new, tree(0, new), path)
                assert not verify_consistency(old, tree(0, old), new, forged, path)


@settings(max_examples=60)
@given(st.data())
def test_around_full_blocks_proofs_hold_too(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from(EDGES))
    position = data.draw(st.one_of(st.sampled_from((0, size - 1)), st.integers(0, size - 1)))
    old = data.draw(st.one_of(st.sampled_from(EDGES), st.integers(0, size)))
    path = inclusion_path(position, size, kept)
    assert verify_inclusion(tree(position, position + 1), position, size, path, tree(0, size))
    if old <= size:
        path = consistency_path(old, size, kept)
        assert verify_consistency(old, tree(0, old), size, tree(0, size), path)


@settings(max_examples=100)
@given(st.integers(1, 300), st.data())
def test_a_proof_that_is_changed_proves_nothing(size: int, data: st.DataObject) -> None:
    position, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    leaf, root = tree(position, position + 1), tree(0, size)
    for path in changes(inclusion_path(position, size, kept), data):
        assert not verify_inclusion(leaf, position, size, path, root)
    for path in changes(consistency_path(old, size, kept), data):
        assert not verify_consistency(old, tree(0, old), size, root, path)


def changes(path: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    """The path with a hash more, less, another, or two of them in the other order."""
    found = [[*path, EMPTY], [EMPTY, *path]]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        found += [path[:at] + path[at + 1 :], [*path[:at], EMPTY, *path[at + 1 :]]]
        found += [path[::-1]] if path[::-1] != path else []
    return found


def test_what_can_not_be_proven_is_refused() -> None:
    for position, size in ((0, 0), (1, 1), (-1, 3)):
        assert not verify_inclusion(EMPTY, position, size, [], EMPTY)
        with pytest.raises(ValueError, match="has none at"):
            inclusion_path(position, size, kept)
    for old, new in ((3, 2), (-1, 2)):
        assert not verify_consistency(old, tree(0, 2), new, tree(0, 2), [])
        with pytest.raises(ValueError, match="does not begin with"):
            consistency_path(old, new, kept)
    assert not verify_consistency(0, tree(0, 1), 2, tree(0, 2), [])
    assert not verify_consistency(2, tree(0, 2), 2, tree(0, 1), [])


def test_a_frontier_grows_as_the_tree_does_and_goes_on_from_its_bytes() -> None:
    frontier = Frontier()
    for number in range(66_001):
        if number % 9973 == 0:
            frontier = Frontier.from_bytes(frontier.size, bytes(frontier))
        frontier.append(tree(number, number + 1))
        if number < 40 or number + 1 in EDGES:
            assert frontier.root() == tree(0, number + 1)


@pytest.mark.parametrize(("size", "length"), [(0, 32), (3, 32), (-1, 0), (1, 31)])
def test_bytes_that_are_no_frontier_are_refused(size: int, length: int) -> None:
    with pytest.raises(ValueError, match="are no frontier"):
        Frontier.from_bytes(size, bytes(length))
