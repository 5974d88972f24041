"""Events as exports carry them: each with its place in the log, byte for byte as its leaf was hashed."""

from collections.abc import Iterator
from uuid import UUID

from psycopg import sql

from reviews.trail.decisions import JOINED
from reviews.trail.tables import CHUNK, COPIED, copied

LINE = """'{"position":' || leaf.position || CASE WHEN event.id IS NULL
    THEN ',"disposed":"' || encode(leaf.hash, 'hex') || '"}'
    ELSE ',"event":' || event_line(event) || '}' END"""
ALL = """COPY (
    SELECT {line} FROM audit_leaf leaf LEFT JOIN audit_event event ON event.id = leaf.event_id
    WHERE leaf.position < {size} ORDER BY leaf.position
) """
SOME = """COPY (
    SELECT {line}, leaf.position FROM audit_leaf leaf JOIN audit_event event ON event.id = leaf.event_id
    WHERE event.case_id IN ({cases}) ORDER BY leaf.position
) """


class Positions:
    """The places of events as they go by, up to `most` of them: for more nobody asks one by one."""

    def __init__(self, most: int) -> None:
        self.most, self.found, self.more = most, list[int](), False

    def add(self, position: int) -> None:
        """Notes a place."""
        if len(self.found) < self.most:
            self.found.append(position)
        else:
            self.more = True


def whole_log(size: int) -> Iterator[tuple[bytes, int]]:
    """All events of the log of `size`; of one whose time to be kept is over, its leaf's hash."""
    statement = sql.SQL(ALL).format(line=sql.SQL(LINE), size=sql.Literal(size)) + sql.SQL(COPIED)
    yield from chunked(line for line, _ in copied(statement))


def of_case(case_id: UUID, positions: Positions) -> Iterator[tuple[bytes, int]]:
    """A case's events, as far as they are sealed."""
    yield from of_cases(sql.Literal(str(case_id)), positions)


def of_decisions(conditions: sql.Composable, positions: Positions) -> Iterator[tuple[bytes, int]]:
    """The events of the cases whose decisions meet the conditions, as far as they are sealed."""
    chosen = sql.SQL("SELECT c.id {joined} WHERE {conditions}").format(
        joined=sql.SQL(JOINED), conditions=conditions
    )
    yield from of_cases(chosen, positions)


def of_cases(cases: sql.Composable, positions: Positions) -> Iterator[tuple[bytes, int]]:
    """The sealed events of cases; `cases` is SQL for their ids."""
    statement = sql.SQL(SOME).format(line=sql.SQL(LINE), cases=cases) + sql.SQL(COPIED)

    def lines() -> Iterator[bytes]:
        for line, position in copied(statement):
            positions.add(int(position))
            yield line

    yield from chunked(lines())


def chunked(lines: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    """Lines in chunks, each with how many it has."""
    buffer, rows = bytearray(), 0
    for line in lines:
        buffer += line + b"\n"
        rows += 1
        if len(buffer) >= CHUNK:
            yield bytes(buffer), rows
            buffer.clear()
            rows = 0
    yield bytes(buffer), rows
