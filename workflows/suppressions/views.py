"""The page where a customer unsubscribes, without a log-in. Reading it changes nothing (RFC 8058).

Programs that look at the links of e-mails beforehand follow them by GET. A post has to hold what RFC 8058
says, which the button sends too. It only ever puts the address of the link itself on the list, once.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from stripeflow.actions import conf
from stripeflow.actions.customer_mail.addresses import normalized
from stripeflow.actions.customer_mail.unsubscribing import ONE_CLICK, NotALink, address_of
from stripeflow.actions.models import Reason, Suppression
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.origins import Origin
from stripeflow.workflows.audit.requests import facts_of
from stripeflow.workflows.suppressions import changes

_PAGE = "stripeflow/email/unsubscribe.html"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the customer, and put the address on the list once the button, or the mail program, posts."""
    try:
        address = address_of(token)
    except NotALink:
        return _shown(request, "unknown", status=404)
    if request.method == "POST":
        name, value = ONE_CLICK
        if request.POST.get(name) != value:
            return HttpResponseBadRequest(content_type="text/plain")
        # Of the customer's own act the log keeps no more than the request.
        act = Act(origin=Origin(request_id=facts_of(request).request_id))
        changes.add(address, Reason.UNSUBSCRIBE, act=act)
        return _shown(request, "done", address)
    is_there = Suppression.objects.filter(address=normalized(address), reason=Reason.UNSUBSCRIBE).exists()
    return _shown(request, "done" if is_there else "ask", address)


def _shown(request: HttpRequest, state: str, address: str = "", *, status: int = 200) -> HttpResponse:
    values = {
        "state": state,
        "address": changes.masked(address),
        "company": conf.get("CUSTOMER_EMAIL_COMPANY"),
    }
    answer = render(request, _PAGE, {**values, "one_click": ONE_CLICK}, status=status)
    # The address of the page must not go to others, nor into a search engine.
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
