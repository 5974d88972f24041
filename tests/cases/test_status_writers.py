"""Nobody writes a case's status but the lifecycle: no line of any app does."""

import ast
from collections.abc import Iterator

from django.conf import settings

APPS = ("accounts", "audit", "cases", "config", "inference", "reviews")
NO_MOVES = {
    "reviews/proposals.py",  # a proposal's own status
    "reviews/disposals.py",  # a disposal's own
    "reviews/trail/exportjobs.py",  # an export's own
    "reviews/trail/exportruns.py",
    "reviews/veiling.py",  # what a reader is shown of a case, never saved
    "config/demo/pastrows.py",  # a past that is made up as a whole
}


def writes_of_status(source: str) -> Iterator[int]:
    """The lines on which a status is given to a row: assigned, saved or sent as SQL."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="self")):
                continue
            case ast.Attribute(attr="status", ctx=ast.Store()):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)):
                given = {word.arg for word in node.keywords}
                if "status" in given and called in ("update", "create", "get_or_create", "Case"):
                    yield node.lineno
            case ast.Constant(value=str(text)):
                words = " ".join(text.lower().split())
                if "update cases_case " in words or "insert into cases_case " in words:
                    yield node.lineno


def test_the_scan_finds_what_it_looks_for() -> None:
    found = "\n".join((
        "case.status = 'read'",
        "Case.objects.filter(pk=1).update(status='read')",
        "Case(status='read')",
        "cursor.execute('UPDATE  cases_case SET status = 1')",
        "self.status = 404",
        "Case.objects.filter(status='read')",
    ))  # fmt: skip
    assert list(writes_of_status(found)) == [1, 2, 3, 4]


def test_nobody_but_the_lifecycle_writes_a_status() -> None:
    writers = set()
    for app in APPS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            name = str(path.relative_to(settings.BASE_DIR))
            if "/migrations/" not in name:
                writers |= {name for _ in writes_of_status(path.read_text())}
    assert writers - NO_MOVES == {"cases/lifecycle.py"}
