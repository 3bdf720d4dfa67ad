"""Times within sentences."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime


def before_stop(at: datetime) -> str:
    """A time as the last word of a sentence, whose stop is that of “a.m.” as well."""
    return date_format(localtime(at), "DATETIME_FORMAT").removesuffix(".")
