"""System checks for common misconfigurations. Their ids are stripeflow.E001–E009 and W001–W011."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections, router

from stripeflow.triggers import conf, djstripe_webhook, queue, secret_checks
from stripeflow.triggers.other_admins import unguarded_pages
from stripeflow.triggers.queue.base import Backend

_Answer = TypeVar("_Answer")


def register_all() -> None:
    """Register the checks; called once, when the app is ready."""
    register(check_router, "stripeflow")
    register(check_settings, "stripeflow")
    register(check_sqlite_transactions, "stripeflow")
    register(check_silenced_handlers, "stripeflow")
    register(check_debug_secret_header, Tags.security)
    register(check_djstripe_admin, Tags.security)
    register(check_queue_security, Tags.security)
    register(check_queue_deployment, Tags.security, deploy=True)
    register(check_api_key, Tags.security, deploy=True)
    register(check_proxies, Tags.security, deploy=True)
    register(check_endpoints, Tags.database)
    register(check_unproved_endpoints, Tags.database)
    secret_checks.register_all()


def check_router(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E003: an event, its runs and the rows they guard are written in one transaction of one database."""
    astray = [config for config in _our_apps() if not _lies_in_default(config)]
    return [
        Error(
            f"A database router sends “{config.label}” to another database than “{DEFAULT_DB_ALIAS}”.",
            hint=f"Let DATABASE_ROUTERS leave “{config.label}” in “{DEFAULT_DB_ALIAS}”.",
            obj=config.label,
            id="stripeflow.E003",
        )
        for config in astray
    ]


def _our_apps() -> list[AppConfig]:
    return [config for config in apps.get_app_configs() if config.label.startswith("stripeflow_")]


def _lies_in_default(config: AppConfig) -> bool:
    return all(
        router.db_for_write(model) == DEFAULT_DB_ALIAS and router.allow_migrate_model(DEFAULT_DB_ALIAS, model)
        for model in config.get_models()
    )


def check_settings(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E002: the values of our own settings make sense."""
    hint = "Correct the value, or leave the setting out to use its default."
    return [Error(problem, hint=hint, id="stripeflow.E002") for problem in _problems()]


def _problems() -> list[str]:
    found = [
        f'STRIPEFLOW["{name}"] is not a positive whole number.'
        for name in ("WEBHOOK_BODY_LIMIT_BYTES", "WEBHOOK_TOLERANCE_SECONDS", "MIRROR_WORKERS")
        if type(conf.get(name)) is not int or int(str(conf.get(name))) < 1
    ]
    if conf.get("MIRROR") not in ("on", "objects", "off"):
        found.append('STRIPEFLOW["MIRROR"] is neither “on” nor “objects” nor “off”.')
    if not _is_list_of_text(conf.get("MIRROR_EVENT_TYPES")):
        found.append('STRIPEFLOW["MIRROR_EVENT_TYPES"] is neither None nor a list of event types.')
    try:
        queue.backend()
    except ImproperlyConfigured as error:
        found.append(str(error))
    return found


def _is_list_of_text(value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, str) or not isinstance(value, Sequence):
        return False
    return all(isinstance(item, str) for item in value)


def check_endpoints(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """W001: an endpoint without a secret refuses every event. Looks at the databases it is given."""
    from djstripe.models import WebhookEndpoint

    for alias in databases or []:
        if WebhookEndpoint._meta.db_table not in connections[alias].introspection.table_names():
            continue
        if WebhookEndpoint.objects.using(alias).exclude(secret="").exists():
            return []
        return [
            Warning(
                "No webhook endpoint has a signing secret, so no event can come in.",
                hint="Run manage.py stripeflow_endpoint with STRIPE_WEBHOOK_SECRET set.",
                id="stripeflow.W001",
            )
        ]
    return []


def check_unproved_endpoints(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """E005: dj-stripe's own URL takes events from anybody for an endpoint that verifies nothing."""
    from djstripe.models import WebhookEndpoint

    known = DEFAULT_DB_ALIAS in (databases or [])
    if (
        not known
        or WebhookEndpoint._meta.db_table not in connections[DEFAULT_DB_ALIAS].introspection.table_names()
    ):
        return []
    return [
        Error(
            f"dj-stripe verifies nothing of what comes to its webhook endpoint {endpoint.djstripe_uuid}.",
            hint="Set its validation method to “Verify Signature”. Until then its events start nothing.",
            id="stripeflow.E005",
        )
        for endpoint in djstripe_webhook.unproved()
    ]


def check_sqlite_transactions(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W002: without IMMEDIATE, concurrent webhooks on SQLite fail with “database is locked”.

    Looks at the databases that hold our tables and the queue's, and at no other one of the project.
    """
    ours = {DEFAULT_DB_ALIAS, *_queue_databases()}
    return [
        Warning(
            f"The SQLite database “{alias}” does not begin its transactions with IMMEDIATE.",
            hint='Set OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": 20}.',
            id="stripeflow.W002",
        )
        for alias, database in settings.DATABASES.items()
        if alias in ours
        and database["ENGINE"] == "django.db.backends.sqlite3"
        and database.get("OPTIONS", {}).get("transaction_mode") != "IMMEDIATE"
    ]


def _queue_databases() -> list[str]:
    return ask_queue(lambda backend: [backend.database] if backend.database else [])


def ask_queue(question: Callable[[Backend], list[_Answer]]) -> list[_Answer]:
    """The queue's own checks; none if the settings name no queue, which stripeflow.E002 reports."""
    try:
        return question(queue.backend())
    except ImproperlyConfigured:
        return []


def check_queue_security(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """What the queue lets others do, and should not."""
    return ask_queue(lambda backend: backend.security_checks())


def check_queue_deployment(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """What the queue lets others do in production."""
    return ask_queue(lambda backend: backend.deployment_checks())


def check_debug_secret_header(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W003: with DEBUG, dj-stripe's own webhook lets the caller choose the signing secret."""
    if not settings.DEBUG or not djstripe_webhook.is_mounted():
        return []
    return [
        Warning(
            "With DEBUG on, dj-stripe's own webhook takes the signing secret from a request header.",
            hint="Do not mount djstripe.urls where strangers can reach it, or turn DEBUG off.",
            id="stripeflow.W003",
        )
    ]


def check_silenced_handlers(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E004: dj-stripe calls no handler for an event whose row the mirror has written before."""
    silenced = djstripe_webhook.handlers() if djstripe_webhook.mirror_writes_event_rows() else []
    if not silenced:
        return []
    return [
        Error(
            f"dj-stripe would not call {', '.join(silenced)} for events that the mirror has copied.",
            hint='Set STRIPEFLOW["MIRROR"] to "objects", or mount dj-stripe\'s webhook, which does the same.',
            id="stripeflow.E004",
        )
    ]


def check_djstripe_admin(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W006: dj-stripe's pages show keys and signing secrets, and let any staff act at Stripe."""
    if not apps.is_installed("django.contrib.admin") or not unguarded_pages():
        return []
    return [
        Warning(
            "dj-stripe's admin pages show API keys and signing secrets, and can change objects at Stripe.",
            hint='Add "djstripe" to STRIPEFLOW["GUARD_ADMINS"], which makes them read-only.',
            id="stripeflow.W006",
        )
    ]


def check_api_key(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W005: the mirror has to know whose events it stores."""
    names = ("STRIPE_SECRET_KEY", "STRIPE_LIVE_SECRET_KEY", "STRIPE_TEST_SECRET_KEY")
    if conf.get("MIRROR") == "off" or any(getattr(settings, name, "") for name in names):
        return []
    return [
        Warning(
            "There is no Stripe secret key, so no event can be mirrored into dj-stripe's tables.",
            hint='Set STRIPE_LIVE_SECRET_KEY or STRIPE_TEST_SECRET_KEY, or STRIPEFLOW["MIRROR"] = "off".',
            id="stripeflow.W005",
        )
    ]


def check_proxies(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W011: behind a proxy that the settings do not name, every client has the proxy's address."""
    if not settings.SECURE_PROXY_SSL_HEADER or conf.get("TRUSTED_PROXIES"):
        return []
    return [
        Warning(
            "A proxy is believed what it says of TLS, but not whom it speaks for: everybody has its address.",
            hint='Set STRIPEFLOW["TRUSTED_PROXIES"] to how many proxies of yours each request passes.',
            id="stripeflow.W011",
        )
    ]
