import pytest

from stripeflow.triggers.widths import WIDTH, fitted


@pytest.mark.parametrize("text", ["", "evt_1", "x" * WIDTH, "é" * WIDTH])
def test_what_fits_stays_as_it_is(text):
    assert fitted(text) == text


@pytest.mark.parametrize("text", ["x" * (WIDTH + 1), "é" * 10_000])
def test_what_does_not_fit_is_cut(text):
    assert len(fitted(text)) == WIDTH
    assert text.startswith(fitted(text).partition("~")[0])


def test_cutting_twice_is_cutting_once():
    assert fitted(fitted("x" * 1_000)) == fitted("x" * 1_000)


def test_two_texts_with_the_same_beginning_are_not_mistaken_for_each_other():
    assert fitted("x" * 1_000 + "a") != fitted("x" * 1_000 + "b")
