"""Settings of the StripeFlow site, read from the environment by django-environ.

Every variable has a default that suits one machine with SQLite; `docs/settings.md` lists them.
"""

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from stripeflow.triggers import current_sqlite
from stripeflow.triggers.cluster_settings import CLUSTER, with_stripeflow
from stripeflow.workflows.api.enum_names import ENUM_NAMES
from stripeflow_site.left_out import left_out
from stripeflow_site.transport import refuse_plain_http
from stripeflow_site.web_threads import web_threads

current_sqlite.use_newer()
# They serve the SDK's asynchronous calls, and take 7 MB. dj-stripe would import it a moment later.
with left_out("httpx", "anyio", "aiohttp"):
    import_module("stripe")

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
# The demo and the tests name an empty one, so that an installation's own settings do not reach them.
ENV_FILE = env.str("STRIPEFLOW_ENV_FILE", default=str(BASE_DIR / ".env"))
if ENV_FILE and Path(ENV_FILE).exists():
    env.read_env(ENV_FILE)

# Where the database, the e-mail files and the logs of a one-machine installation lie.
# Set and empty is as if not set: keys and databases must not come to lie where somebody happens to be.
VAR_DIR = Path(env.str("STRIPEFLOW_VAR_DIR", default="") or BASE_DIR / "var").resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    from stripeflow_site.secret_key import local_secret_key

    SECRET_KEY = local_secret_key(VAR_DIR)
# What encrypts secrets in the database. Several hosts need the same; without any they follow from SECRET_KEY.
SECRET_KEYS = env.list("STRIPEFLOW_SECRET_KEYS", default=[])
if not SECRET_KEYS and (not env.str("SECRET_KEY", default="") or (VAR_DIR / "secrets_key").exists()):
    from stripeflow_site.secret_key import local_secrets_key

    SECRET_KEYS = [local_secrets_key(VAR_DIR)]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "stripeflow.workflows",
    "stripeflow.actions",
    "stripeflow.triggers",
    "stripeflow_site",
    "djstripe",
    "django_q",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "axes",
    "stripeflow_site.apps.StripeFlowAdminConfig",  # in the place of django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    # First, so that every log line has the request's facts.
    "stripeflow.workflows.audit.requests.RequestFactsMiddleware",
    "stripeflow.workflows.monitoring.probes.ProbeMiddleware",  # before those that look at the host's name
    "django.middleware.security.SecurityMiddleware",
    "stripeflow.triggers.short_way.WebhookMiddleware",  # before all that is for people
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it answers for a log-in that is locked
]

ROOT_URLCONF = "stripeflow_site.urls"
WSGI_APPLICATION = "stripeflow_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'stripeflow.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL only where the SQLite library is safe with it; the rollback journal is safe everywhere.
    _journal = current_sqlite.journal(env.str("SQLITE_JOURNAL", default=""))
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Not every SQLite overwrites what is deleted by itself; Debian's does.
        "init_command": (
            f"PRAGMA journal_mode={_journal}; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        ),
    }
    # The file a test run uses: a real file, because a worker process has to see it too.
    DATABASES["default"]["TEST"] = {
        "NAME": env.str("TEST_SQLITE_NAME", default=str(VAR_DIR / "test.sqlite3"))
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # The engine's fixed statements are prepared. A pooler that loses those wants this to be empty.
    _threshold = env.str("PREPARE_THRESHOLD", default="5")
    DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = (
        int(_threshold) if _threshold else None
    )

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The queue: a named cluster, so that other queues of a host project stay apart.
REDIS_URL = env.str("REDIS_URL", default="")
_workers: dict[str, Any] = {
    "workers": env.int("STRIPEFLOW_WORKERS", default=2),
    "poll": env.float("STRIPEFLOW_POLL_SECONDS", default=0.1),
}
Q_CLUSTER = with_stripeflow(
    {
        "name": "default",
        **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
        **CLUSTER,
        **_workers,
        "label": "Task queue",
    },
    **_workers,
)

# Stripe. The keys stay in the environment, and in no table; dj-stripe and the actions read them from here.
STRIPE_LIVE_MODE = env.bool("STRIPE_LIVE_MODE", default=False)
STRIPE_TEST_SECRET_KEY = env.str("STRIPE_TEST_SECRET_KEY", default="")
STRIPE_LIVE_SECRET_KEY = env.str("STRIPE_LIVE_SECRET_KEY", default="")
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
DJSTRIPE_WEBHOOK_VALIDATION = "verify_signature"
SILENCED_SYSTEM_CHECKS: list[str] = []
if STRIPE_API_BASE := env.str("STRIPE_API_BASE", default=""):
    STRIPE_API_HOST = STRIPE_API_BASE  # dj-stripe's name for it
    if urlsplit(STRIPE_API_BASE).hostname in ("127.0.0.1", "localhost", "::1"):
        # dj-stripe's warning against another address than Stripe's is for production.
        SILENCED_SYSTEM_CHECKS += ["djstripe.W002"]

# django-q2's pages let staff queue any function, and dj-stripe's act at Stripe.
# See `stripeflow.triggers.other_admins`.
_KEEPS_QUEUE_PAGES = env.bool("STRIPEFLOW_QUEUE_ADMIN", default=False)

_web = web_threads(DATABASES["default"]["ENGINE"])
STRIPEFLOW = {
    "QUEUE_CLUSTER": "stripeflow",
    "CONCURRENCY": env.int("STRIPEFLOW_CONCURRENCY", default=16),
    # The web server's, and four for the worker command and a person's own commands.
    "OTHER_CONNECTIONS": env.int("STRIPEFLOW_OTHER_CONNECTIONS", default=_web.connections + 4),
    "STRIPE_API_BASE": STRIPE_API_BASE,
    "BASE_URL": env.str("STRIPEFLOW_BASE_URL", default="http://127.0.0.1:8000"),
    "DEFAULT_CURRENCY": env.str("STRIPEFLOW_DEFAULT_CURRENCY", default="usd"),
    "EMAIL_SUBJECT_PREFIX": env.str("STRIPEFLOW_EMAIL_SUBJECT_PREFIX", default=""),
    "CUSTOMER_EMAIL_FROM": env.str("STRIPEFLOW_CUSTOMER_EMAIL_FROM", default=""),
    "CUSTOMER_EMAIL_REPLY_TO": env.str("STRIPEFLOW_CUSTOMER_EMAIL_REPLY_TO", default=""),
    "CUSTOMER_EMAIL_COMPANY": env.str("STRIPEFLOW_CUSTOMER_EMAIL_COMPANY", default=""),
    "CUSTOMER_EMAIL_FOOTER": env.str("STRIPEFLOW_CUSTOMER_EMAIL_FOOTER", default="", multiline=True),
    "CUSTOMER_EMAIL_LINK_HOSTS": env.list("STRIPEFLOW_CUSTOMER_EMAIL_LINK_HOSTS", default=["stripe.com"]),
    "CUSTOMER_EMAIL_IN_TEST_MODE": env.bool("STRIPEFLOW_CUSTOMER_EMAIL_IN_TEST_MODE", default=False),
    "CUSTOMER_EMAIL_TEST_ADDRESSES": env.list("STRIPEFLOW_CUSTOMER_EMAIL_TEST_ADDRESSES", default=[]),
    "CUSTOMER_EMAILS_PER_DAY": env.int("STRIPEFLOW_CUSTOMER_EMAILS_PER_DAY", default=1000),
    "MIRROR": env.str("STRIPEFLOW_MIRROR", default="on"),
    "GUARD_ADMINS": ["djstripe"] if _KEEPS_QUEUE_PAGES else ["djstripe", "django_q"],
    "SECRET_KEYS": SECRET_KEYS,
    "SECOND_PERSON": env.bool("STRIPEFLOW_SECOND_PERSON", default=False),
    "ALERT_RECIPIENTS": env.list("STRIPEFLOW_ALERT_RECIPIENTS", default=[]),
    "OUTBOUND_ALLOWED_ORIGINS": env.list("STRIPEFLOW_OUTBOUND_ALLOWED_ORIGINS", default=[]),
    "OUTBOUND_PORTS": env.list("STRIPEFLOW_OUTBOUND_PORTS", cast=int, default=[443]),
    "TRUSTED_PROXIES": env.int("STRIPEFLOW_TRUSTED_PROXIES", default=0),
    "HEALTH_TOKEN": env.str("STRIPEFLOW_HEALTH_TOKEN", default=""),
    "METRICS_TOKEN": env.str("STRIPEFLOW_METRICS_TOKEN", default=""),
}

# E-mail: files by default, SMTP with EMAIL_URL=smtp://user:password@host:587.
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
if EMAIL_URL := env.str("EMAIL_URL", default=""):
    globals().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="StripeFlow <stripeflow@localhost>")
EMAIL_TIMEOUT = 20

_VALIDATORS = {
    "UserAttributeSimilarityValidator": {},
    "MinimumLengthValidator": {"min_length": 12},
    "CommonPasswordValidator": {},
    "NumericPasswordValidator": {},
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in _VALIDATORS.items()
]
# A working day; Django's own would be two weeks.
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600

# Wrong passwords are counted in the database by name and by address; see `stripeflow_site.log_in`.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: what it refuses costs no hash of a password
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURES", default=10)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_LOCK_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = "stripeflow_site.log_in.counted"
AXES_CLIENT_IP_CALLABLE = "stripeflow_site.log_in.address"
AXES_LOCKOUT_CALLABLE = "stripeflow_site.log_in.locked"
# Further attempts do not make the time longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Log-ins are kept in the audit log.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "csrfmiddlewaretoken"]

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English"), ("ja", "日本語")]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = env.bool("WHITENOISE_USE_FINDERS", default=True)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "StripeFlow API",
    "DESCRIPTION": "Workflows that react to Stripe events, and the runs they made.",
    "VERSION": "1",
    # Seen by the system check of drf-spectacular; the API's own pages bring their settings along.
    "PREPROCESSING_HOOKS": ["stripeflow.workflows.api.openapi.only_ours"],
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

# Cookies and transport. `SECURE=1` is for every site that is not on a loopback address.
SECURE = env.bool("SECURE", default=False)
if not (DEBUG or SECURE or env.bool("PLAIN_HTTP", default=False)):
    refuse_plain_http(ALLOWED_HOSTS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
# Probes inside a network speak plain HTTP, and many take a redirect for an answer.
SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if SECURE else 0)
# About names that are not this site's, and hard to take back: for the domain's owner to say.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS += ["security.W005", "security.W021"]  # which would have both
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# What a page may load: only what this site serves, and no script within a page. Attributes of style are
# allowed, since the preview of an e-mail has no other styles, and its frame is under the page's policy.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# One line for each thing that happens, with its ids: name=value, or JSON for a collector.
_LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "stripeflow.workflows.monitoring.log_lines.KeyValueFormatter", "format": _LINE},
        "json": {"()": "pythonjsonlogger.json.JsonFormatter", "format": _LINE},
    },
    "filters": {
        "request": {"()": "stripeflow.workflows.monitoring.log_lines.RequestFactsFilter"},
        "without_secrets": {"()": "stripeflow.triggers.log_redaction.RedactingFilter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request", "without_secrets"],
            "formatter": "json" if env.bool("LOG_JSON", default=False) else "text",
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # What django-axes says of wrong passwords, `stripeflow_site.log_in` says without what was typed.
    "loggers": {"stripe": {"level": "WARNING"}, "axes": {"level": "ERROR"}},
}
