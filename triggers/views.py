"""The webhook: verifies a delivery, stores it, answers. It makes no outbound call."""

import logging
import time
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from stripeflow.triggers import body, chunked, conf, inbox, signature, signing_secrets, vouching
from stripeflow.triggers.addresses import address_of
from stripeflow.triggers.envelope import InvalidEnvelope
from stripeflow.triggers.sql import SharedCommit, Slot, Statement

logger = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@transaction.non_atomic_requests
def webhook(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Accept one delivery of a Stripe event for dj-stripe's endpoint row with this UUID.

    200 once the event is stored, for copies too. What Stripe did not sign, or the endpoint does not vouch
    for, is 4xx and stores nothing. The event's own `livemode` counts: see `vouching`.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    endpoint = _found(uuid)
    if endpoint is None:
        return _refuse(request, 404, code="unknown_endpoint", reason=_("No such endpoint."), uuid=uuid)
    try:
        accepted = _accept(request, endpoint)
    except body.BodyTooLarge:
        return _refuse(request, 413, code="body_too_large", reason=_("The body is too large."), uuid=uuid)
    except chunked.NoLength:
        return _refuse(request, 411, code="length_required", reason=str(chunked.NO_LENGTH), uuid=uuid)
    except signature.InvalidSignature as error:
        return _refuse(request, 400, code="bad_signature", reason=str(error), uuid=uuid)
    except vouching.NotVouchedFor as error:
        return _refuse(request, 400, code=error.code, reason=str(error), uuid=uuid)
    except (body.InvalidBody, InvalidEnvelope) as error:
        return _refuse(request, 400, code="bad_body", reason=str(error), uuid=uuid)
    return JsonResponse({"received": True, "event": accepted.event.external_id})


class _Endpoint(NamedTuple):
    secret: str
    livemode: bool
    status: str
    djstripe_owner_account: str | None
    metadata: Any

    @property
    def voucher(self) -> vouching.Voucher:
        owner = self.djstripe_owner_account
        return vouching.of_endpoint(
            livemode=self.livemode, status=self.status, owner=owner, metadata=self.metadata
        )


def _found(uuid: UUID) -> _Endpoint | None:
    return _shared.write(uuid)


def _read(uuid: UUID) -> _Endpoint | None:
    rows = _endpoints.rows(djstripe_uuid=uuid)
    return _Endpoint(*rows[0]) if rows else None


def _read_together(uuids: Sequence[UUID]) -> list[_Endpoint | None]:
    found = {uuid: _read(uuid) for uuid in set(uuids)}
    return [found[uuid] for uuid in uuids]


# Webhooks that wait for the same query share the next one. It begins after each of them has come, so a secret
# that was rolled before a webhook arrived is never used for it.
_shared = SharedCommit(_read, together=_read_together, order=str)


def _query() -> QuerySet:
    # Loaded late: importing dj-stripe's models is not for those who only route URLs.
    from djstripe.models import WebhookEndpoint

    given = Slot(WebhookEndpoint, "djstripe_uuid")
    return WebhookEndpoint.objects.filter(djstripe_uuid=given).values_list(*_Endpoint._fields)


_endpoints = Statement(_query)


def _accept(request: HttpRequest, endpoint: _Endpoint) -> inbox.Accepted:
    raw = body.read(request, limit=conf.get_int("WEBHOOK_BODY_LIMIT_BYTES"))
    signature.verify(
        raw,
        header=request.headers.get("Stripe-Signature", ""),
        secret=signing_secrets.opened(endpoint.secret),
        tolerance=conf.get_int("WEBHOOK_TOLERANCE_SECONDS"),
        now=time.time(),
    )
    text = body.decode(raw)
    # Only a sender with the secret learns that the endpoint is disabled or of the other mode.
    return inbox.accept_stripe(body.parse(text), raw_body=text, voucher=endpoint.voucher)


def _refuse(request: HttpRequest, status: int, *, code: str, reason: str, uuid: UUID) -> JsonResponse:
    facts = {"code": code, "reason": reason, "endpoint": str(uuid), "address": address_of(request)}
    logger.warning("triggers.webhook.refused", extra=facts)
    return JsonResponse({"error": {"code": code, "message": reason}}, status=status)
