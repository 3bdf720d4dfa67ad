"""Deciding on approvals: every door by every kind of person, and by nobody who only follows a link."""

import re
from datetime import timedelta
from hashlib import sha256
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stripeflow.workflows import tasks
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.approvals import mailing
from stripeflow.workflows.approvals.would import digest_of_all
from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Approval, AuditEntry, Decision, Run, RunOperation
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.operations import deciding
from stripeflow.workflows.operations.refusals import Outdated
from tests.workflows.approvals import approval, approver, asked, decide
from tests.workflows.people import user_with_role

pytestmark = pytest.mark.django_db

LIST = "admin:stripeflow_workflows_approval_changelist"


@pytest.fixture
def anna(db):
    return approver()


@pytest.fixture
def run(anna, finish, money):
    approver("keeper")
    return finish(approval(), money)


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def by_page(user, found):
    said = {"approval": found.pk, "seen": found.digest, "verdict": "approve"}
    address = reverse("admin:stripeflow_workflows_run_decide", args=[found.run_id])
    browser_of(user).post(address, said)


def by_list(user, found):
    said = {"approval": f"{found.pk}:{found.digest}", "verdict": "approve", "confirmed": "1"}
    browser_of(user).post(reverse(LIST), said)


def by_api(user, found):
    body = {"verdict": "approve", "digest": found.digest}
    browser_of(user).post(f"/api/v1/approvals/{found.pk}/decide/", body, "application/json")


def by_bulk(user, found):
    body = {"verdict": "approve", "approvals": [{"id": found.pk, "digest": found.digest}]}
    browser_of(user).post("/api/v1/approvals/bulk/decide/", body, "application/json")


def by_command(user, found):
    with pytest.MonkeyPatch.context():
        try:
            mark = f"{found.pk}:{found.digest}"
            call_command("stripeflow_approval", "approve", mark, f"--as={user.username}", stderr=StringIO())
        except CommandError:
            pass


DOORS = [by_page, by_list, by_api, by_bulk, by_command]
# A person, by the roles; whether they have started the run; and whether they may decide on it.
PEOPLE = {
    "who may": (("approver", "money"), False, True),
    "who has started it": (("approver", "money"), True, False),
    "an approver who may not move money": (("approver",), False, False),
    "an operator who may move money": (("operator", "money"), False, False),
    "a reader": (("viewer",), False, False),
}


@pytest.mark.parametrize("door", DOORS)
def test_each_door_lets_those_decide_who_may_and_nobody_on_their_own_request(run, door):
    wrong = []
    for number, (name, (roles, is_own, may)) in enumerate(PEOPLE.items()):
        user = user_with_role(*roles, username=f"person_{number}")
        if is_own:
            RunOperation.objects.create(run=run, kind="start", user=user)
        Decision.objects.all().delete()
        Approval.objects.update(status="pending", ended_at=None)
        door(user, asked(run))
        if (asked(run).status == "approved") is not may:
            wrong.append(name)
    assert wrong == []


def test_an_id_that_no_row_can_have_is_refused(anna):
    body = {"verdict": "approve", "approvals": [{"id": 2**63, "digest": "x"}]}
    answer = browser_of(anna).post("/api/v1/approvals/bulk/decide/", body, "application/json")
    assert answer.status_code == 400
    assert "approvals" in answer.content.decode()
    assert browser_of(anna).get(f"/api/v1/approvals/?workflow={2**63}").status_code == 400


def test_a_superuser_does_not_decide_on_their_own_request_either(run):
    user = user_with_role(username="root", is_superuser=True)
    RunOperation.objects.create(run=run, kind="start", user=user)
    for door in DOORS:
        door(user, asked(run))
    assert asked(run).status == "pending"


# Who did one of these has not asked for what the run does.
NOT_ASKING = {"cancel", "release", "did_not_happen", "wake", "approve", "decline"}


@pytest.mark.parametrize("kind", OperationKind.values)
def test_each_operation_says_whether_it_makes_the_run_somebodys_own_request(run, kind):
    user = user_with_role("approver", "money", username="asker")
    RunOperation.objects.create(run=run, kind=kind, user=user)
    by_api(user, asked(run))
    assert (asked(run).status == "approved") is (kind in NOT_ASKING)


def test_the_mail_has_no_link_that_decides_whoever_follows_it(run, anna, queue, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "BASE_URL": "https://shop.example"}
    assert mailing.notify_due() == 1
    tasks.alert_approval(asked(run).pk)
    assert sorted(one.to[0] for one in mail.outbox) == ["anna@example.com", "keeper@example.com"]
    clients = Client(), browser_of(anna)
    before = list(Approval.objects.values()), AuditEntry.objects.count(), list(Run.objects.values())
    links = {link for one in mail.outbox for link in re.findall(r"https?://\S+", one.body)}
    assert links
    for link in links:
        path = link.removeprefix("https://shop.example")
        for client in clients:
            assert client.get(path).status_code in (200, 302)
            assert client.head(path).status_code in (200, 302)
    after = list(Approval.objects.values()), AuditEntry.objects.count(), list(Run.objects.values())
    assert (before, Decision.objects.count()) == (after, 0)


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete"])
def test_only_a_post_decides(run, anna, method):
    found = asked(run)
    said = f"?approval={found.pk}&seen={found.digest}&verdict=approve&digest={found.digest}&confirmed=1"
    run_page = reverse("admin:stripeflow_workflows_run_decide", args=[run.pk])
    for path in (run_page, reverse(LIST), f"/api/v1/approvals/{found.pk}/decide/"):
        getattr(browser_of(anna), method)(path + said)
    assert asked(run).status == "pending"


def test_a_post_without_the_token_of_the_form_decides_nothing(run, anna):
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    found = asked(run)
    said = {"approval": found.pk, "seen": found.digest, "verdict": "approve"}
    address = reverse("admin:stripeflow_workflows_run_decide", args=[run.pk])
    assert client.post(address, said).status_code == 403
    assert asked(run).status == "pending"


def test_people_are_reminded_once_at_half_time(run, queue):
    assert mailing.notify_due() == 1
    assert mailing.notify_due() == 0
    half = asked(run).mail_at
    assert half == asked(run).asked_at + timedelta(days=3.5)
    ago = timezone.now() - timedelta(days=4)
    Approval.objects.update(asked_at=ago, mail_at=ago + timedelta(days=3.5), due_at=ago + timedelta(days=7))
    assert mailing.notify_due() == 1
    assert asked(run).mail_at is None


def later(**span):
    """Let so much time pass for every approval."""
    times = ("asked_at", "mail_at", "due_at", "escalate_at")
    Approval.objects.update(**{name: F(name) - timedelta(**span) for name in times})


def test_an_approval_that_stays_open_is_escalated_once(anna, finish, money, queue):
    lead = approver("lead")
    run = finish(approval(users=["anna"], escalate_after=2, more_users=["lead"]), money)
    assert mailing.notify_due() == 1
    assert asked(run).mail_at == asked(run).asked_at + timedelta(days=2)
    with pytest.raises(deciding.NotYours, match="for other people"):
        decide(run, lead)
    later(days=2)
    assert (mailing.notify_due(), mailing.notify_due()) == (1, 0)
    found = asked(run)
    assert (found.escalated_at is not None, found.reminded_at) == (True, None)
    assert found.mail_at == found.asked_at + timedelta(days=3.5)
    tasks.alert_approval(found.pk)
    assert {one.to[0] for one in mail.outbox} == {anna.email, lead.email}
    assert "further people are asked as well" in mail.outbox[0].body
    page = browser_of(anna).get(run_url(run)).content.decode()
    assert "Further people are asked since" in page
    later(days=2)
    assert mailing.notify_due() == 1
    assert asked(run).reminded_at is not None
    kinds = ["run.approval_escalated", "run.approval_reminded"]
    rows = AuditEntry.objects.filter(kind__in=kinds).order_by("pk")
    assert list(rows.values_list("kind", flat=True)) == kinds
    assert decide(run, lead).status == "approved"


def test_nobody_decides_on_their_own_request_after_an_escalation(anna, finish, money, queue):
    lead = approver("lead")
    run = finish(approval(users=["anna"], escalate_after=1, escalate_unit="hours"), money)
    RunOperation.objects.create(run=run, kind=OperationKind.START, user=lead)
    later(hours=1)
    mailing.notify_due()
    with pytest.raises(deciding.NotYours, match="own request"):
        decide(run, lead)
    with pytest.raises(Outdated):
        decide(run, approver("other"), seen="0" * 64)
    assert decide(run, approver("third")).status == "approved"


def test_who_is_asked_later_makes_up_for_those_who_have_gone(anna, finish, money, queue):
    approver("lead")
    run = finish(approval(users=["anna"], escalate_after=1, more_users=["lead"]), money)
    type(anna).objects.filter(pk=anna.pk).update(is_active=False)
    tasks.alert_approval(asked(run).pk)
    assert asked(run).status == "pending"
    later(days=1)
    mailing.notify_due()
    type(anna).objects.update(is_active=False)
    tasks.alert_approval(asked(run).pk)
    assert asked(run).status == "nobody"


def test_a_run_fails_whose_last_person_has_gone(run, anna, queue):
    type(anna).objects.update(is_active=False)
    tasks.alert_approval(asked(run).pk)
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error["code"], asked(run).status) == ("failed", "approval_nobody", "nobody")
    assert mail.outbox == []


def test_the_list_has_what_waits_for_its_reader_alone(run, anna, finish, money):
    other = finish(approval(users=["keeper"]), money)
    own = finish(approval(), money)
    RunOperation.objects.create(run=own, kind="start", user=anna)
    page = browser_of(anna).get(reverse(LIST)).content.decode()
    assert str(run.pk) in page
    assert str(other.pk) not in page
    assert str(own.pk) not in page


def test_the_list_asks_once_more_with_the_sum_before_it_decides(run, anna, finish, money):
    two = finish(approval(), money)
    Approval.objects.update(sums={"usd": 2_400, "eur": 100})
    browser = browser_of(anna)
    marks = [f"{asked(one).pk}:{asked(one).digest}" for one in (run, two)]
    first = browser.post(reverse(LIST), {"approval": marks, "verdict": "approve"})
    assert "$48.00 USD" in first.content.decode()
    assert asked(run).status == "pending"
    Approval.objects.filter(run=two).update(digest="0" * 64)
    browser.post(reverse(LIST), {"approval": marks, "verdict": "approve", "confirmed": "1"})
    assert (asked(run).status, asked(two).status) == ("approved", "pending")


def test_the_run_page_shows_what_would_happen_and_who_decided(run, anna):
    address = reverse("admin:stripeflow_workflows_run_change", args=[run.pk])
    page = browser_of(anna).get(address).content.decode()
    assert "May pi_test go?" in page
    assert 'value="approve"' in page
    decide(run, anna, note="Fine by me.")
    page = browser_of(anna).get(address).content.decode()
    assert "Fine by me." in page
    assert 'value="approve"' not in page


def test_who_may_not_see_payloads_sees_no_values(run):
    viewer = user_with_role("viewer")
    page = browser_of(viewer).get(reverse("admin:stripeflow_workflows_run_change", args=[run.pk]))
    assert "May pi_test go?" not in page.content.decode()
    shown = browser_of(viewer).get(f"/api/v1/runs/{run.pk}/").json()["approvals"]
    assert [(one["question"], one["would"], one["sums"]) for one in shown] == [(None, None, None)]


def test_the_command_lists_and_needs_a_person(run, anna):
    out = StringIO()
    call_command("stripeflow_approval", "list", stdout=out)
    assert f"{asked(run).pk}:{asked(run).digest}" in out.getvalue()
    with pytest.raises(CommandError, match="--as"):
        call_command("stripeflow_approval", "approve", f"{asked(run).pk}:{asked(run).digest}")
    with pytest.raises(CommandError, match="no user"):
        call_command("stripeflow_approval", "list", "--as=nobody_at_all")


def test_a_proof_is_asked_for_where_the_project_wants_one(run, anna, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MONEY_CHECK": "tests.workflows.approvals.never"}
    with pytest.raises(ProofNeeded):
        decide(run, anna)
    assert asked(run).status == "pending"


def test_the_digest_tells_nothing_of_what_it_is_of():
    """People who may not see values read it. Without the key nobody can try amounts until one fits."""
    would = [{"digest": "0" * 64, "amount": 5_000}]
    plain = sha256(b'["Refund?",["%s"],[5000]]' % (b"0" * 64)).hexdigest()
    one, other = (digest_of_all(place, "Refund?", would) for place in ("1/ask/1", "2/ask/1"))
    assert len({plain, one, other}) == 3
    assert one == digest_of_all("1/ask/1", "Refund?", would)
