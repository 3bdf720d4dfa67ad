"""A shop whose own apps have the names of our directories."""

from pathlib import Path

from stripeflow.triggers.cluster_settings import with_stripeflow

SECRET_KEY = "of the shop"
DEBUG = True
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(__file__).parent / "db.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "stripeflow.workflows",
    "stripeflow.actions",
    "stripeflow.triggers",
    "djstripe",
    "django_q",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "workflows",
    "actions",
    "triggers",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "urls"
# dj-stripe's many migrations take a minute, and are none of ours.
MIGRATION_MODULES = {"djstripe": None}
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
STRIPEFLOW = {"QUEUE_BACKEND": "stripeflow.triggers.queue.memory.MemoryBackend", "MIRROR": "off"}
Q_CLUSTER = with_stripeflow({"name": "default", "orm": "default", "timeout": 120, "retry": 300})
