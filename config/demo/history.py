"""The demo's past as rows: settled cases in bulk, so that the lab has something to look at.

They are facts of the demo alone: their upstream is called the demo's, their references begin with
`DEMO-`, they have no papers, and the one event of each says, at the time at which it is added, that it
was made up.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils.timezone import now

from accounts.keys import make_client
from accounts.models import User
from audit import vault
from audit.events import record
from audit.models import CaseKey
from cases.models import Case, Decision, Pipeline, PipelineVersion
from config.demo.loans import PIPELINE
from config.demo.pastcases import PastCase, past_cases
from config.demo.pastjudging import add_fields, add_known, add_reviews, with_samples
from config.demo.pastrows import House, basis, decision, made_of, prediction, route
from config.demo.seeding import BY
from inference.models import Prediction
from inference.registry import scorer_of
from inference.scoring import version_of
from reviews.gate import Samples
from reviews.models import (
    Basis,
    PolicyVersion,
    Queue,
    Route,
)
from reviews.policies import active_policy, read_policy

CLIENT = "Demo history"
ADDED = "demo.case_added"
BATCH = 1000


def add_history(count: int, told: Callable[[int], None]) -> int:
    """Adds `count` settled loans of the last months; returns how many it added.

    Done before, it adds nothing. `told` hears how many there are so far.
    """
    pipeline = Pipeline.objects.select_related("current").get(slug=PIPELINE)
    policy = active_policy(pipeline)
    if policy is None or pipeline.current is None or Case.objects.filter(client__name=CLIENT):
        return 0
    definition, until = pipeline.current.definition, now()
    rules = read_policy(policy.content, definition)
    house = house_of(pipeline.current, policy, rules.samples, until)
    past = past_cases(count, until, definition, rules, scorer_of(house.model))
    over = (case for case in past if max([case.decided_at, *ends(case)]) < until)
    added = 0
    while batch := list(islice(over, BATCH)):
        add_batch(batch, house)
        added += len(batch)
        told(added)
    return added


def ends(past: PastCase) -> Iterator[datetime]:
    """When each who judged it was done."""
    return (verdict.reviewed_at for verdict in past.verdicts)


def house_of(
    version: PipelineVersion, policy: PolicyVersion, samples: Samples, until: datetime
) -> House:
    """The house as it stands, with the upstream that the past is marked by."""
    model = version_of(version.definition.model)
    if model is None:
        raise ValueError(f"{version} has no model")
    with transaction.atomic():
        client = make_client(CLIENT, pipelines=[version.pipeline.slug], by=BY)
    queues = Queue.objects.filter(pipeline=version.pipeline)
    people = {person.username: person for person in User.objects.all()}
    slugs = {queue.slug: queue for queue in queues}
    return House(version, policy, model, client, slugs, people, samples, until)


@transaction.atomic
def add_batch(batch: Sequence[PastCase], house: House) -> None:
    """Adds past cases with all their rows, each with its event."""
    made = [made_of(past, house) for past in batch]
    CaseKey.objects.bulk_create(vault.wrap(each.opened) for each in made)
    Case.objects.bulk_create(each.case for each in made)
    predictions = Prediction.objects.bulk_create(prediction(each, house) for each in made)
    routes = Route.objects.bulk_create(
        route(each, said, house) for each, said in zip(made, predictions, strict=True)
    )
    Decision.objects.bulk_create(map(decision, made, routes))
    Basis.objects.bulk_create(map(basis, made, routes))
    reviews = add_reviews(made, with_samples(made, routes, house), house)
    add_fields(made, reviews)
    add_known(made, routes, house)
    for each in made:
        record(
            ADDED,
            by=BY,
            case_id=each.case.pk,
            pipeline=house.pipeline.slug,
        )
