"""Blindness: no byte of any answer tells who judges after others what the model or anybody of them said."""

from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.reviews.two_houses import LATER_REVIEWS, MakePerson
from tests.reviews.two_walks import answers_are_the_same


@pytest.mark.parametrize("name", LATER_REVIEWS)
def test_no_answer_tells_what_was_said(
    name: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker, make_person: MakePerson,
    settings: Any,
) -> None:  # fmt: skip
    answers_are_the_same(LATER_REVIEWS[name], django_db_blocker, make_person, settings)
