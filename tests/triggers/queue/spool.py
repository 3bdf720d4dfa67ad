"""A project's own queue, made up for tests: each message is a file in a folder."""

import json
import sys
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.checks import Warning
from django.utils.module_loading import import_string

from stripeflow.triggers.queue.base import Backend, WorkerCommand
from stripeflow.triggers.queue.tasks import is_allowed


class SpoolBackend(Backend):
    """Writes messages into the folder that the project's setting `SPOOL` names."""

    @property
    def folder(self):
        return Path(settings.SPOOL)

    def enqueue(self, task, *args):
        name = uuid4().hex
        (self.folder / name).write_text(json.dumps([task, args]))
        return name

    def worker_command(self):
        return WorkerCommand((sys.executable, "-m", "shop.spool"), {"SPOOL": str(self.folder)})

    def connect(self):
        """Nothing to connect: `work` looks at each message itself."""

    def checks(self, *, longest_task):
        hint = "Keep the folder on a disk that outlives a restart."
        return [Warning("The queue is a folder.", hint=hint, id="stripeflow.shop_W001")]


def work(folder):
    """Do what the messages in the folder ask for, if they name a task."""
    for path in sorted(Path(folder).iterdir()):
        task, args = json.loads(path.read_text())
        path.unlink()
        if is_allowed(task):
            import_string(task)(*args)
