"""The tasks of the trail."""

from celery import shared_task

from audit import publishing


@shared_task
def publish_checkpoints() -> None:
    """Publishes the newest checkpoint wherever it is due."""
    publishing.publish_due()
