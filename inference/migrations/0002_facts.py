"""Readings, model versions and predictions are facts: the database refuses to change them."""

from django.db import migrations

from audit.immutability import unchangeable, unchangeable_until_erased


class Migration(migrations.Migration):
    dependencies = [("inference", "0001_initial")]

    operations = [
        unchangeable_until_erased(
            "inference_reading",
            erasable=("sealed_words",),
            case="case_id FROM cases_document WHERE id ="
            " (SELECT document_id FROM cases_page WHERE id = ($1).page_id)",
        ),
        unchangeable("inference_fieldread"),
        unchangeable("inference_modelversion"),
        unchangeable_until_erased(
            "inference_prediction", erasable=("sealed_input", "contributions")
        ),
        unchangeable_until_erased("inference_assessment", erasable=("sealed_content",)),
        unchangeable("inference_calibration"),
    ]
