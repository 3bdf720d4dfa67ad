import os
import socket
from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BeatQuerySet(models.QuerySet["Beat"]):
    """What is asked of heartbeats. Each question and each change is one statement."""

    def write(self, name: str, *, now: datetime | None = None) -> None:
        """Say that `name` is alive on this host and in this process, now."""
        beat = self.model(name=name, at=now or timezone.now(), host=host_name(), pid=os.getpid())
        self.bulk_create(
            [beat], update_conflicts=True, unique_fields=["name"], update_fields=["at", "host", "pid"]
        )

    def claim(self, name: str, *, every: timedelta, now: datetime | None = None) -> bool:
        """Take the turn of `name` if its last one is at least `every` ago; True for one caller only.

        A turn of the future was taken before the clock was set back, and counts as long ago.
        """
        now = now or timezone.now()
        mine = {"at": now, "host": host_name(), "pid": os.getpid()}
        rows = self.filter(name=name)
        if rows.filter(Q(at__lte=now - every) | Q(at__gt=now + every)).update(**mine):
            return True
        if rows.exists():
            return False
        try:
            with transaction.atomic():
                self.create(name=name, **mine)
        except IntegrityError:
            return False
        return True

    def of(self, kind: str) -> "BeatQuerySet":
        """The beats of this kind, of every host ("cluster" for "cluster@web-1")."""
        return self.filter(Q(name=kind) | Q(name__startswith=f"{kind}@"))

    def newest(self, kind: str) -> datetime | None:
        """When any host last wrote a beat of this kind, or None."""
        return self.of(kind).aggregate(at=Max("at"))["at"]


class Beat(models.Model):
    """When something was last alive, or last had its turn: one row for each name.

    Names are "ring@host" for the once-a-second sweep and "cluster@host" for workers ("cluster@host/name" for
    those of one worker command). A turn that only one host takes has no host in its name ("reconcile").
    """

    name = models.CharField(max_length=255, unique=True)
    at = models.DateTimeField()
    host = models.CharField(max_length=200)
    pid = models.PositiveBigIntegerField()

    objects = BeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"


def host_name() -> str:
    """The name of this host, as the rows carry it."""
    return socket.gethostname()[:200]
