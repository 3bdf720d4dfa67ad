"""The private names of the SDK that the catalogue stands on. An upgrade that moves them fails here."""

import ast
import typing
from collections.abc import Mapping

import pytest
import stripe

from stripeflow.triggers.catalogue import sdk


def test_knows_every_event_type_of_the_annotation():
    assert sdk.event_type_keys() == typing.get_args(stripe.Event.__annotations__["type"])


def test_knows_265_event_types():
    assert len(sdk.event_type_keys()) == 265


def test_event_types_are_those_that_an_endpoint_can_enable():
    from stripe.params import WebhookEndpointCreateParams

    names = {"StripeContext": object, "Mapping": Mapping}
    enabled = typing.get_type_hints(WebhookEndpointCreateParams, localns=names)["enabled_events"]
    assert set(typing.get_args(typing.get_args(enabled)[0])) - {"*"} == set(sdk.event_type_keys())


def test_object_table_holds_the_objects_of_the_sdk():
    from stripe._object_classes import OBJECT_CLASSES

    assert set(OBJECT_CLASSES) - set(sdk.object_classes()) == {"list", "search_result", "file_upload"}


@pytest.mark.parametrize("object_name", sdk.object_classes())
def test_class_of_every_object_is_read_from_its_source(object_name):
    source = sdk.read_class(object_name)
    names = [node.target.id for node in source.node.body if isinstance(node, ast.AnnAssign)]
    assert "object" in names


def test_imports_for_type_checking_are_known():
    assert sdk.read_class("charge").imports["Refund"] == ("stripe._refund", "Refund")


def test_generic_names_are_those_of_the_sdk():
    import stripe._expandable_field
    import stripe._list_object
    import stripe._stripe_object

    assert hasattr(stripe._expandable_field, sdk.EXPANDABLE)
    assert hasattr(stripe._list_object, sdk.LIST_OBJECT)
    assert hasattr(stripe._stripe_object, sdk.MAP)


def test_unknown_object_raises():
    with pytest.raises(KeyError):
        sdk.read_class("no_such_object")


def test_missing_source_is_reported(monkeypatch):
    monkeypatch.setattr(sdk, "object_classes", lambda: {"gone": ("stripe._gone", "Gone")})
    with pytest.raises(sdk.SdkLayoutError, match="no source"):
        sdk.read_class("gone")


def test_missing_class_is_reported(monkeypatch):
    monkeypatch.setattr(sdk, "object_classes", lambda: {"gone": ("stripe._charge", "Gone")})
    with pytest.raises(sdk.SdkLayoutError, match="no class Gone"):
        sdk.read_class("gone")
