"""Puts addresses on the suppression list and takes them off, each act with a row of the audit log."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stripeflow.actions.customer_mail.addresses import normalized
from stripeflow.actions.inputs.addresses import is_one_address
from stripeflow.actions.models import Reason, Suppression
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.record import Subject, record

# Lines of one import.
MOST = 100_000
_BATCH = 500
LONGEST_NOTE = 200


class SuppressionRefused(ValueError):
    """The list cannot be changed so; the message says why."""


@dataclass
class Imported:
    """What became of the lines of an import. `refused` are the numbers of lines that hold no address."""

    added: int = 0
    known: int = 0
    refused: list[int] = field(default_factory=list)


def add(
    address: str, reason: str = Reason.MANUAL, *, note: str = "", act: Act = NOBODY
) -> tuple[Suppression, bool]:
    """Put an address on the list; also whether it was not there for this reason. Raises `SuppressionRefused`.

    An entry that is there stays as it is.
    """
    clean = checked(address, reason, note)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Suppression.objects.create(address=clean, reason=reason, note=note)
        except IntegrityError:
            return Suppression.objects.get(address=clean, reason=reason), False
        record(kinds.ADDRESS_SUPPRESSED, act, _subject(made), after={"reason": reason})
    return made, True


def remove(entry: Suppression, *, act: Act = NOBODY) -> bool:
    """Take one entry off the list; false if it is gone already."""
    with transaction.atomic():
        if not Suppression.objects.filter(pk=entry.pk).delete()[0]:
            return False
        record(kinds.SUPPRESSION_REMOVED, act, _subject(entry), before={"reason": entry.reason})
    return True


def add_all(
    addresses: Iterable[str], reason: str = Reason.MANUAL, *, note: str = "", act: Act = NOBODY
) -> Imported:
    """Put many addresses on the list, with one row in the audit log. Lines without an address are counted.

    Raises `SuppressionRefused` for a reason or a note that cannot be, and for more than `MOST` addresses.
    """
    _check_reason(reason, note)
    found, clean = Imported(), dict[str, None]()
    for number, line in enumerate(addresses, start=1):
        if number > MOST:
            raise SuppressionRefused(_("At most %d addresses can be imported at once.") % MOST)
        text = line.strip()
        if not text:
            continue
        if not is_one_address(text):
            found.refused.append(number)
            continue
        clean[normalized(text)] = None
    with transaction.atomic():
        wanted = list(clean)
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            rows = Suppression.objects.filter(address__in=part, reason=reason)
            known = set(rows.values_list("address", flat=True))
            new = [Suppression(address=one, reason=reason, note=note) for one in part if one not in known]
            Suppression.objects.bulk_create(new, ignore_conflicts=True)
            found.known += len(known)
            found.added += len(new)
        record(kinds.SUPPRESSIONS_IMPORTED, act, after={"added": found.added, "reason": reason})
    return found


def checked(address: str, reason: str, note: str = "") -> str:
    """The address as the list keeps it. Raises `SuppressionRefused`."""
    _check_reason(reason, note)
    text = address.strip()
    if not is_one_address(text):
        raise SuppressionRefused(_("This is not one e-mail address."))
    return normalized(text)


def masked(address: str) -> str:
    """Enough of it for people who know it: “j…@example.com”."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}" if name else ""


def _subject(entry: Suppression) -> Subject:
    # The log is never changed, so it does not hold what a customer may want erased.
    return Subject("suppression", str(entry.pk), masked(entry.address))


def _check_reason(reason: str, note: str) -> None:
    if reason not in Reason.values:
        reasons = ", ".join(Reason.values)
        raise SuppressionRefused(_("The reason has to be one of: %s.") % reasons)
    if len(note) > LONGEST_NOTE:
        raise SuppressionRefused(_("The note may have at most %d characters.") % LONGEST_NOTE)
