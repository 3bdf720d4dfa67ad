"""How much a workflow may move in a day: shown with what it has moved today, and edited as rows."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.money import format_minor
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows import conf, permissions
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.admin.base.outcomes import done, refused
from stripeflow.workflows.admin.base.workflow_page import WorkflowPage
from stripeflow.workflows.admin.limits.refund_limits_form import limit_rows
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.limits.caps import OwnCaps, set_caps
from stripeflow.workflows.limits.spending import refuses_without_cap, refuses_without_customer, scope_of
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.models.limits import Spending
from stripeflow.workflows.states import WorkflowStatus

# How many accounts are shown.
_MOST = 20


@dataclass(frozen=True)
class Limit:
    """One currency of one account and mode today (UTC). Each limit is empty if there is none.

    `everything` and `one_of_all` are those of the installation. `whose` is empty for a limit that is still
    unused.
    """

    whose: str
    spent: str
    cap: str
    everything: str
    one_customer: str
    one_of_all: str
    reached: bool


def limits_today(workflow: Workflow) -> list[Limit]:
    """What the workflow has refunded today, and its limits: for the accounts with the most."""
    today = Spending.objects.filter(scope=scope_of(workflow.pk), day=timezone.now().date(), amount__gt=0)
    spent = [
        (row.currency, AccountMode.of(row), row.amount) for row in today.order_by("-amount", "pk")[:_MOST]
    ]
    used = {currency for currency, _whose, _amount in spent}
    limited = {*workflow.refund_caps, *workflow.customer_caps}
    unused = [(currency, None, 0) for currency in limited - used]
    rows = sorted([*spent, *unused], key=lambda row: (row[0], -row[2]))
    return [_limit(workflow, *row) for row in rows]


def _limit(workflow: Workflow, currency: str, whose: AccountMode | None, amount: int) -> Limit:
    cap = workflow.refund_caps.get(currency)
    return Limit(
        whose=whose.label if whose else "",
        spent=format_minor(amount, currency),
        cap=_shown(workflow.refund_caps, currency),
        everything=_shown(conf.get("REFUND_CAPS_PER_DAY"), currency),
        one_customer=_shown(workflow.customer_caps, currency),
        one_of_all=_shown(conf.get("CUSTOMER_CAPS_PER_DAY"), currency),
        reached=cap is not None and amount >= cap,
    )


def _shown(caps: Mapping[str, int], currency: str) -> str:
    return format_minor(caps[currency], currency) if currency in caps else ""


class RefundLimitsPage(WorkflowPage):
    """The rows on a page of their own, with their errors."""

    name = "refund_limits"
    route = "<int:pk>/refund-limits/"
    permission = permissions.may_set_refund_limits
    template = "stripeflow/workflows/admin/refund_limits_page.html"

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        return self._rows(request, workflow, limit_rows(OwnCaps.of(workflow)))

    def post(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        rows = limit_rows(OwnCaps.of(workflow), request.POST)
        if _may_set(request, workflow) and rows.is_valid():
            return _save(request, workflow, rows.caps())
        return self._rows(request, workflow, rows)

    def _rows(self, request: HttpRequest, workflow: Workflow, rows: Any) -> HttpResponse:
        if not _may_set(request, workflow):
            raise PermissionDenied
        context = refund_limits_context(request, workflow) | {"limit_rows": rows}
        title = _("Daily refund limits of “%s”") % workflow.name
        return self.shown(request, workflow=workflow, title=title, **context)


def refund_limits_context(request: HttpRequest, workflow: Workflow) -> dict[str, Any]:
    """The rows beside the outline; to fill in only for people who may set them."""
    may_set = _may_set(request, workflow)
    return {
        "refund_limits": limits_today(workflow),
        "limit_rows": limit_rows(OwnCaps.of(workflow)) if may_set else None,
        "limits_seen": _seen(workflow),
        "refuses_without_cap": refuses_without_cap(),
        "refuses_without_customer": refuses_without_customer(workflow.pk),
    }


def _save(request: HttpRequest, workflow: Workflow, caps: OwnCaps) -> HttpResponse:
    try:
        is_set = set_caps(workflow, caps, Act.of(request), seen=_posted_seen(request))
    except ProofNeeded as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(request.path)
    if not is_set:
        theirs = _("Somebody else has changed the limits in the meantime. These are theirs.")
        return refused(request, workflow, theirs)
    return done(request, workflow, " ".join(_said(caps)))


def _said(caps: OwnCaps) -> Iterator[str]:
    yield _("Daily refund limits: %s.") % _all_of(caps.every)
    if caps.one_customer:
        yield _("For one customer: %s.") % _all_of(caps.one_customer)


def _all_of(caps: Mapping[str, int]) -> str:
    return ", ".join(format_minor(caps[key], key) for key in sorted(caps)) or _("none")


def _may_set(request: HttpRequest, workflow: Workflow) -> bool:
    archived = workflow.state is WorkflowStatus.ARCHIVED
    return permissions.may_set_refund_limits(request.user) and not archived


def _posted_seen(request: HttpRequest) -> OwnCaps:
    """The limits that the form was rendered with; such that nobody has if it carries none."""
    try:
        every, one_customer = json.loads(request.POST.get("seen", ""))
    except (ValueError, TypeError):
        return OwnCaps({"": 0})
    return OwnCaps(every, one_customer)


def _seen(workflow: Workflow) -> str:
    return json.dumps([workflow.refund_caps, workflow.customer_caps], sort_keys=True)
