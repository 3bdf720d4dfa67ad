import pytest

from stripeflow.actions.customer_mail.addresses import is_in, normalized


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Jane.Doe+Shop@Example.COM", "jane.doe+shop@example.com"),
        ("jane@Bücher.example", "jane@xn--bcher-kva.example"),
        ("jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example"),
        (" jane@example.com ", "jane@example.com"),
        (f"jane@{'a' * 64}.example", f"jane@{'a' * 64}.example"),
    ],
)
def test_one_address_is_the_same_in_whatever_way_it_is_written(written, kept):
    assert normalized(written) == kept


@pytest.mark.parametrize(
    ("address", "is_there"),
    [
        ("QA@example.com", True),
        ("anybody@test.example", True),
        ("anybody@sub.test.example", False),
        ("other@example.com", False),
        ("test.example@example.com", False),
    ],
)
def test_a_list_holds_addresses_and_domains(address, is_there):
    assert is_in(address, ["qa@example.com", "@Test.example"]) is is_there
