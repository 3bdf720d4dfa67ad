"""Keeps secrets and values out of the logs of a process, and secrets out of the traceback that ends it."""

import logging
import sys
import traceback
from types import TracebackType

from stripeflow.triggers.redaction import redacted
from stripeflow.triggers.tracebacks import without_values

# The attributes of every record; all others came by `extra=`.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class RedactingFilter(logging.Filter):
    """Takes secrets out of a record: out of its message, its facts (`extra=`) and its traceback.

    The traceback leaves out messages of exceptions that may quote values.
    Put it on each handler. Handlers behind it see the redacted record too.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(_message(record)), ()
        if record.exc_info and record.exc_info is not True:
            error = record.exc_info[1]
            # Without the exception itself, which a handler would print as it is.
            record.exc_info, record.exc_text = None, redacted(without_values(error)) if error else None
        elif record.exc_text:
            record.exc_text = redacted(record.exc_text)
        if record.stack_info:
            record.stack_info = redacted(record.stack_info)
        for name, fact in vars(record).items():
            if name not in _USUAL:
                setattr(record, name, _fact(fact))
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit; logging itself would only complain
        return f"{record.msg} {record.args!r}"


def _fact(fact: object) -> object:
    if fact is None or isinstance(fact, bool | int | float):
        return fact
    text = str(fact)
    found = redacted(text)
    return fact if found == text else found


def redact_uncaught() -> None:
    """Have this process print the traceback that ends it without secrets; for `manage.py`."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = hook
