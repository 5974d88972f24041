"""Comments: for colleagues, with mentions that are told of, and hidden from who judges independently."""

import json
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError, ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from cases.models import Case, Pipeline
from reviews.commenting import LONGEST, comment_on, mentions
from reviews.models import Comment, Notice
from tests.casefiles import OVERRIDE, held, reviewed_case, waiting_case

WORDS = "The payslip's font differs."


@pytest.fixture
def mara(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.REVIEWER, username="mara", first_name="Mara", last_name="Okonkwo")


@pytest.fixture
def case(loan: Pipeline, bank: ApiClient) -> Case:
    return waiting_case(loan, bank, predicted="approve")


def write(client: Client, case: Case, text: str, **headers: str) -> str:
    """What posting a comment leads to, as a page."""
    sent = {"text": text, "quotable": ""}
    address = f"/cases/{case.pk}/comments/"
    return client.post(address, sent, follow=True, headers=headers).content.decode()


# ---------------------------------------------------------------- writing


def test_a_comment_is_sealed_and_proven_and_mentions_tell(
    case: Case, reviewer: User, mara: User
) -> None:
    written = comment_on(case, f"{WORDS} @mara?", author=reviewer, by=reviewer.actor)
    comment = Comment.objects.get()
    opened = vault.of(case.pk)
    purpose = f"comment:{comment.pk}"
    assert opened.open(purpose, comment.sealed_text).decode() == f"{WORDS} @mara?"
    event = Event.objects.get(type="comment.written")
    assert event.data == {"comment": str(comment.pk), "mentioned": [mara.pk]}
    assert event.commitments == {purpose: opened.commitment(purpose, f"{WORDS} @mara?")}
    notice = Notice.objects.get()
    assert (notice.person, notice.by, notice.comment) == (mara, reviewer, comment)
    assert written.mentioned == (mara,)


def test_only_who_may_work_on_the_case_hears_of_it(
    case: Case, reviewer: User, mara: User, make_person: Callable[..., User]
) -> None:
    make_person(Role.AUDITOR, username="emil")
    gone = make_person(Role.REVIEWER, username="gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    text = f"@emil @gone @nobody and @{reviewer.username}, @MARA."
    written = comment_on(case, text, author=reviewer, by=reviewer.actor)
    assert written.unknown == ("emil", "gone", "nobody")
    assert set(written.mentioned) == {reviewer, mara}
    assert [notice.person for notice in Notice.objects.all()] == [mara], "not oneself"


@pytest.mark.parametrize(
    ("text", "named", "unknown"),
    [
        ("@mara", ["mara"], []),
        ("(@mara) @mara, and @mara.", ["mara"], []),
        ("mail mara@bank.example or x@mara", [], []),
        ("@mara.o is somebody else", ["mara.o"], []),
        ("@", [], []),
        ("@@mara", [], []),
        ("@...", [], []),
        ("@Ümit ok", ["ümit"], []),
        ("@nobody!", [], ["nobody"]),
    ],
)
def test_a_mention_is_a_name_after_an_at_sign(
    text: str, named: list[str], unknown: list[str]
) -> None:
    known = {
        name: User(pk=number, username=name)
        for number, name in enumerate(("mara", "mara.o", "ümit"))
    }
    people, others = mentions(text, known)
    assert [person.username for person in people] == named
    assert others == unknown


def test_a_comment_can_not_be_changed(case: Case, reviewer: User) -> None:
    comment_on(case, WORDS, author=reviewer, by=reviewer.actor)
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        Comment.objects.update(sealed_text=b"")


# ---------------------------------------------------------------- the page


def test_colleagues_read_it_beside_the_case_and_it_is_no_part_of_the_record(
    client: Client, case: Case, reviewer: User, mara: User
) -> None:
    client.force_login(reviewer)
    page = write(client, case, f"<b>{WORDS}</b> @mara")
    assert "&lt;b&gt;The payslip" in page
    assert '<span class="mention">@mara</span>' in page
    assert "Told: Mara Okonkwo." in page
    client.force_login(mara)
    home = client.get("/").content.decode()
    assert "What you should hear of" in home
    assert "mentioned you in a comment" in home
    assert "header-notices" in home
    assert "payslip" not in home, "what was said stays beside the case"
    held(case, mara)
    assert "The payslip" in client.get(f"/cases/{case.pk}/").content.decode()
    home = client.get("/").content.decode()
    assert "header-notices" not in home
    assert "What you should hear of" not in home


def test_in_place_the_section_comes_back_with_what_is_wrong_and_what_was_typed(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    fragment = write(client, case, WORDS, hx_request="true")
    assert fragment.lstrip().startswith("<section")
    assert "Your comment is there." in fragment
    long = client.post(
        f"/cases/{case.pk}/comments/", {"text": "y" * (LONGEST + 1)}, headers={"hx-request": "true"}
    )
    assert long.status_code == 422
    assert "too long" in long.content.decode()
    assert "y" * LONGEST in long.content.decode()
    assert "Write something first." in write(client, case, " \n ")
    assert Comment.objects.count() == 1


def test_a_case_without_comments_costs_no_statement_for_them(
    client: Client, case: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    client.get(f"/cases/{case.pk}/")
    with CaptureQueriesContext(connection) as statements:
        client.get(f"/cases/{case.pk}/")
    asked = " ".join(query["sql"] for query in statements)
    assert "reviews_comment" not in asked
    assert 'FROM "reviews_hold"' not in asked


def test_who_can_be_mentioned_is_told_to_who_sees_the_case_alone(
    client: Client, case: Case, reviewer: User, mara: User, make_person: Callable[..., User]
) -> None:
    client.force_login(reviewer)
    people = json.loads(client.get(f"/cases/{case.pk}/colleagues/").content)["people"]
    assert {"username": "mara", "name": "Mara Okonkwo"} in people
    assert reviewer.username not in [each["username"] for each in people]
    client.force_login(make_person(Role.OPERATOR))
    assert client.get(f"/cases/{case.pk}/colleagues/").status_code == 404
    assert client.post(f"/cases/{case.pk}/comments/", {"text": "x"}).status_code == 404


def test_all_notices_can_be_seen_at_once(
    client: Client, case: Case, reviewer: User, mara: User
) -> None:
    comment_on(case, "@mara", author=reviewer, by=reviewer.actor)
    client.force_login(mara)
    assert "What you should hear of" not in client.post("/notices/", follow=True).content.decode()
    assert not Notice.objects.filter(seen_at=None).exists()


# ---------------------------------------------------------------- independence


def test_an_independent_judge_sees_neither_comments_nor_their_number_nor_who_wrote(
    client: Client, loan: Pipeline, bank: ApiClient, mara: User, senior: User
) -> None:
    case = reviewed_case(
        loan, bank, mara, verdict=OVERRIDE, predicted="decline", second_review="loan-second"
    )
    User.objects.filter(pk=mara.pk).update(last_name="Zwiebelfisch")
    talker = User.objects.create_user("talker", first_name="Talkative", last_name="Theodora")
    comment_on(case, f"{WORDS} @{senior.username}", author=talker, by=talker.actor)
    client.force_login(senior)
    home = client.get("/").content.decode()
    assert "You were mentioned in a comment" in home
    record = client.get(f"/cases/{case.pk}/").content.decode()
    held(case, senior)
    bench = client.get(f"/cases/{case.pk}/").content.decode()
    own = write(client, case, "A word of my own", hx_request="true")
    for page in (home, record, bench, own):
        assert "Talkative" not in page
        assert "The payslip" not in page
        assert "Comment written" not in page
    for page in (record, bench, own):
        assert "Comments are shown once you have given your verdict." in page
    assert "A word of my own" in own
    assert "A word of my own" in client.get(f"/cases/{case.pk}/").content.decode()
