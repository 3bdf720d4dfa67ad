import pytest
import stripe


@pytest.fixture
def customer(api):
    return api.customers.create(
        {"name": "A", "email": "a@example.com", "metadata": {"Tier": "basic", "x": "1"}}
    )


def test_created_customer_can_be_retrieved(api, customer):
    assert api.customers.retrieve(customer.id).email == "a@example.com"


def test_metadata_is_merged(api, customer):
    updated = api.customers.update(customer.id, {"metadata": {"Tier": "VIP", "y": "2"}})

    assert updated.metadata.to_dict() == {"Tier": "VIP", "x": "1", "y": "2"}


def test_empty_value_deletes_a_metadata_key(api, customer):
    assert api.customers.update(customer.id, {"metadata": {"x": ""}}).metadata.to_dict() == {"Tier": "basic"}


def test_empty_metadata_deletes_all_keys(api, customer):
    assert api.customers.update(customer.id, {"metadata": ""}).metadata.to_dict() == {}


def test_empty_string_unsets_a_field(api, customer):
    assert api.customers.update(customer.id, {"name": ""}).name is None


def test_address_is_kept(api, customer):
    assert api.customers.update(customer.id, {"address": {"city": "Oslo"}}).address.city == "Oslo"


def test_unknown_parameter_is_refused(api, customer):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        api.customers.update(customer.id, {"nickname": "B"})

    assert raised.value.code == "parameter_unknown"


def test_bad_email_is_refused(api):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        api.customers.create({"email": "nobody"})

    assert (raised.value.code, raised.value.param) == ("email_invalid", "email")


def test_unknown_customer_is_404(api):
    with pytest.raises(stripe.InvalidRequestError) as raised:
        api.customers.retrieve("cus_none")

    assert (raised.value.http_status, raised.value.code) == (404, "resource_missing")


def test_deleted_customer_is_a_stub(api, customer):
    api.customers.delete(customer.id)

    assert api.customers.retrieve(customer.id).deleted is True


def test_deleted_customer_cannot_be_updated(api, customer):
    api.customers.delete(customer.id)

    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        api.customers.update(customer.id, {"name": "B"})


def test_list_gives_the_newest_first(api, customer):
    newer = api.customers.create({"name": "B"})

    assert [item.id for item in api.customers.list().data] == [newer.id, customer.id]


def test_list_filters_by_email(api, customer):
    api.customers.create({"email": "b@example.com"})

    assert [item.id for item in api.customers.list({"email": "a@example.com"}).data] == [customer.id]


def test_list_leaves_deleted_customers_out(api, customer):
    api.customers.delete(customer.id)

    assert api.customers.list().data == []


def test_pages_give_each_customer_once(api):
    made = [api.customers.create({"name": str(number)}).id for number in range(7)]

    listed = [item.id for item in api.customers.list({"limit": 3}).auto_paging_iter()]

    assert listed == made[::-1]


def test_update_makes_an_event_with_previous_attributes_and_key(api, customer, standin):
    api.customers.update(customer.id, {"metadata": {"Tier": "VIP"}}, {"idempotency_key": "the-key"})

    [event] = standin.events("customer.updated")
    assert event["data"]["previous_attributes"] == {"metadata": {"Tier": "basic"}}
    assert event["request"]["idempotency_key"] == "the-key"


def test_update_that_changes_nothing_makes_no_event(api, customer, standin):
    api.customers.update(customer.id, {"name": "A"})

    assert standin.events("customer.updated") == []


def test_update_that_changes_nothing_is_still_an_effect(api, customer, standin):
    api.customers.update(customer.id, {"name": "A"})

    assert len(standin.effects("customer.updated")) == 1


def test_effect_names_key_request_and_object(api, customer, standin):
    updated = api.customers.update(customer.id, {"metadata": {"Tier": "VIP"}}, {"idempotency_key": "the-key"})

    [effect] = standin.effects("customer.updated")
    assert effect["id"] == customer.id
    assert effect["idempotency_key"] == "the-key"
    assert effect["request_id"] == updated.last_response.request_id
    assert effect["data"]["metadata"]["Tier"] == "VIP"


def test_connected_account_has_its_own_customers(api, customer):
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        api.customers.retrieve(customer.id, options={"stripe_account": "acct_1Other"})


def test_event_of_a_connected_account_names_it(api, standin):
    api.customers.create({"name": "A"}, {"stripe_account": "acct_1Other"})

    [event] = standin.events("customer.created")
    assert event["account"] == "acct_1Other"
    assert standin.requests()[-1]["account"] == "acct_1Other"


def test_a_list_does_not_go_on_behind_a_deleted_customer(api, customer):
    api.customers.delete(customer.id)
    with pytest.raises(stripe.InvalidRequestError) as raised:
        api.customers.list({"starting_after": customer.id})
    assert (raised.value.code, raised.value.param) == ("resource_missing", "starting_after")
