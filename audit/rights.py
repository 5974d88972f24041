"""What the application's database role may do: everything but alter its own past.

Each table stands in exactly one of the three lists, and one that stands in none can't be used at
all, so that nobody forgets to say what its rows are. Triggers hold the same for every other role.
"""

from collections.abc import Iterator

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

FACTS: dict[str, tuple[str, ...]] = {
    "audit_event": (),
    "auditlog_logentry": (),
    "cases_pipelineversion": (),
    "cases_document": (),
    "cases_page": (),
    "cases_decision": ("superseded_at",),
    "inference_reading": (),
    "inference_modelversion": (),
    "inference_prediction": (),
    "inference_assessment": (),
    "inference_calibration": (),
    "reviews_policyversion": ("active", "activated_at"),
    "reviews_route": (),
    "reviews_basis": ("segments", "label", "label_kind", "weight", "labelled_at", "seconds"),
    "reviews_sample": ("verdict", "reviewer_id", "judged_at", "ended", "shown_version"),
    "reviews_gatecheck": (),
    "reviews_stop": ("lifted_by_id", "lifted_at", "lifted_reason"),
    "reviews_reopening": ("finished_at",),
    "reviews_reopeningcase": ("result", "done_at"),
    "reviews_claim": ("expires_at", "ended_at", "ended"),
    "reviews_commitment": (),
    "reviews_review": ("undone_at",),
    "reviews_correction": (),
    "reviews_reply": (),
    "reviews_hold": ("sealed_answer", "ended_at", "ended"),
    "reviews_comment": (),
    "reviews_notice": ("seen_at",),
    "reviews_unmasking": (),
    "reviews_export": ("finished_at", "row_count", "sha256"),
    "django_admin_log": (),
}
"""Rows that are added and stay as they are, save for the columns that say how they ended."""

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
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")
        for table, rights in rights_on_tables():
            if table in tables:
                cursor.execute(f"GRANT {rights} ON {table} TO {name}")


def rights_on_tables() -> Iterator[tuple[str, str]]:
    """Each table with what may be done there."""
    for table, ending in FACTS.items():
        yield table, "SELECT, INSERT" + (f", UPDATE ({', '.join(ending)})" if ending else "")
    for table in LIVING:
        yield table, "SELECT, INSERT, UPDATE"
    for table in WORKING:
        yield table, "SELECT, INSERT, UPDATE, DELETE"
