import pytest

from bench.figures import Figure, of, ratio, table


def test_a_figure_is_the_median_of_its_rounds():
    assert of("runs", "rate", [3.0, 1.0, 100.0], "1/s").value == 3.0


def test_a_ratio_is_taken_round_by_round():
    assert ratio("runs", "ours / bare", [1.0, 10.0, 3.0], [2.0, 100.0, 3.0]).rounds == (0.5, 0.1, 1.0)


@pytest.mark.parametrize(
    ("value", "aim", "met"),
    [
        (0.5, {"least": 0.5}, True),
        (0.49, {"least": 0.5}, False),
        (30, {"most": 30}, True),
        (31, {"most": 30}, False),
    ],
)
def test_an_aim_is_met_or_not(value, aim, met):
    figure = Figure("m", "n", value, "", **aim)
    assert figure.is_aim
    assert figure.is_met is met
    assert ("yes" if met else "NO") in table("Stack", [figure])


def test_a_figure_without_an_aim_is_never_missed():
    figure = Figure("m", "n", 1.0, "")
    assert figure.is_met
    assert not figure.is_aim
