"""Erasing a case: what was read on its papers, and what a model was given and said of it."""

from uuid import UUID

from inference.models import Assessment, FieldRead, Fingerprint, Prediction, Reading


def empty_readings(case_id: UUID) -> None:
    """Empties what stands in this app's tables of a case. Must run in a transaction.

    What may change goes as a whole. Of facts the sealed parts go, and what they tell of the person
    beside an outcome and its probabilities: how each feature spoke for it.
    """
    FieldRead.objects.filter(case=case_id).delete()
    Fingerprint.objects.filter(case=case_id).delete()
    Reading.objects.filter(page__document__case=case_id).update(sealed_words=b"")
    Prediction.objects.filter(case=case_id).update(sealed_input=b"", contributions=[])
    Assessment.objects.filter(case=case_id).update(sealed_content=b"")
