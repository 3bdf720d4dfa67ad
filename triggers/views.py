"""The webhook: verifies a delivery, stores it, answers. It makes no outbound call."""

import logging
import time
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from triggers import body, chunked, conf, inbox, signature
from triggers.envelope import InvalidEnvelope
from triggers.statements import Slot, Statement

logger = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@transaction.non_atomic_requests
def webhook(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Accept one delivery of a Stripe event for dj-stripe's endpoint row with this UUID.

    200 once the event is stored, for copies too. What Stripe did not sign is 4xx and stores
    nothing. The event's own `livemode` counts, and the endpoint's is not compared: Stripe sends
    test events to live Connect endpoints (https://docs.stripe.com/connect/webhooks).
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    secret = _signing_secret(uuid)
    if secret is None:
        return _refuse(404, code="unknown_endpoint", reason=_("No such endpoint."), uuid=uuid)
    try:
        accepted = _accept(request, secret=secret)
    except body.BodyTooLarge:
        return _refuse(413, code="body_too_large", reason=_("The body is too large."), uuid=uuid)
    except chunked.NoLength:
        return _refuse(411, code="length_required", reason=str(chunked.NO_LENGTH), uuid=uuid)
    except signature.InvalidSignature as error:
        return _refuse(400, code="bad_signature", reason=str(error), uuid=uuid)
    except (body.InvalidBody, InvalidEnvelope) as error:
        return _refuse(400, code="bad_body", reason=str(error), uuid=uuid)
    return JsonResponse({"received": True, "event": accepted.event.external_id})


def _signing_secret(uuid: UUID) -> str | None:
    found = _secrets.rows(djstripe_uuid=uuid)
    return found[0][0] if found else None


def _endpoint() -> QuerySet:
    # Loaded late: importing dj-stripe's models is not for those who only route URLs.
    from djstripe.models import WebhookEndpoint

    given = Slot(WebhookEndpoint, "djstripe_uuid")
    return WebhookEndpoint.objects.filter(djstripe_uuid=given).values_list("secret")


_secrets = Statement(_endpoint)


def _accept(request: HttpRequest, *, secret: str) -> inbox.Accepted:
    raw = body.read(request, limit=conf.get_int("WEBHOOK_BODY_LIMIT_BYTES"))
    signature.verify(
        raw,
        header=request.headers.get("Stripe-Signature", ""),
        secret=secret,
        tolerance=conf.get_int("WEBHOOK_TOLERANCE_SECONDS"),
        now=time.time(),
    )
    text = body.decode(raw)
    return inbox.accept_stripe(body.parse(text), raw_body=text)


def _refuse(status: int, *, code: str, reason: str, uuid: UUID) -> JsonResponse:
    logger.warning("triggers.webhook.refused", extra={"code": code, "reason": reason, "endpoint": str(uuid)})
    return JsonResponse({"error": {"code": code, "message": reason}}, status=status)
