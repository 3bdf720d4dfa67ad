"""Pages in Japanese: nothing that has a translation is said in English."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import translation

from stripeflow.actions.customer_mail.unsubscribing import VIEW, token_of
from stripeflow.triggers import catalogue
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import connection_changes, secret_changes
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Wanted
from stripeflow.workflows.models import (
    AuditEntry,
    Connection,
    EventDelivery,
    Run,
    SavedTemplate,
    Secret,
    Step,
    Trigger,
    Workflow,
)
from stripeflow.workflows.operations import lifecycle, saving_templates
from stripeflow.workflows.operations.saving_templates import Called
from stripeflow.workflows.run_events import types
from stripeflow.workflows.workflow_templates import template
from tests.translations.catalogues import every, read
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

JAPANESE = {"HTTP_ACCEPT_LANGUAGE": "ja-JP,ja;q=0.9"}
# The last two are words of Stripe, too: of parameters of its lists.
_OTHERS = {"Customer ID", "Name", "Payment intent ID", "Search", "Limit", "Type"}
_SPOKEN = ("aria-label", "placeholder", "title", "alt", "data-title")


@pytest.fixture(autouse=True)
def language():
    """A request leaves its language to the thread, and so to the tests that follow."""
    yield
    translation.deactivate()


@pytest.fixture
def workflow(admin_user):
    """An active workflow with branches, from a template that was used in Japanese."""
    with translation.override("ja"):
        document = template("tag_customers").document({"recipients": [admin_user.username]})
        found = lifecycle.create(document)
        lifecycle.activate(found)
    return found


@pytest.fixture
def run(workflow, queue):
    return Run.objects.get(event=accept(payment(amount=300_000), livemode=True), workflow=workflow)


class _Texts(HTMLParser):
    """What a page says: its texts, and the attributes that are read out or shown."""

    def __init__(self):
        super().__init__()
        self.lang = ""
        self.texts = set()
        self.silent = 0
        self.sidebar = False

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.lang = given.get("lang", self.lang) if tag == "html" else self.lang
        # The names of other apps, such as dj-stripe's, are theirs.
        self.sidebar |= given.get("id") == "nav-sidebar"
        self.silent += tag in ("script", "style", "pre")
        self.texts |= {given[name].strip() for name in _SPOKEN if given.get(name)}

    def handle_endtag(self, tag):
        self.sidebar &= tag != "nav"
        self.silent -= tag in ("script", "style", "pre")

    def handle_data(self, data):
        if not (self.silent or self.sidebar):
            self.texts.add(re.sub(r"\s+", " ", data).strip())


def page(client, address):
    response = client.get(address, **JAPANESE)
    assert response.status_code == 200
    found = _Texts()
    found.feed(response.content.decode())
    return found


def english():
    """Every text without placeholders that Japanese says in another way."""
    pairs = ((one.id, one.string) for given in every() for one in read(*given) if isinstance(one.id, str))
    texts = {text.strip() for text, said in pairs if text and text != said and "%" not in text}
    # Fields are labelled in the words of Stripe's SDK, and Django's admin says “Search” of an image.
    return texts - {one.label for one in catalogue.children("payment_intent", "")} - _OTHERS


def addresses(workflow, run):
    admin = "admin:stripeflow_workflows_"
    step = Step.objects.filter(workflow=workflow).exclude(action="").first()
    own = {
        name: reverse(f"{admin}workflow_{name}", args=[workflow.pk])
        for name in ("change", "activate", "changes", "test", "backtest", "counts")
    }
    return own | {
        "workflows": reverse(f"{admin}workflow_changelist"),
        "add": reverse(f"{admin}workflow_add"),
        "templates": reverse(f"{admin}workflow_templates"),
        "import": reverse(f"{admin}workflow_import"),
        "trigger": reverse(f"{admin}trigger_change", args=[Trigger.objects.get(workflow=workflow).pk]),
        "step": reverse(f"{admin}step_change", args=[step.pk]),
        "branch": reverse(f"{admin}branch_change", args=[step.branch.pk if step.branch else _way(workflow)]),
        "gallery": reverse(f"{admin}step_add") + f"?workflow={workflow.pk}&position=0",
        "runs": reverse(f"{admin}run_changelist"),
        "run": reverse(f"{admin}run_change", args=[run.pk]),
        "versions": reverse(f"{admin}workflowversion_changelist"),
        "version": reverse(f"{admin}workflowversion_change", args=[run.version_id]),
        "why": reverse(f"{admin}run_why_event", args=[run.event_id]),
        "events": reverse("admin:stripeflow_triggers_event_changelist"),
        "event": reverse("admin:stripeflow_triggers_event_change", args=[run.event_id]),
        "switch": reverse(f"{admin}switch_changelist"),
        "approvals": reverse(f"{admin}approval_changelist"),
        "tokens": reverse(f"{admin}apitoken_changelist"),
        "new token": reverse(f"{admin}apitoken_add"),
        "secrets": reverse(f"{admin}secret_changelist"),
        "new secret": reverse(f"{admin}secret_add"),
        "secret": reverse(f"{admin}secret_change", args=[_secret().pk]),
        "suppressions": reverse("admin:stripeflow_actions_suppression_changelist"),
        "new suppression": reverse("admin:stripeflow_actions_suppression_add"),
        "unsubscribe": reverse(VIEW, args=[token_of("jane@example.com")]),
        "connections": reverse(f"{admin}connection_changelist"),
        "new connection": reverse(f"{admin}connection_add"),
        "connection": reverse(f"{admin}connection_change", args=[_connection().pk]),
        "save as template": reverse(f"{admin}workflow_save_as_template", args=[workflow.pk]),
        "event destinations": reverse(f"{admin}eventdestination_changelist"),
        "new event destination": reverse(f"{admin}eventdestination_add"),
        "event destination": reverse(f"{admin}eventdestination_change", args=[_delivery().destination_id]),
        "deliveries": reverse(f"{admin}eventdelivery_changelist"),
        "delivery": reverse(f"{admin}eventdelivery_change", args=[_delivery().pk]),
        "saved templates": reverse(f"{admin}savedtemplate_changelist"),
        "saved template": reverse(f"{admin}savedtemplate_change", args=[_saved(workflow).pk]),
        "audit log": reverse(f"{admin}auditentry_changelist"),
        "act": reverse(f"{admin}auditentry_change", args=[_activation().pk]),
    }


def _saved(workflow):
    found = SavedTemplate.objects.first()
    return found or saving_templates.save(workflow, Called("私たちのひな形"), Act())


def _delivery():
    found = EventDelivery.objects.first()
    if found is None:
        wanted = Wanted("倉庫", "https://example.com/", tuple(event.type for event in types.known()))
        found = changes.ping(changes.add(wanted, Act()).destination, Act())
    return found


def _connection():
    wanted = connection_changes.Wanted("Chat", address="https://chat.example.com")
    return Connection.objects.first() or connection_changes.create("chat", wanted)


def _secret():
    return Secret.objects.first() or secret_changes.store("chat-key", "swordfish")


def _activation():
    return AuditEntry.objects.get(kind=kinds.WORKFLOW_ACTIVATED.key)


def _way(workflow):
    return Step.objects.filter(workflow=workflow, action="").first().branches.first().pk


def test_pages_are_japanese(admin_client, workflow, run):
    known = english()
    found = {name: page(admin_client, where) for name, where in addresses(workflow, run).items()}
    assert {name: one.lang for name, one in found.items() if one.lang != "ja"} == {}
    assert {name: left for name, one in found.items() if (left := one.texts & known)} == {}


def test_texts_are_those_of_the_catalogue(admin_client, workflow, run):
    pages = addresses(workflow, run)
    assert {"ワークフロー", "最後の実行"} <= page(admin_client, pages["workflows"]).texts
    assert {"バックテスト", "有効 · バージョン 1"} & page(admin_client, pages["change"]).texts
    assert {"たどった経路", "キュー待ち"} <= page(admin_client, pages["run"]).texts


def test_what_the_audit_log_keeps_is_said_in_japanese(admin_client, workflow, run):
    pages = addresses(workflow, run)
    assert {"有効化", "ワークフロー", "シークレットを保存"} <= page(admin_client, pages["audit log"]).texts
    assert "バージョン: —" in page(admin_client, pages["act"]).texts


def test_conditions_are_in_japanese_order(admin_client, workflow, run):
    texts = page(admin_client, addresses(workflow, run)["change"]).texts
    assert any("amount が $1,000.00 USD より大きい" in text for text in texts), texts


def test_scripts_are_given_their_texts(admin_client):
    where = reverse("admin:stripeflow_workflows_texts")
    japanese = admin_client.get(where, **JAPANESE).content.decode()
    texts = json.loads(re.search(r"const newcatalog = (\{.*?\});\n", japanese, re.DOTALL)[1])
    assert texts["Copy"] == "コピー"
    assert "コピー" not in admin_client.get(where, HTTP_ACCEPT_LANGUAGE="en").content.decode()


@pytest.mark.parametrize("name", ["change", "step", "run", "runs", "switch", "add"])
def test_pages_with_scripts_load_their_texts(admin_client, workflow, run, name):
    content = admin_client.get(addresses(workflow, run)[name]).content.decode()
    assert content.count(f'<script src="{reverse("admin:stripeflow_workflows_texts")}"></script>') == 1


def test_texts_are_for_staff(client):
    assert client.get(reverse("admin:stripeflow_workflows_texts")).status_code == 302


def test_english_stays_the_default(admin_client, workflow):
    where = reverse("admin:stripeflow_workflows_workflow_changelist")
    content = admin_client.get(where, HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert 'lang="en"' in content
    assert "last run" in content.casefold()


def test_the_api_answers_in_japanese(admin_client, workflow):
    answer = admin_client.get(f"/api/v1/workflows/{workflow.pk + 1000}/", **JAPANESE)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "この ID または名前のものはありません。"


def test_a_step_with_a_japanese_name_gets_a_key(admin_user, db):
    with translation.override("ja"):
        document = template("fraud_warnings").document({"recipients": [admin_user.username]})
    keys = {step.key for step in Step.objects.filter(workflow=lifecycle.create(document))}
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in keys)
    assert User.objects.count() == 1
    assert Workflow.objects.count() == 1
