"""What one event changes in dj-stripe's tables. Only `triggers.mirror` calls it, behind its gate."""

import copy
from functools import cache

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _
from djstripe import models as djstripe_models
from djstripe._stripe_errors import object_is_absent
from djstripe.models import StripeModel
from djstripe.settings import djstripe_settings
from stripe import APIResource, InvalidRequestError

from stripeflow.triggers import djstripe_webhook, own_account
from stripeflow.triggers.key_forms import looks_like_a_key
from stripeflow.triggers.models import Event


class NoApiKey(Exception):
    """There is no secret key for the event's mode, or none that can be one."""


def save(event: Event) -> str:
    """Save the event and its object; return why the object is left alone, or "" if it is saved.

    Raises NeedsFetch for what dj-stripe needs from Stripe first.
    """
    api_key = _api_key(event)
    own_account.install()
    if "/" in event.account:
        return _("The event is of an account within an organization, for which dj-stripe cannot ask.")
    if djstripe_webhook.mirror_writes_event_rows():
        _save_event(event, api_key=api_key)
    model = _model_for(event.object_type)
    reason = _unfit(event, model)
    if reason or model is None:
        return reason
    if _is_deletion(event):
        _mark_deleted(event, model=model)
        return ""
    return _save_object(event, model=model, api_key=api_key)


def _unfit(event: Event, model: type[StripeModel] | None) -> str:
    """Why dj-stripe cannot fetch or keep the object, or ""."""
    if event.object_type not in _object_names():
        return _("dj-stripe has no table for objects of the kind “%s”.") % event.object_type
    if model is None:
        return _alone(event)
    if not event.object_id:
        return _("The object has no ID by which Stripe could be asked for it.")
    if event.object.get("id") != event.object_id:
        return _("The object's ID is too long for dj-stripe's tables.")
    return ""


def _alone(event: Event) -> str:
    return _("Stripe gives objects of the kind “%s” only together with the one they belong to.") % (
        event.object_type
    )


def _api_key(event: Event) -> str:
    key = djstripe_settings.get_default_api_key(event.livemode)
    mode = "live" if event.livemode else "test"
    if not key:
        raise NoApiKey(f"There is no secret key for {mode} mode in the settings.")
    if not looks_like_a_key(key):
        raise NoApiKey(f"The secret key for {mode} mode in the settings does not look like Stripe's.")
    return key


def _save_event(event: Event, *, api_key: str) -> None:
    if djstripe_models.Event.objects.filter(id=event.external_id).exists():
        return
    # Not Event.process(): that runs the built-in handlers, which call Stripe and may delete there.
    djstripe_models.Event._create_from_stripe_object(copy.deepcopy(event.payload), api_key=api_key)


def _save_object(event: Event, *, model: type[StripeModel], api_key: str) -> str:
    try:
        data = model(id=event.object_id).api_retrieve(api_key=api_key, stripe_account=event.account or None)
    except InvalidRequestError as error:
        if object_is_absent(error):
            return _("Stripe no longer has the object.")
        raise
    except NotImplementedError:  # the SDK raises this if the address of an object needs another one's id
        return _alone(event)
    model.sync_from_stripe_data(data, api_key=api_key)
    return ""


def _is_deletion(event: Event) -> bool:
    # A deleted subscription is a canceled one, and can still be fetched.
    return event.type.endswith(".deleted") and event.object_type != "subscription"


def _mark_deleted(event: Event, *, model: type[StripeModel]) -> None:
    """Keep the row, and what refers to it, as history; deleting it would cascade."""
    # A coupon may have the same id in both modes.
    of_mode = Q(livemode=event.livemode) | Q(livemode=None)
    row = model.objects.filter(of_mode, id=event.object_id).first()
    if row is None:
        return
    row.stripe_data = {**row.stripe_data, **event.object, "deleted": True}
    row.save(update_fields=["stripe_data", "djstripe_updated"])


@cache
def _models_by_object() -> dict[str, type[StripeModel]]:
    """Map Stripe's object names to the models whose objects can be fetched by their id alone."""
    found: dict[str, type[StripeModel]] = {}
    for model in _models():
        if _is_fetched_by_id(model):
            found.setdefault(_object_name(model), model)
    found.pop("", None)
    return found


@cache
def _object_names() -> frozenset[str]:
    """Stripe's names of all objects that dj-stripe has a table for."""
    return frozenset(map(_object_name, _models()))


def _models() -> list[type[StripeModel]]:
    models = apps.get_app_config("djstripe").get_models()
    return [model for model in models if issubclass(model, StripeModel)]


def _object_name(model: type[StripeModel]) -> str:
    return getattr(model.stripe_class, "OBJECT_NAME", "")


def _is_fetched_by_id(model: type[StripeModel]) -> bool:
    # An invoice item's own method only warns about an old form of ids.
    by_id = model.api_retrieve is StripeModel.api_retrieve or model is djstripe_models.InvoiceItem
    retrieve = getattr(model.stripe_class, "retrieve", None)
    # The method of the SDK's base class fits no kind, and requests an address that Stripe does not have.
    return by_id and retrieve is not None and retrieve.__func__ is not vars(APIResource)["retrieve"].__func__


def kind_of(model: type[StripeModel]) -> str:
    """Stripe's name of the objects of a table, such as `checkout.session`, or ""."""
    return _object_name(model)


@cache
def table_of(kind: str) -> type[StripeModel] | None:
    """The first table for objects of this name, whether or not they can be fetched by ID."""
    return next((model for model in _models() if kind and _object_name(model) == kind), None)


def _model_for(object_type: str) -> type[StripeModel] | None:
    return _models_by_object().get(object_type)
