import itertools

import pytest

from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.conditions.truth import combine, quantify

M, N, U = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN

# Every pair, in either order: all, any, none.
PAIRS = {
    (M, M): (M, M, N),
    (M, N): (N, M, N),
    (M, U): (U, M, N),
    (N, M): (N, M, N),
    (N, N): (N, N, M),
    (N, U): (N, U, U),
    (U, M): (U, M, N),
    (U, N): (N, U, U),
    (U, U): (U, U, U),
}
SINGLE = {M: (M, M, N), N: (N, N, M), U: (U, U, U)}


def test_table_has_every_pair():
    assert set(PAIRS) == set(itertools.product(Truth, repeat=2))


@pytest.mark.parametrize(("pair", "results"), PAIRS.items())
def test_combines_two(pair, results):
    assert tuple(combine(match, pair) for match in ("all", "any", "none")) == results


@pytest.mark.parametrize(("pair", "results"), PAIRS.items())
def test_quantifies_two_items(pair, results):
    assert tuple(quantify(match, pair) for match in ("all", "any", "none")) == results


@pytest.mark.parametrize(("one", "results"), SINGLE.items())
def test_combines_one(one, results):
    assert tuple(combine(match, [one]) for match in ("all", "any", "none")) == results


def test_combines_nothing():
    assert [combine(match, []) for match in ("all", "any", "none")] == [M, N, M]


def test_quantifies_no_items():
    assert [quantify(match, []) for match in ("all", "any", "none")] == [N, N, M]


@pytest.mark.parametrize(("truth", "contrary"), [(M, N), (N, M), (U, U)])
def test_negates(truth, contrary):
    assert truth.negated is contrary


@pytest.mark.parametrize("triple", list(itertools.product(Truth, repeat=3)))
def test_order_and_repetition_do_not_matter(triple):
    for match in ("all", "any", "none"):
        results = {combine(match, order) for order in itertools.permutations([*triple, triple[0]])}
        assert len(results) == 1


@pytest.mark.parametrize("triple", list(itertools.product(Truth, repeat=3)))
def test_all_of_the_contraries_is_none_of_them(triple):
    assert combine("all", [truth.negated for truth in triple]) is combine("none", triple)
