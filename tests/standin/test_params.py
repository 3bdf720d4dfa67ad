import pytest

from stripeflow_site.standin import params
from stripeflow_site.standin.errors import ApiFailure


@pytest.mark.parametrize(
    ("query", "decoded"),
    [
        ("metadata[Tier]=VIP&name=A", {"metadata": {"Tier": "VIP"}, "name": "A"}),
        ("expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
        ("expand[0]=a&expand[1]=b", {"expand": ["a", "b"]}),
        ("created[gt]=1&created[lt]=2", {"created": {"gt": "1", "lt": "2"}}),
        ("a[b][c]=d", {"a": {"b": {"c": "d"}}}),
        ("name=", {"name": ""}),
        ("name=J%C3%BCrgen+M", {"name": "Jürgen M"}),
        ("", {}),
    ],
)
def test_decodes_nested_forms(query, decoded):
    assert params.decode(query) == decoded


@pytest.mark.parametrize(
    "query",
    [
        "a=1&a[b]=2",
        "a[b]=1&a=2",
        "[a]=1",
        "a[b=1",
        "a" + "[x]" * 20 + "=1",
        "a=%ff",
        "&".join(["a=1"] * 1001),
    ],
)
def test_refuses_forms_that_cannot_be_read(query):
    with pytest.raises(ApiFailure) as failure:
        params.decode(query)

    assert failure.value.status == 400
    assert not failure.value.stored


def test_unknown_parameters_are_named():
    with pytest.raises(ApiFailure, match="Received unknown parameters: x, y"):
        params.check({"x": "1", "y": "2"}, {"amount": params.amount})


def test_missing_parameters_are_named():
    with pytest.raises(ApiFailure, match="Missing required param: amount"):
        params.check({}, {"amount": params.amount}, required=("amount",))


@pytest.mark.parametrize("value", ["1.5", "", "ten", "1e3", "٣", {"a": "b"}])
def test_integers_are_digits(value):
    with pytest.raises(ApiFailure, match="Invalid integer"):
        params.integer(value, "amount")


@pytest.mark.parametrize("value", ["0", "-5", "100000000000"])
def test_amounts_lie_between_one_and_the_largest(value):
    with pytest.raises(ApiFailure):
        params.amount(value, "amount")


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ({"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}),
        ({"a": "1"}, {"a": "3"}, {"a": "3"}),
        ({"a": "1", "b": "2"}, {"a": ""}, {"b": "2"}),
        ({"a": "1"}, params.metadata("", "metadata"), {}),
        ({"a": "1"}, {}, {"a": "1"}),
    ],
)
def test_metadata_is_merged(old, new, merged):
    assert params.merged(old, new) == merged


@pytest.mark.parametrize("pairs", [{"k" * 41: "v"}, {"k": "v" * 501}])
def test_metadata_has_lengths(pairs):
    with pytest.raises(ApiFailure):
        params.metadata(pairs, "metadata")


def test_metadata_has_at_most_fifty_keys():
    with pytest.raises(ApiFailure, match="50"):
        params.merged({}, {str(number): "v" for number in range(51)})


@pytest.mark.parametrize(
    ("bounds", "inside"),
    [
        ({"gt": 5}, False),
        ({"gte": 5}, True),
        ({"lt": 5}, False),
        ({"lte": 5}, True),
        ({}, True),
        ({"gt": 4, "lt": 6}, True),
    ],
)
def test_spans_have_bounds(bounds, inside):
    assert params.within(5, bounds) is inside
