"""What the application's database role may do: everything but alter its own past.

Each table stands in exactly one of the three lists, and one that stands in none can't be used at
all, so that nobody forgets to say what its rows are. Triggers hold the same for every other role.
"""

from collections.abc import Iterator

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from audit.models import Checkpoint, Event

FACTS: dict[str, tuple[str, ...]] = {
    "audit_event": (),
    "audit_leaf": (),
    "audit_subtree": (),
    "audit_checkpoint": (),
    "audit_publication": ("attempts", "due_at", "published_at", "error", "receipt"),
    "audit_tombstone": (),
    "auditlog_logentry": (),
    "cases_pipelineversion": (),
    "cases_document": ("sealed_name", "blob", "digest"),
    "cases_page": ("blob", "thumb", "screen", "digest", "quality"),
    "cases_decision": ("superseded_at",),
    "inference_reading": ("sealed_words",),
    "inference_modelversion": (),
    "inference_prediction": ("sealed_input", "contributions"),
    "inference_assessment": ("sealed_content",),
    "inference_calibration": (),
    "reviews_policyversion": ("active", "activated_at"),
    "reviews_route": (),
    "reviews_basis": (
        "segments",
        "template",
        "label",
        "label_kind",
        "weight",
        "labelled_at",
        "seconds",
    ),
    "reviews_sample": ("verdict", "reviewer_id", "judged_at", "ended", "shown_version"),
    "reviews_gatecheck": (),
    "reviews_stop": ("lifted_by_id", "lifted_at", "lifted_reason"),
    "reviews_reopening": ("finished_at",),
    "reviews_reopeningcase": ("result", "done_at"),
    "reviews_claim": ("expires_at", "ended_at", "ended"),
    "reviews_commitment": ("sealed_content",),
    "reviews_review": ("undone_at", "sealed_explanation", "shown"),
    "reviews_correction": ("sealed_values",),
    "reviews_reply": ("sealed_text",),
    "reviews_hold": ("sealed_words", "sealed_answer", "ended_at", "ended"),
    "reviews_comment": ("sealed_text",),
    "reviews_notice": ("seen_at",),
    "reviews_unmasking": (),
    "reviews_signature": (),
    "reviews_accessreview": (),
    "reviews_brokenglass": ("sealed_reason", "reviewed_by_id", "reviewed_at", "justified"),
    "reviews_legalhold": ("matter", "lifted_by_id", "lifted_at"),
    "reviews_contest": ("sealed_words", "answer_id"),
    "reviews_adversenotice": (
        "escalated_at",
        "sealed_letter",
        "sent_at",
        "sent_by_id",
        "channel",
        "dropped_at",
    ),
    "reviews_disposal": ("status", "counted", "answered_by_id", "answered_at", "done_at"),
    "reviews_disposalcase": ("result", "done_at"),
    "django_admin_log": (),
}
"""Rows that are added and stay as they are, save for the columns that say how they ended.

What is sealed in them may become empty: once the case is erased, and then alone.
"""

BY_FUNCTION = ("audit_leaf", "audit_subtree")
"""Facts that the application reads alone: the function `sequence_events` adds them, by its own rules."""

BY_DATABASE: dict[type[Model], tuple[str, ...]] = {
    Event: ("id", "at", "transaction"),
    Checkpoint: ("id", "made_at"),
}
"""Columns that are the database's alone to fill, where rows are added."""

LIVING = (
    "audit_casekey",  # a destroyed key leaves a row that says so
    "accounts_user",
    "accounts_apiclient",
    "accounts_apikey",
    "cases_case",
    "cases_pipeline",
    "inference_model",
    "reviews_queue",
    "reviews_slot",
    "reviews_proposal",
    "reviews_export",
    "auth_group",
    "auth_permission",
    "django_content_type",
    "django_migrations",
)
"""Rows that change and never go: history names them."""

WORKING = (
    "cases_idempotentrequest",  # forgotten after as long as is published
    "cases_webhook",  # ended by its client, with what was still to be sent
    "cases_delivery",
    "inference_fieldread",  # replaced as a whole when a case is read again
    "inference_fingerprint",  # as the fields
    "reviews_ruleresult",  # found out for replays, and found out again
    "reviews_queueentry",  # goes when its case is decided or withdrawn
    "reviews_draft",  # goes with the review that it becomes
    "accounts_user_groups",  # roles and rights that are taken: the event of it stays
    "accounts_user_user_permissions",
    "auth_group_permissions",
    "guardian_userobjectpermission",
    "guardian_groupobjectpermission",
    "account_emailaddress",  # how people sign in
    "account_emailconfirmation",
    "mfa_authenticator",
    "django_session",
    "accounts_cache",  # codes that were used, and how many were wrong
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
)
"""Rows that come and go with the work."""


def grant_application_rights(connection: BaseDatabaseWrapper, *, role: str) -> None:
    """Gives `role` its rights on the tables that exist, and at once takes whatever else it had."""
    name = connection.ops.quote_name(role)
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        # A temporary table would stand before the one of its name that a trigger asks.
        database = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")
        for table, rights in rights_on_tables():
            if table in tables:
                cursor.execute(f"GRANT {rights} ON {table} TO {name}")


def rights_on_tables() -> Iterator[tuple[str, str]]:
    """Each table with what may be done there."""
    for table, ending in FACTS.items():
        yield table, adding(table) + (f", UPDATE ({', '.join(ending)})" if ending else "")
    for table in LIVING:
        yield table, "SELECT, INSERT, UPDATE"
    for table in WORKING:
        yield table, "SELECT, INSERT, UPDATE, DELETE"


def adding(table: str) -> str:
    """The right to read a table of facts and to add to it, as far as it goes."""
    if table in BY_FUNCTION:
        return "SELECT"
    for model, kept in BY_DATABASE.items():
        if model._meta.db_table == table:
            columns = [str(field.column) for field in model._meta.concrete_fields]
            named = ", ".join(column for column in columns if column not in kept)
            return f"SELECT, INSERT ({named})"
    return "SELECT, INSERT"
