"""Policies, routes and reviews are facts: the database refuses to change them."""

from django.db import migrations

from audit.immutability import unchangeable


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        unchangeable("reviews_policyversion", "pipeline_id", "number", "content"),
        unchangeable("reviews_route"),
        unchangeable("reviews_review"),
        unchangeable("reviews_correction"),
    ]
