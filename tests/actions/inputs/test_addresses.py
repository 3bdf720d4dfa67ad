import pytest

from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import AddressInput

TO = AddressInput("to", label="To", required=True)

TRICKS = [
    "a@example.com, b@example.com",
    "a@example.com;b@example.com",
    "a@example.com b@example.com",
    "Jane <jane@example.com>",
    "<jane@example.com>",
    "jane@example.com\nBcc: b@example.com",
    "jane@example.com\r\n",
    "jane@example.com\x00",
    '"jane@evil.example, bob"@example.com',
    "jane(comment)@example.com",
    "jane@[192.0.2.1]",
    "jane@@example.com",
    "jane@b.example@example.com",
    "jane",
    "@example.com",
    f"{'a' * 250}@example.com",
    "jane\u2028@example.com",
]


@pytest.mark.parametrize("text", TRICKS)
def test_anything_but_one_plain_address_is_refused(text):
    with pytest.raises(InvalidInput, match="exactly one e-mail address"):
        TO.clean(text)
    assert TO.check(text)


@pytest.mark.parametrize("text", ["jane@example.com", " jane@example.com\t", "o'brien+shop@bücher.example"])
def test_a_plain_address_is_taken(text):
    assert TO.clean(text) == text.strip()
    assert TO.check(text) == []


@pytest.mark.parametrize("value", [None, "", "  "])
def test_no_address_is_the_matter_of_the_action(value):
    assert TO.clean(value) is None


@pytest.mark.parametrize("value", [{"email": "a@example.com"}, ["a@example.com"], 7])
def test_another_value_is_refused(value):
    with pytest.raises(InvalidInput):
        TO.clean(value)


@pytest.mark.parametrize(
    ("raw", "is_fine"),
    [
        ("{{ trigger.receipt_email }}", True),
        ("{{ trigger.metadata.user }}@example.com", True),
        ("{{ trigger.name }} <{{ trigger.email }}>", False),
        ("{{ trigger.a }}, {{ trigger.b }}", False),
        ("boss@example.com,{{ trigger.b }}", False),
        ("", False),
    ],
)
def test_what_stands_beside_a_reference_is_checked_before_activation(raw, is_fine):
    assert (TO.check(raw) == []) is is_fine
