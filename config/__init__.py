"""The composition of the house: settings, URLs, the worker, and errors as they leave it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
