"""What one event changes in dj-stripe's tables. Called by `triggers.mirror` only, behind its gate."""

import copy
from functools import cache

from django.apps import apps
from djstripe import models as djstripe_models
from djstripe._stripe_errors import object_is_absent
from djstripe.models import StripeModel
from djstripe.settings import djstripe_settings
from stripe import InvalidRequestError

from triggers.models import Event


class NoApiKey(Exception):
    """There is no secret key for the event's mode, and dj-stripe needs one to name the account."""


def save(event: Event) -> None:
    """Save the event and its object; what dj-stripe lacks for it is asked for by NeedsFetch."""
    api_key = _api_key(event)
    _save_event(event, api_key=api_key)
    model = _model_for(event.object_type)
    if model is None or not event.object_id:
        return
    if _is_deletion(event):
        _mark_deleted(event, model=model)
    else:
        _save_object(event, model=model, api_key=api_key)


def _api_key(event: Event) -> str:
    key = djstripe_settings.get_default_api_key(event.livemode)
    if not key:
        mode = "live" if event.livemode else "test"
        raise NoApiKey(f"There is no secret key for {mode} mode in the settings.")
    return key


def _save_event(event: Event, *, api_key: str) -> None:
    if djstripe_models.Event.objects.filter(id=event.external_id).exists():
        return
    # Not Event.process(): that runs the built-in handlers, which call Stripe and may delete there.
    djstripe_models.Event._create_from_stripe_object(copy.deepcopy(event.payload), api_key=api_key)


def _save_object(event: Event, *, model: type[StripeModel], api_key: str) -> None:
    try:
        data = model(id=event.object_id).api_retrieve(api_key=api_key, stripe_account=event.account or None)
    except InvalidRequestError as error:
        if object_is_absent(error):
            return
        raise
    model.sync_from_stripe_data(data, api_key=api_key)


def _is_deletion(event: Event) -> bool:
    # A deleted subscription is a canceled one, and can still be fetched.
    return event.type.endswith(".deleted") and event.object_type != "subscription"


def _mark_deleted(event: Event, *, model: type[StripeModel]) -> None:
    """Keep the row, and what refers to it, as history; deleting it would cascade."""
    row = model.objects.filter(id=event.object_id).first()
    if row is None:
        return
    row.stripe_data = {**row.stripe_data, **event.object, "deleted": True}
    row.save(update_fields=["stripe_data", "djstripe_updated"])


@cache
def _models_by_object() -> dict[str, type[StripeModel]]:
    """Map Stripe's object names to the models whose objects can be fetched by their id alone."""
    found: dict[str, type[StripeModel]] = {}
    for model in apps.get_app_config("djstripe").get_models():
        if issubclass(model, StripeModel) and _is_fetched_by_id(model):
            found.setdefault(getattr(model.stripe_class, "OBJECT_NAME", ""), model)
    found.pop("", None)
    return found


def _is_fetched_by_id(model: type[StripeModel]) -> bool:
    # An invoice item's own method only warns about an old form of ids.
    return model.api_retrieve is StripeModel.api_retrieve or model is djstripe_models.InvoiceItem


def _model_for(object_type: str) -> type[StripeModel] | None:
    return _models_by_object().get(object_type)
