import io
import logging
import sys

import pytest
from pythonjsonlogger.json import JsonFormatter

from stripeflow.triggers.log_redaction import RedactingFilter, redact_uncaught
from stripeflow.workflows.monitoring.log_lines import KeyValueFormatter

KEY = "sk_test_abcdefghijklmnop"


@pytest.fixture(params=[logging.Formatter, KeyValueFormatter, JsonFormatter])
def logged(request):
    """What a logger with the filter has written, by each formatter that is documented."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(request.param("%(levelname)s %(message)s"))
    handler.addFilter(RedactingFilter())
    logger = logging.Logger("of the test")
    logger.addHandler(handler)
    return logger, written.getvalue


def fail():
    try:
        raise ValueError(f"Invalid API key: {KEY!r}")
    except ValueError as error:
        raise KeyError("outer") from error


def test_nothing_that_is_logged_holds_a_secret(logged):
    logger, written = logged
    try:
        fail()
    except KeyError:
        logger.exception("failed with %s", KEY, extra={"reason": KEY, "facts": {"a": [KEY]}}, stack_info=True)
    assert KEY not in written()
    assert "failed with sk_" in written()
    assert "KeyError" in written()
    assert "ValueError" in written()
    assert "in fail" in written()


def test_a_traceback_tells_no_words_that_may_quote_a_value(logged):
    logger, written = logged
    name = "jane@" + "example.com"
    try:
        {}[name]
    except KeyError:
        logger.exception("It failed.")
    assert "KeyError" in written()
    assert name not in written()


def test_facts_without_a_secret_stay_as_they_are():
    record = logging.makeLogRecord({"msg": "a", "facts": {"a": 1}, "number": 2, "nothing": None})
    assert RedactingFilter().filter(record)
    assert (record.facts, record.number, record.nothing) == ({"a": 1}, 2, None)


def test_arguments_that_do_not_fit_are_written_and_redacted():
    record = logging.makeLogRecord({"msg": "a %d", "args": (KEY,)})
    RedactingFilter().filter(record)
    assert record.getMessage().startswith("a %d")
    assert KEY not in record.getMessage()


def test_the_traceback_that_ends_a_process_is_redacted(monkeypatch, capsys):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    redact_uncaught()
    try:
        fail()
    except KeyError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    told = capsys.readouterr().err
    assert KEY not in told
    assert "Invalid API key: 'sk_…'" in told
