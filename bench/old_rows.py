"""Old events with their runs, as many as a measure wants, beside those that it makes itself."""

import json
import time
from typing import Any

from bench import data, rows
from bench.session import Session


class OldRows:
    """One event whose run has ended, and its copies. `most` is how many there will be at the end."""

    def __init__(self, session: Session, name: str, *, most: int) -> None:
        from stripeflow.workflows.engine.execution import execute

        self._session, self._name, self._most = session, name, most
        self._count = 0
        self._pattern = accepted()
        execute(rows.event_run(self._pattern).pk)
        self._pattern.refresh_from_db()

    def grow(self, count: int) -> None:
        """Bring their number to `count`, and take away what the measure itself made since."""
        from stripeflow.triggers.models import Event
        from stripeflow.workflows.models import Run, StepRun

        began = time.monotonic()
        self.remove_new()
        rows.fill(self._pattern, first=self._count + 1, last=count, of=self._most)
        self._count = count
        for model in (Event, Run, StepRun):
            what = f"{self._name}: {model.__name__} rows"
            self._session.check(what, model._default_manager.count(), count + 1)
        print(f"    {count} rows, filled in {time.monotonic() - began:.1f} s", flush=True)

    def remove_new(self) -> None:
        """Remove all events but the pattern and its copies, with their runs, and what lies beside them."""
        from stripeflow.workflows.models import Run, StepRun

        new = self.new()
        StepRun.objects.filter(run__event__in=new).delete()
        Run.objects.filter(event__in=new).delete()
        new.delete()
        data.empty_beside()

    def new(self) -> Any:
        """The events that the measure made since the number of old ones was brought there."""
        from stripeflow.triggers.models import Event

        return Event.objects.filter(pk__gt=self._pattern.pk + self._count)


def accepted() -> Any:
    """A new event, accepted and matched in this process, with a body as Stripe sends it."""
    from stripeflow.triggers import inbox

    payload = data.event()
    return inbox.accept_stripe(payload, raw_body=json.dumps(payload, indent=2), mirror=False).event
