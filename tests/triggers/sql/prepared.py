"""Runs statements of ours and of Django's ten times each; prints what the server has prepared."""

import json

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from stripeflow.triggers.models import MirrorSlot  # noqa: E402
from stripeflow.triggers.sql import Slot, Statement, insert, update  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
numbers = Statement(
    lambda: MirrorSlot.objects.filter(number=Slot(MirrorSlot, "number")).values_list("number")
)
for number in range(10):
    insert(MirrorSlot(number=number))
    assert update(MirrorSlot, where={"number": number, "token": None}, values={"token": None}) == 1
    assert numbers.rows(number=number) == [(number,)]
    assert MirrorSlot.objects.get(number=number).token is None
with connection.cursor() as cursor:
    cursor.execute("SELECT statement FROM pg_prepared_statements")
    print(json.dumps(sorted(statement.split()[0] for (statement,) in cursor.fetchall())))
