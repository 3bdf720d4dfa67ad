import io

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.triggers import encryption
from stripeflow.workflows.credentials import named_secrets
from stripeflow.workflows.models import AuditEntry, Secret
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch):
    def run(*arguments, given=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        out = io.StringIO()
        call_command("stripeflow_secrets", *arguments, stdout=out)
        return out.getvalue()

    return run


def test_a_secret_is_stored_listed_replaced_and_deleted_and_never_printed(run):
    said = [run("set", "shop", "--description", "The shop's", given="swordfish\n"), run("list")]
    assert named_secrets.value_of("shop") == "swordfish"
    said += [run("set", "shop", given="halibut")]
    assert named_secrets.value_of("shop") == "halibut"
    assert said == ["Stored: shop.\n", "shop\tThe shop's\n", "Replaced: shop.\n"]
    assert run("delete", "shop") == "Deleted: shop.\n"
    assert not Secret.objects.exists()
    rows = AuditEntry.objects.filter(object_kind="secret").order_by("id").values_list("kind", "command")
    assert list(rows) == [
        (f"secret.{what}", "stripeflow_secrets") for what in ("stored", "replaced", "deleted")
    ]


def test_a_value_may_come_from_a_file(run, tmp_path):
    path = tmp_path / "value"
    path.write_text("line one\nline two\n")
    run("set", "shop", "--file", str(path))
    assert named_secrets.value_of("shop") == "line one\nline two"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("set", "Not a name"), "A name is"),
        (("set", "shop"), "needs a value"),
        (("set", "short"), "at least 6 characters"),
        (("set", "shop", "--file", "/nonexistent/file"), "cannot be read"),
        (("delete", "shop"), "no secret “shop”"),
    ],
)
def test_what_is_refused_is_reported(run, arguments, said):
    given = {"Not a name": "swordfish", "short": "sword\n"}.get(arguments[1], "")
    with pytest.raises(CommandError, match=said):
        run(*arguments, given=given)


def test_a_key_is_printed_that_encrypts(run, settings):
    key = run("key").strip()
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": [key]}
    assert encryption.decrypted(encryption.encrypted("a")) == "a"


def test_rotation_brings_endpoints_and_secrets_under_the_first_key(run, settings, monkeypatch):
    monkeypatch.setattr("stripeflow.triggers.djstripe_webhook.is_mounted", lambda: False)
    run("set", "shop", given="swordfish")
    old = settings.STRIPEFLOW["SECRET_KEYS"]
    new = Fernet.generate_key().decode()
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": [new, *old]}
    assert "secrets, 1 changed" in run("rotate")
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": [new]}
    assert named_secrets.value_of("shop") == "swordfish"


def test_rotation_tells_of_a_key_that_is_lost(run, settings):
    run("set", "shop", given="swordfish")
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": [Fernet.generate_key().decode()]}
    with pytest.raises(CommandError, match="No key in the settings opens one of the secrets"):
        run("rotate")


def test_values_from_before_are_adopted_and_never_printed(run, recorder):
    kind = recording_action(recorder, key="test.secret")
    with registry.temporarily(kind):
        workflow = lifecycle.create(document(action("one", "test.secret", text="swordfish"), name="Shop"))
        kind.inputs = (StringInput("text", label="Token", secret=True),)
        rows = "steps: 1, versions: 0, undo copies: 0, step runs: 0. Secrets: shop-token.\n"
        assert run("adopt", "--dry-run") == f"“Shop” would be moved: {rows}"
        assert not Secret.objects.exists()
        assert run("adopt") == f"“Shop” moved: {rows}"
        assert run("adopt") == "No secret input that is known holds a value in clear.\n"
        row = AuditEntry.objects.get(kind="workflow.secrets_adopted")
        assert (row.command, row.workflow_id) == ("stripeflow_secrets", workflow.pk)
        workflow.steps.update(inputs={"text": "Bearer {{ trigger.id }}"})
        with pytest.raises(CommandError, match="Left in clear: “Shop”: Record › Token. A secret cannot"):
            run("adopt")
    assert named_secrets.value_of("shop-token") == "swordfish"
