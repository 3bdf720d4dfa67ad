"""The address of a list is no way to ask what a column holds: over every list of ours, and dj-stripe's."""

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from stripeflow.triggers import inbox
from stripeflow.triggers.guarded_admin import GuardedAdmin
from tests.triggers.stripe_events import as_json, charge_event

pytestmark = pytest.mark.django_db

APPS = ("stripeflow_workflows", "stripeflow_triggers", "stripeflow_actions", "djstripe")
GUARDED = [model for model in admin.site._registry if model._meta.app_label in APPS]
LOOKUPS = ("startswith", "regex", "contains", "exact", "gt", "in", "has_key", "data__object__amount")
EVENTS = "admin:stripeflow_triggers_event_changelist"
# What the filters of a list offer, in the names that their links have.
OFFERED = {
    "event": {
        "account",
        "fetch_state__exact",
        "livemode__exact",
        "mirror_state__exact",
        "source__exact",
        "type",
    },
    "run": {
        "account",
        "held_reason__exact",
        "livemode__exact",
        "status__exact",
        "version",
    },
    "deauthorization": {"livemode__exact"},
    "auditentry": {"kind", "object_id", "object_kind", "via__exact"},
    "suppression": {"reason__exact"},
    "eventdelivery": {"event", "status__exact"},
}
# The columns of their own that dj-stripe's lists filter by.
MIRRORED = {"active", "livemode", "processed", "promotion_code", "status", "type", "valid"}


def lookups_of(model):
    """Every column with every look-up, and the columns behind each relation."""
    for field in model._meta.get_fields():
        yield field.name
        yield from (f"{field.name}__{lookup}" for lookup in LOOKUPS)
        if field.is_relation and field.concrete:
            behind = field.related_model._meta.get_fields()
            yield from (f"{field.name}__{one.name}__startswith" for one in behind if one.concrete)


@pytest.fixture
def is_taken(rf):
    """Whether a list takes this parameter, of somebody with every permission."""

    def is_taken(page, lookup):
        request = rf.get("/", {lookup: "1"})
        request.user = User(is_superuser=True)
        try:
            page.get_changelist_instance(request)
        except DisallowedModelAdminLookup:
            return False
        except IncorrectLookupParameters:  # the filter takes it, and cannot use the value
            pass
        return True

    return is_taken


def test_every_list_is_guarded():
    assert len(GUARDED) > 40
    assert all(isinstance(admin.site.get_model_admin(model), GuardedAdmin) for model in GUARDED)


@pytest.mark.parametrize("model", GUARDED, ids=lambda model: model._meta.label_lower)
def test_the_address_of_a_list_takes_the_parameters_of_its_filters_alone(model, is_taken):
    page = admin.site.get_model_admin(model)
    taken = {one for one in {*lookups_of(model), "no_such_column", "pk__in"} if is_taken(page, one)}
    offered = OFFERED.get(model._meta.model_name, set())
    if model._meta.app_label == "djstripe":
        offered = {one for one in taken if one.removesuffix("__exact") in MIRRORED}
    assert taken == offered


@pytest.fixture
def viewer(client):
    """Somebody who may see events, and no payloads."""
    staff = User.objects.create(username="viewer", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_event"))
    client.force_login(staff)
    return client


@pytest.mark.parametrize(
    "lookup",
    [
        {"stored_payload__data__object__receipt_email__startswith": "j"},
        {"stored_payload__has_key": "id"},
        {"stored_payload__data__object__amount": "500"},
        {"raw_body__contains": "receipt"},
        {"raw_body__regex": "(a+)+c"},
        {"external_id": "evt_1", "raw_body__contains": "receipt"},
    ],
)
def test_a_list_of_events_does_not_tell_what_payloads_hold(viewer, rung, lookup):
    payload = charge_event()
    inbox.accept_stripe(payload, raw_body=as_json(payload))
    assert viewer.get(reverse(EVENTS), lookup).status_code == 400


def test_the_links_of_its_filters_open(viewer, rung):
    payload = charge_event()
    inbox.accept_stripe(payload, raw_body=as_json(payload))
    page = viewer.get(reverse(EVENTS), {"type": payload["type"]})
    specs = page.context["cl"].filter_specs
    links = [choice["query_string"] for spec in specs for choice in spec.choices(page.context["cl"])]
    assert len(links) > 15
    assert {viewer.get(reverse(EVENTS) + link).status_code for link in links} == {200}
