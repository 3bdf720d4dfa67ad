"""Who may decide on an approval: one answer for all that ask."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stripeflow.actions import people
from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, may
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.limits.loops import run_in_key
from stripeflow.workflows.models import Approval, Run, RunOperation
from stripeflow.workflows.models.approval import Verdict
from stripeflow.workflows.models.operation import OperationKind

# Names of users, and of groups.
Named = tuple[Iterable[str], Iterable[str]]

# Who did one of these has asked for what the run does.
_ASKING = (
    OperationKind.START,
    OperationKind.FILL,
    OperationKind.REPLAY,
    OperationKind.RERUN,
    OperationKind.RETRY,
    OperationKind.HAPPENED,
    OperationKind.AGAIN,
    OperationKind.CHOOSE,
)


def requesters(run: Run) -> frozenset[Any]:
    """The ids of the users whose own request the run is.

    That is who started it or let it go on, and the same of the run that it repeats, and of the one that
    caused it by its own call or by its end.
    """
    runs, todo = {run.pk}, [run.pk]
    while todo:
        rows = Run.objects.filter(pk__in=todo).values_list(
            "rerun_of", "depth", "event__request_idempotency_key"
        )
        before = {one for row in rows for one in (row[0], _cause(*row[1:])) if one is not None}
        todo = list(before - runs)
        runs |= before
    asking = RunOperation.objects.filter(run__in=runs, kind__in=_ASKING, user__isnull=False)
    return frozenset(asking.values_list("user", flat=True))


def _cause(depth: int, key: str) -> UUID | None:
    # Only a run with others before it was caused by one: else the key is not ours.
    return run_in_key(key) if depth else None


def refusal(user: Any, approval: Approval) -> str:
    """Why `user` may not decide, as a sentence, or "". Permissions are asked by `setting_off` beside it."""
    if not getattr(user, "is_active", False):
        return _("Only active users may decide.")
    if not any(is_named(user, users, groups) for users, groups in asked_by(approval)):
        return _("This approval is for other people.")
    if user.pk in requesters(approval.run):
        return _("Nobody decides on their own request: you have started this run, or let it go on.")
    if approval.decisions.filter(user=user.pk).exists():
        return _("You have decided on this already.")
    return ""


def asked_by(approval: Approval) -> Iterator[tuple[list[str], list[str]]]:
    """The users and groups that it asks: the first ones, and the further ones once it is escalated."""
    yield approval.users, approval.groups
    if approval.escalated_at is not None:
        yield approval.more_users or [], approval.more_groups or []


def is_named(user: Any, users: Iterable[str], groups: Iterable[str]) -> bool:
    """Whether it is one of these users, or in one of these groups; everybody is where none are named."""
    known, teams = set(users), set(groups)
    if not known and not teams:
        return True
    return user.get_username() in known or (bool(teams) and user.groups.filter(name__in=teams).exists())


def deciders(
    document: Json, users: Iterable[str], groups: Iterable[str], *, but: frozenset[Any] = frozenset()
) -> Iterator[Any]:
    """The active users who may decide about runs of this document, without those whose ids are in `but`."""
    seen: set[Any] = set(but)
    for user in _candidates(list(users), list(groups)):
        if user.pk not in seen and may(user, Operation.DECIDE, [document]):
            seen.add(user.pk)
            yield user


def deciders_of(approval: Approval) -> Iterator[Any]:
    """The active users who may still decide on it."""
    decided = approval.decisions.filter(user__isnull=False).values_list("user", flat=True)
    but = requesters(approval.run) | frozenset(decided)
    for users, groups in asked_by(approval):
        found = list(deciders(approval.run.version.document, users, groups, but=but))
        yield from found
        but |= {user.pk for user in found}


def approvals_given(approval: Approval) -> int:
    """How many have approved. Who is no longer active does not count."""
    return approval.decisions.filter(verdict=Verdict.APPROVE, user__is_active=True).count()


def has_enough(
    document: Json, users: Iterable[str], groups: Iterable[str], needed: int, *, but: frozenset[Any]
) -> bool:
    """Whether so many people may decide."""
    return len(list(islice(deciders(document, users, groups, but=but), needed))) >= needed


def has_further(document: Json, first: Named, further: Named) -> bool:
    """Whether an escalation lets anybody decide who may not decide without it."""
    known = frozenset(user.pk for user in deciders(document, *first))
    return any(True for _user in deciders(document, *further, but=known))


def _candidates(users: list[str], groups: list[str]) -> Iterator[Any]:
    if users:
        yield from people.active_staff_named(users)
    if groups:
        yield from people.active_staff().filter(groups__name__in=groups).distinct()
    if not users and not groups:
        # Those of Django's own tables first: one query. Other backends are asked about each person.
        yield from _with_permission()
        yield from people.active_staff()


def _with_permission() -> QuerySet:
    if not hasattr(get_user_model(), "user_permissions"):
        return people.active_staff().none()
    found = ModelBackend().with_perm(permissions.DECIDE)
    return found.filter(is_staff=True)
