"""The tables that runs need, made in an empty database in a moment (dj-stripe's take a minute)."""

from django.apps import apps
from django.db import connection

LABELS = {"auth", "contenttypes", "stripeflow_actions", "stripeflow_triggers", "stripeflow_workflows"}


def make_tables() -> None:
    with connection.schema_editor() as editor:
        for config in apps.get_app_configs():
            if config.label in LABELS:
                for model in config.get_models():
                    editor.create_model(model)
