"""What every role is let loose on: an installation of marked values, and of money that waits."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.test import Client

from stripeflow.actions import registry
from stripeflow.actions.base import Repeat
from stripeflow.triggers.recent import forget
from stripeflow.workflows import permissions
from stripeflow.workflows.access import roles
from stripeflow.workflows.access.setting_off import Operation
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.monitoring.health import forget_checks
from stripeflow.workflows.versions.plans import forget_plans
from tests.workflows.doors.marked import FakeStripe, World, made, secret_action
from tests.workflows.doors.test_values import ALL, OURS, user_of
from tests.workflows.recording import Recorder, recording_action
from tests.workflows.setting_off_doors import world_of

NONE = "none"
# A site's host; the one that Django's client names by itself is not allowed.
HOST = {"SERVER_NAME": "localhost"}
# The last one leaves an account disconnected, whose events would be held.
WAITING = (
    *(Operation.RETRY, Operation.RELEASE, Operation.RESTART, Operation.RERUN, Operation.AGAIN),
    *(Operation.WAKE, Operation.CHOOSE, Operation.REPLAY),
    *(Operation.ACTIVATE, Operation.RESUME, Operation.RECONNECT),
)


@dataclass
class CountingStripe(FakeStripe):
    """Counts what would give money back."""

    refunds: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Any:
        self.refunds += method.casefold() == "post" and "/refunds" in url
        return super().request(method, url, *rest, **more)


@dataclass
class Stage:
    """The world, who acts in it, and what acted."""

    world: World
    root: Client
    clients: dict[str, Client]
    money: Recorder
    customers: Recorder
    stack: ExitStack = field(default_factory=ExitStack)


def roles_with_permissions() -> dict[str, frozenset[str]]:
    """Nobody's, those of each role, and everything but to see payloads."""
    every = Permission.objects.filter(content_type__app_label__in=OURS).select_related("content_type")
    names = {f"{one.content_type.app_label}.{one.codename}" for one in every}
    return {
        NONE: frozenset(),
        **{one.key: frozenset(one.permissions) for one in roles.ROLES},
        ALL: frozenset(names - {permissions.VIEW_PAYLOAD}),
    }


def build(settings: Any) -> Stage:
    """Fill an empty database. What waits there acts only if a person sets it off."""
    stack, recorder, money, customers = ExitStack(), Recorder(), Recorder(), Recorder()
    kinds = [
        recording_action(recorder),
        recording_action(recorder, key="test.safe", repeat=Repeat.SAFE),
        recording_action(recorder, key="test.ask", repeat=Repeat.ASK),
        recording_action(customers, key="test.customers"),
        recording_action(money, key="test.money"),
    ]
    kinds[-2].changes_customers = True
    kinds[-1].moves_money = True
    for kind in kinds:
        stack.enter_context(registry.temporarily(kind))
    stack.enter_context(secret_action(recorder))
    owner = User.objects.create_user("owner", "owner@example.org", is_staff=True)
    world = made(recorder, owner=owner, settings=settings)
    for operation in WAITING[:-1]:
        world_of(operation, "test.record")
        world_of(operation, "test.customers")
    for operation in WAITING:
        world_of(operation, "test.money")
    work_off()
    money.calls.clear()
    customers.calls.clear()
    clients = {key: client_of(user_of(key, names)) for key, names in roles_with_permissions().items()}
    return Stage(world, client_of(User.objects.create_superuser("root")), clients, money, customers, stack)


def client_of(user: User) -> Client:
    client = Client(raise_request_exception=False, **HOST)
    client.force_login(user)
    return client


def work_off() -> int:
    """Execute all that a worker would take now; returns how often money was moved at Stripe."""
    stripe = CountingStripe()
    with mock.patch("stripeflow.actions.stripe_client._http_client", return_value=stripe):
        for pk in list(Run.objects.in_work().values_list("pk", flat=True)):
            execute(pk)
    return stripe.refunds


def forget_everything() -> None:
    """What this process remembers of a database that is another one now."""
    cache.clear()
    forget_plans()
    forget_checks()
    forget()
