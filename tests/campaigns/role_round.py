"""One round: requests of one role, and what is wrong with what came of them."""

import logging
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.core import mail
from django.test import Client

from stripeflow.workflows import permissions
from tests.campaigns.role_requests import Request, marks_in
from tests.campaigns.role_rights import beyond, rights_of, rows
from tests.campaigns.role_world import Stage, forget_everything, work_off
from tests.workflows.doors.marked import SECRET, Lines
from tests.workflows.doors.test_values import MARKS, text_of


def judge(
    stage: Stage, role: str, names: frozenset[str], requests: Iterable[Request]
) -> tuple[Counter[str], list[str]]:
    """Send them all, and then let run what was set off; returns the statuses of the answers, and faults."""
    forget_everything()
    stage.money.calls.clear()
    stage.customers.calls.clear()
    mail.outbox = []
    client, lines, before = stage.clients[role], Lines(), rows()
    statuses: Counter[str] = Counter()
    root = logging.getLogger()
    kept, root.handlers = root.handlers, [lines]
    try:
        faults = [fault for one in requests for fault in _sent(client, one, names, statuses)]
        faults += beyond(before, rows(), rights_of(names))
        refunds = work_off()
    finally:
        root.handlers = kept
    if permissions.MOVE_MONEY not in names and (acts := refunds + len(stage.money.calls)):
        faults.append(f"money was moved {acts} times")
    if permissions.CHANGE_CUSTOMERS not in names and (acts := len(stage.customers.calls)):
        faults.append(f"a customer was changed {acts} times")
    faults += _told(lines.texts, "a line of the log") + _told([one.body for one in mail.outbox], "a mail")
    return statuses, faults


def _sent(client: Client, request: Request, names: frozenset[str], statuses: Counter[str]) -> Iterator[str]:
    try:
        response: Any = client.generic(
            request.method, request.path, request.body, request.content_type, headers=request.headers
        )
        text = text_of(response)
    except Exception as error:  # noqa: BLE001 - whatever breaks is what is looked for
        statuses["broke"] += 1
        yield f"broke with {_place(error)}: {request}"
        return
    statuses[str(response.status_code)] += 1
    if response.status_code >= 500 and not _is_told_so(request, response):
        error = response.exc_info[1] if getattr(response, "exc_info", None) else None
        yield f"{response.status_code} {_place(error)}: {request}"
    if permissions.VIEW_PAYLOAD not in names and (marks := marks_in(response)):
        yield f"{', '.join(marks)} was told: {request}"
    if SECRET in text:
        yield f"a secret was told: {request}"


def _is_told_so(request: Request, response: Any) -> bool:
    """Whether it is a probe's answer: no worker runs here, and it has to say so."""
    return response.status_code == 503 and request.path.startswith(("/health/", "/metrics"))


def _place(error: BaseException | None) -> str:
    if error is None:
        return ""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {str(error)[:200]} ({last.filename}:{last.lineno})"


def _told(texts: Iterable[str], where: str) -> list[str]:
    return [
        f"{where} tells a value: {text[:300]}"
        for text in texts
        if any(mark in text.casefold() for mark in MARKS)
    ]
