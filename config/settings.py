"""All settings, on one page. What may differ between installations comes from the environment."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from audit.places.naming import read_authority, read_place
from config import environment, logs, outside

BASE_DIR = Path(__file__).resolve().parent.parent

# ------------------------------------------------------------------ which house this is
MODE = environment.one_of("COUNTERSIGN_MODE", ("demo", "production", "test"), "demo")
DEMO = MODE == "demo"
PRODUCTION = MODE == "production"
LOCAL_DIR = Path(environment.text("COUNTERSIGN_LOCAL", str(BASE_DIR / ".local")))
DEBUG = False

SECRET_KEY = environment.text("COUNTERSIGN_SECRET_KEY")
MASTER_KEYS = environment.keys("COUNTERSIGN_MASTER_KEYS")
# The sealer's alone: no other process needs it, so none that serves people has to hold it.
SEAL_KEYS = (
    environment.keys("COUNTERSIGN_SEAL_KEYS") if environment.is_set("COUNTERSIGN_SEAL_KEYS") else {}
)
if PRODUCTION and any(key_id.startswith("demo") for key_id in SEAL_KEYS):
    raise ImproperlyConfigured("COUNTERSIGN_SEAL_KEYS holds a demo key: make one of your own.")
if PRODUCTION and SECRET_KEY.startswith("demo-"):
    raise ImproperlyConfigured("COUNTERSIGN_SECRET_KEY is a demo key: make one of your own.")
if PRODUCTION and any(key_id.startswith("demo") for key_id in MASTER_KEYS):
    raise ImproperlyConfigured("COUNTERSIGN_MASTER_KEYS holds a demo key: make one of your own.")

ALLOWED_HOSTS = environment.words(
    "COUNTERSIGN_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]", "testserver")
)
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("COUNTERSIGN_HOSTS is not set.")
# The log's name in its checkpoints (C2SP tlog-checkpoint, origin): it stays the same for good.
# Production has to say it: a default would change with the hosts, and sealing would end.
LOG_ORIGIN = environment.text(
    "COUNTERSIGN_ORIGIN", None if PRODUCTION else f"{ALLOWED_HOSTS[0].lstrip('.*')}/trail"
)
if LOG_ORIGIN.split() != [LOG_ORIGIN] or "+" in LOG_ORIGIN:
    raise ImproperlyConfigured("COUNTERSIGN_ORIGIN must be a name without spaces or a plus.")

# Where checkpoints go, so that nobody of this house can take them back, and who stamps their time.
CHECKPOINT_PLACES = outside.places("COUNTERSIGN_CHECKPOINTS", read_place)
TSAS = outside.places("COUNTERSIGN_TSA", read_authority)
TSA_ROOTS = (
    environment.text("COUNTERSIGN_TSA_ROOTS") if environment.is_set("COUNTERSIGN_TSA_ROOTS") else ""
)  # a file of certificates; else whom this machine trusts
CHECKPOINT_SECRET = (
    outside.webhook_secret("COUNTERSIGN_CHECKPOINT_SECRET")
    if any(place.kind == "hook" for place in CHECKPOINT_PLACES)
    else ""
)
MAIL_SERVER = outside.mail(
    "COUNTERSIGN_SMTP",
    None if any(place.kind == "mailto" for place in CHECKPOINT_PLACES) else "smtp://localhost:25",
)
EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL_SERVER.ssl, MAIL_SERVER.starttls
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = outside.sender("COUNTERSIGN_MAIL_FROM", ALLOWED_HOSTS[0])

# ------------------------------------------------------------------ the house
INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "reviews",
    "inference",
    "cases",
    "accounts",
    "audit",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "auditlog",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.request_log",
    "config.middleware.language_of_the_browser",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.locale_of_the_person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.signed_in_pages",
    "allauth.account.middleware.AccountMiddleware",
    "audit.acting.middleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["config.templatetags.icons"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.presenting.spoken",
                "config.presenting.house",
                "reviews.views.people.navigation",
                "reviews.views.alarms.sounding",
                "reviews.views.settings.keyboard",
                "reviews.views.undoing.offer",
            ],
        },
    },
]

# ------------------------------------------------------------------ what happens to a case, step by step
# status -> the task that does the next step; read by cases.lifecycle and by nothing else
CASE_STEPS = {
    "received": "inference.tasks.read_case",
    "read": "inference.tasks.score_case",
    "scored": "reviews.tasks.route_case",
    "quarantined": "reviews.tasks.queue_quarantined_case",
    "decided": "reviews.tasks.announce_case",
    "withdrawn": "reviews.tasks.close_withdrawn_case",
}
STEP_LEASE_SECONDS = environment.number("COUNTERSIGN_STEP_LEASE", 300)
STEP_ATTEMPTS = 3
SWEEP_SECONDS = environment.number("COUNTERSIGN_SWEEP_SECONDS", 10)
GATE_SECONDS = environment.number("COUNTERSIGN_GATE_SECONDS", 60)
CLAIM_MINUTES = environment.number("COUNTERSIGN_CLAIM_MINUTES", 10)
UNDO_SECONDS = environment.number("COUNTERSIGN_UNDO_SECONDS", 10, least=0)  # of a verdict

# ------------------------------------------------------------------ database: the truth
# The application's role can read and add; the owner's, used by migrations alone, can change tables.
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **environment.database("DATABASE_URL"),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    },
}
# A statement is planned once a connection, not each time: a page's cost halves in the database.
DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 5}
if environment.is_set("DATABASE_OWNER_URL"):  # `migrate` needs it; what serves does better without
    DATABASES["owner"] = {
        **environment.database("DATABASE_OWNER_URL"),
        "TEST": {"DEPENDENCIES": []},
    }
    if DATABASES["default"]["USER"] == DATABASES["owner"]["USER"]:
        raise ImproperlyConfigured("DATABASE_URL and DATABASE_OWNER_URL must be different roles.")
if DEMO and not environment.is_local(DATABASES["default"]["HOST"]):
    raise ImproperlyConfigured(
        "COUNTERSIGN_MODE is demo, which lets everybody in and so needs a database on this machine."
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ------------------------------------------------------------------ Redis: the doorbell
REDIS_URL, CELERY_BROKER_URL = environment.redis("REDIS_URL")
REDIS_PREFIX = environment.text("COUNTERSIGN_REDIS_PREFIX", "countersign:")
CACHES = {  # allauth remembers used codes and counts wrong ones: nobody needs Redis to sign in
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
    }
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # longer than the longest task
    "global_keyprefix": REDIS_PREFIX,
    "max_retries": 0,  # nobody waits for a broker that is away: the sweep rings again
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 1800  # a step renews its lease; this ends one that hangs
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": every, "options": {"priority": 0, "expires": every}}
    for task, every in {
        "audit.tasks.publish_checkpoints": SWEEP_SECONDS,
        "cases.tasks.sweep": SWEEP_SECONDS,
        "cases.tasks.deliver_due_webhooks": SWEEP_SECONDS,
        "cases.tasks.forget_idempotency_keys": 3600,
        "cases.tasks.forget_orphaned_files": 6 * 3600,
        "reviews.tasks.return_expired_claims": SWEEP_SECONDS,
        "reviews.tasks.end_reservations": SWEEP_SECONDS,
        "reviews.tasks.settle_due_reviews": SWEEP_SECONDS,
        "reviews.tasks.carry_on_reopenings": SWEEP_SECONDS,
        "reviews.tasks.carry_on_disposals": SWEEP_SECONDS,
        "reviews.tasks.apply_tombstones": 3600,
        "reviews.tasks.keep_known_answers": 300,
        "reviews.tasks.follow_up_holds": SWEEP_SECONDS,
        "reviews.tasks.activate_due_proposals": SWEEP_SECONDS,
        "reviews.tasks.escalate_notices": 900,
        "reviews.tasks.measure_gates": GATE_SECONDS,
        "reviews.tasks.look_after_exports": SWEEP_SECONDS,
    }.items()
}
CELERY_BEAT_SCHEDULE_FILENAME = str(LOCAL_DIR / "celerybeat-schedule")

# ------------------------------------------------------------------ files
STORAGE_URL = environment.text("COUNTERSIGN_STORAGE", f"file://{LOCAL_DIR / 'media'}")
SEALED_STORAGE = environment.storage("COUNTERSIGN_STORAGE", STORAGE_URL)
# Who was erased, apart from the database: back it up apart, too, and never bring back an older one.
TOMBSTONE_STORAGE = environment.storage(
    "COUNTERSIGN_TOMBSTONES", environment.beside(STORAGE_URL, "tombstones")
)
STORAGES = {
    "default": SEALED_STORAGE,
    "tombstones": TOMBSTONE_STORAGE,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = LOCAL_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION  # nothing to collect before a demo
WHITENOISE_AUTOREFRESH = MODE == "test"  # nor before the tests: it warns of a missing directory
if not PRODUCTION:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# ------------------------------------------------------------------ papers
PAPER_MAX_BYTES = 20 * 2**20
PAPER_MAX_PAGES = 60
PAPER_MAX_PIXELS = 120_000_000  # of one page: A4 at 600 dpi has 35 million
CASE_MAX_PAPERS = 20
READING_ENGINE = environment.one_of("COUNTERSIGN_ENGINE", ("rapidocr", "tesseract"), "rapidocr")
MODEL_DIR = BASE_DIR / "inference" / "models"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 2**20  # the largest body; checked before it is read
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE  # no paper is laid down in clear

# ------------------------------------------------------------------ people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ANONYMOUS_USER_NAME = None  # guardian: no anonymous user has rights
ACCOUNT_ADAPTER = "accounts.adapter.ClosedHouse"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
# Axes counts wrong passwords, by name and address; allauth wrong codes, which need the password.
ACCOUNT_RATE_LIMITS = {"login": False, "login_failed": "8/15m/key"}
MFA_ADAPTER = "accounts.secondfactor.SealedSecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
PROXIES = environment.number("COUNTERSIGN_PROXIES", 0, least=0)  # of ours before the web server
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"
AXES_DISABLE_ACCESS_LOG = True  # names and addresses that nobody asks for
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_ENABLED = MODE != "test"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
AUDITLOG_INCLUDE_ALL_MODELS = False

# ------------------------------------------------------------------ the API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.errors.problem_response",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,  # Accept says what is wanted
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Countersign",
    "DESCRIPTION": "Post cases, read their status and decisions; draft policies.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {
        "Status": "cases.models.Status",
        "Priority": "cases.models.Priority",
        "MadeBy": "cases.models.Decision.MadeBy",
        "ProposalStatus": "reviews.models.Proposal.Status",
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
}
IDEMPOTENCY_KEY_HOURS = 48
RATE_LIMIT_REQUESTS = environment.number("COUNTERSIGN_RATE_LIMIT", 1200)  # of one client
RATE_LIMIT_SECONDS = environment.number("COUNTERSIGN_RATE_LIMIT_SECONDS", 60)
INTAKE_WATERMARK = environment.number("COUNTERSIGN_INTAKE_WATERMARK", 20_000)  # cases in our hands
WAITERS_A_PROCESS = environment.number("COUNTERSIGN_WAITERS", 2)  # that wait for a decision
WEBHOOKS_A_CLIENT = 10
WEBHOOK_LOOPBACK = (
    environment.one_of(
        "COUNTERSIGN_WEBHOOK_LOOPBACK", ("refused", "allowed"), "allowed" if DEMO else "refused"
    )
    == "allowed"
)
if PRODUCTION and WEBHOOK_LOOPBACK:
    raise ImproperlyConfigured("COUNTERSIGN_WEBHOOK_LOOPBACK can't be allowed in production.")

# ------------------------------------------------------------------ the browser's side
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
CSRF_COOKIE_HTTPONLY = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS if host != "*"]

# ------------------------------------------------------------------ language, time, logs
LANGUAGE_CODE = "en-gb"  # of programs, and of browsers that ask for none of the languages
LANGUAGES = [
    ("en-gb", "English (United Kingdom)"),
    ("en-us", "English (United States)"),
    ("de", "Deutsch"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]  # German; the code itself speaks English
TIME_ZONE = "UTC"  # of people who have chosen none
USE_I18N = True
USE_TZ = True
LOGGING = logs.configuration(level=environment.text("COUNTERSIGN_LOG_LEVEL", "INFO"))
