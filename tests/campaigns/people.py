"""People in the chaos campaign: two who decide on approvals, and one who starts a workflow for a table."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from stripeflow_site.local.api import Api, ApiRefused
from tests.campaigns.block_workflows import DECIDERS, EACH
from tests.campaigns.cases import Case, Wanted

LOOK_SECONDS = 0.3
# Above it, in minor units, people approve.
LARGE = 50_000


class People:
    """Threads that each do `work` again and again until they are stopped, or it says that it is done."""

    def __init__(self, works: Iterable[Callable[[], bool]], rng: random.Random) -> None:
        self.answers: Counter[str] = Counter()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._live, args=(work, random.Random(rng.random())), daemon=True)
            for work in works
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        self.wait()

    def wait(self, seconds: float | None = None) -> bool:
        """Until all are done, or the time is up."""
        ends = None if seconds is None else time.monotonic() + seconds
        for thread in self._threads:
            thread.join(None if ends is None else max(0.0, ends - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _live(self, work: Callable[[], bool], rng: random.Random) -> None:
        from django.db import Error, close_old_connections, connection

        while not self._over.wait(LOOK_SECONDS * rng.uniform(0.5, 1.5)):
            try:
                if work():
                    break
            except Error:  # the database is away
                close_old_connections()
        connection.close()


class Deciders(People):
    """Each of them decides on what is asked, twice, as long as the campaign lasts.

    They agree, so that it is known what has to come of it.
    """

    def __init__(self, rng: random.Random) -> None:
        super().__init__((partial(self._decide_all, name) for name in DECIDERS), rng)

    @staticmethod
    def make() -> None:
        """The people, who may decide on everything."""
        from django.contrib.auth import get_user_model

        for name in DECIDERS:
            get_user_model()._default_manager.create_superuser(name, f"{name}@example.com", None)

    def _decide_all(self, name: str) -> bool:
        from django.contrib.auth import get_user_model

        from stripeflow.workflows.models import Approval

        user = get_user_model()._default_manager.get(username=name)
        mine = Approval.objects.filter(status="pending").exclude(decisions__user=user)
        for pk in mine.values_list("pk", flat=True):
            for _twice in range(2):
                self._decide(pk, user)
        return False

    def _decide(self, pk: int, user: Any) -> None:
        from django.core.exceptions import PermissionDenied

        from stripeflow.workflows.audit.acts import Act, NotPossible
        from stripeflow.workflows.models.approval import Verdict
        from stripeflow.workflows.operations import deciding

        approval = deciding.get(pk)
        is_large = approval.run.event.object["amount"] > LARGE
        verdict = Verdict.APPROVE if is_large else Verdict.DECLINE
        try:
            deciding.decide(approval, verdict, Act(user), seen=approval.digest)
        except (NotPossible, PermissionDenied):
            self.answers["refused"] += 1
        else:
            self.answers[str(verdict)] += 1


class Starters(People):
    """Two who start a workflow for each line of one table, until they have had all of its runs several times.

    A line that has started its run starts no other one.
    """

    KEY = "campaign"

    def __init__(self, api: Api, workflow: int, customers: Sequence[str], rng: random.Random) -> None:
        super().__init__([self._start] * 2 if customers else [], rng)
        names = [f"{workflow}:{self.KEY}#{number}" for number, _ in enumerate(customers, 1)]
        wanted = Wanted(frozenset({EACH}), frozenset({"each"}), ends={EACH: "succeeded"})
        self.cases = [Case(name, wanted=wanted) for name in names]
        self.acknowledged: set[str] = set()
        self._api, self._path = api, f"workflows/{workflow}/invoke/bulk/"
        rows = zip(names, customers, strict=True)
        self._lines = [{"what": name, "customer": customer} for name, customer in rows]
        # How many more whole answers they want.
        self._left = 4

    def _start(self) -> bool:
        try:
            asked = {"lines": self._lines, "livemode": False}
            lines = self._api.post(self._path, asked, key=self.KEY)["lines"]
        except ApiRefused as error:
            self.answers[str(error.status)] += 1
            return False
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.answers[type(error).__name__] += 1
            return False
        self.answers["answered"] += 1
        done = [case.event_id for case, line in zip(self.cases, lines, strict=True) if line["run"]]
        self.acknowledged.update(done)
        self._left -= len(done) == len(self.cases)
        return self._left <= 0
