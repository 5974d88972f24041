"""Readings, model versions and predictions are facts: the database refuses to change them."""

from django.db import migrations

from audit.immutability import unchangeable


class Migration(migrations.Migration):
    dependencies = [("inference", "0001_initial")]

    operations = [
        unchangeable("inference_reading"),
        unchangeable("inference_fieldread"),
        unchangeable("inference_modelversion"),
        unchangeable("inference_prediction"),
        unchangeable("inference_assessment"),
        unchangeable("inference_calibration"),
    ]
