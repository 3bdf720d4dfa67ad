"""The baseline of the webhook: parse the body, insert one row, answer."""

import json

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from bench.models import BareEvent


@csrf_exempt
def bare(request: HttpRequest) -> JsonResponse:
    payload = json.loads(request.body)
    BareEvent.objects.create(external_id=payload["id"], payload=payload)
    return JsonResponse({"received": True})
