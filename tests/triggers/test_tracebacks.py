import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError

from stripeflow.actions.errors import PermanentError
from stripeflow.actions.wording import worded
from stripeflow.triggers.tracebacks import without_values

NAME = "jane@" + "example.com"


def of(error, *, cause=None):
    try:
        raise error from cause
    except type(error) as caught:
        return without_values(caught)


@pytest.mark.parametrize("error", [kind(NAME) for kind in (KeyError, ValueError, IntegrityError, OSError)])
def test_words_that_may_quote_a_value_are_not_reported(error):
    text = of(error)
    assert NAME not in text
    assert "raise error from cause" in text
    assert text.splitlines()[-1].endswith(type(error).__name__)


@pytest.mark.parametrize("error", [OperationalError("It is locked."), ImproperlyConfigured("No key.")])
def test_words_about_the_machine_are_reported(error):
    assert of(error).endswith(f"{type(error).__name__}: {error}")


def test_an_error_of_the_system_is_reported_by_its_number():
    error = FileNotFoundError(2, "No such file", NAME)
    assert of(error).endswith("FileNotFoundError: [Errno 2] No such file")


def test_a_sentence_that_knows_how_it_reads_without_values_is_reported_as_such():
    error = PermanentError(worded("{name} was refused.", name=NAME))
    assert of(error).endswith("PermanentError: … was refused.")


def test_one_without_words_is_reported_by_its_kind():
    assert of(ValueError()).endswith("\nValueError")


def test_what_led_to_it_is_reported_too():
    text = of(ValueError(NAME), cause=KeyError(NAME))
    assert "direct cause" in text
    assert text.index("KeyError") < text.index("ValueError")


def test_a_long_chain_ends():
    error = ValueError()
    for _number in range(100):
        following = ValueError()
        following.__context__ = error
        error = following
    assert without_values(error).count("During handling") == 20
