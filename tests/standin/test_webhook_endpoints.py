import pytest
import stripe


@pytest.fixture
def made(api):
    return api.webhook_endpoints.create({"url": "https://a.example/", "enabled_events": ["charge.refunded"]})


def test_created_endpoint_shows_its_secret(made):
    assert made.secret.startswith("whsec_")


def test_retrieved_endpoint_hides_its_secret(api, made):
    assert "secret" not in api.webhook_endpoints.retrieve(made.id).to_dict()


def test_endpoint_can_be_updated(api, made):
    assert api.webhook_endpoints.update(made.id, {"disabled": True}).status == "disabled"


def test_deleted_endpoint_is_gone(api, made):
    api.webhook_endpoints.delete(made.id)

    assert api.webhook_endpoints.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        api.webhook_endpoints.retrieve(made.id)
