"""System checks of where secrets are stored, and of their form: stripeflow.E008 and W007–W010."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, connections

from stripeflow.triggers import encryption, open_files
from stripeflow.triggers.key_forms import unknown_forms


def register_all() -> None:
    """Register the checks; called once, when the app is ready."""
    register(check_key_forms, Tags.security)
    register(check_stored_secrets, Tags.database)
    register(check_secret_keys, Tags.security, deploy=True)
    register(check_database_file, Tags.security)


def check_key_forms(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E008: a secret of an unknown form is a mistake, such as a quote left in it. It is not printed."""
    return [
        Error(
            f"{name} does not look like {what}.",
            hint="Look for quotes, blanks and missing characters. The value is not shown here.",
            id="stripeflow.E008",
        )
        for name, what in unknown_forms()
    ]


def check_stored_secrets(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """W008: secrets in clear in dj-stripe's tables. W009: signing secrets that no key opens."""
    if DEFAULT_DB_ALIAS not in (databases or []) or not _has_djstripes_tables():
        return []
    from stripeflow.triggers import own_account, signing_secrets

    hits = []
    if signing_secrets.in_clear().exists():
        hint = "Run manage.py stripeflow_secrets rotate, once every process has this version."
        hits.append(("The signing secret of a webhook endpoint lies in clear in the database.", hint, "W008"))
    if own_account.kept_keys().exists():
        hint = "Delete the row from dj-stripe's API keys: both read the key from the settings."
        hits.append(("A Stripe key of the settings lies in clear in dj-stripe's API keys.", hint, "W008"))
    if not signing_secrets.all_open():
        hint = 'Add the key of then to STRIPEFLOW["SECRET_KEYS"], or run manage.py stripeflow_endpoint again.'
        hits.append(("No key in the settings opens the signing secret of a webhook endpoint.", hint, "W009"))
    return [Warning(text, hint=hint, id=f"stripeflow.{number}") for text, hint, number in hits]


def _has_djstripes_tables() -> bool:
    from djstripe.models import APIKey, WebhookEndpoint

    there = connections[DEFAULT_DB_ALIAS].introspection.table_names()
    return {model._meta.db_table for model in (APIKey, WebhookEndpoint)} <= set(there)


def check_secret_keys(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W007: keys that follow from SECRET_KEY are lost with it."""
    if encryption.has_own_keys():
        return []
    return [
        Warning(
            "What is encrypted in the database can be read only as long as SECRET_KEY stays.",
            hint='Set STRIPEFLOW["SECRET_KEYS"]; manage.py stripeflow_secrets key makes one. Then rotate.',
            id="stripeflow.W007",
        )
    ]


def check_database_file(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W010: a SQLite file that each user of the machine can read."""
    return [
        Warning(
            f"Each user of this machine can read the SQLite file of the database “{alias}”.",
            hint="Take the right to read from others: chmod 600 for the file, 700 for its folder.",
            id="stripeflow.W010",
        )
        for alias, found in settings.DATABASES.items()
        if _is_sqlite(found) and open_files.is_open(str(found.get("NAME", "")))
    ]


def _is_sqlite(database: Mapping[str, object]) -> bool:
    return database.get("ENGINE") == "django.db.backends.sqlite3"
