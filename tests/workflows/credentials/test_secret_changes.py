from contextlib import ExitStack, nullcontext

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.triggers.encryption import CannotDecrypt
from stripeflow.triggers.known_secrets import core
from stripeflow.triggers.redaction import hiding, redacted
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import named_secrets, secret_changes
from stripeflow.workflows.credentials.secret_changes import SecretRefused
from stripeflow.workflows.models import AuditEntry, Secret
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.people import user_with_role
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(django_user_model):
    return Act(django_user_model.objects.create_user("keeper", is_staff=True))


@pytest.fixture
def secret(act):
    return secret_changes.store("shop", "swordfish", description="The shop's", act=act)


@pytest.fixture
def keys(settings):
    def set_keys(*keys):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": list(keys)}

    return set_keys


def acts():
    found = AuditEntry.objects.filter(object_kind="secret").order_by("id")
    return list(found.values_list("kind", "object_title", "user_name"))


def test_a_secret_is_kept_encrypted_with_who_stored_it(secret, act):
    assert "swordfish" not in secret.value
    assert named_secrets.value_of("shop") == "swordfish"
    assert (secret.created_by, secret.changed_by, str(secret)) == (act.user, None, "shop")
    assert acts() == [("secret.stored", "shop", "keeper")]


def test_a_new_value_is_given_from_then_on(secret, act):
    secret_changes.replace(secret, "halibut", act=act)
    secret.refresh_from_db()
    assert named_secrets.value_of("shop") == "halibut"
    assert secret.changed_by == act.user
    assert secret.changed_at is not None
    assert acts()[1:] == [("secret.replaced", "shop", "keeper")]


def test_the_audit_log_holds_no_value(secret, act):
    secret_changes.replace(secret, "halibut", act=act)
    told = str(list(AuditEntry.objects.values_list()))
    assert "swordfish" not in told
    assert "halibut" not in told


def test_a_description_is_changed_once(secret, act):
    for _time in range(2):
        secret_changes.describe(secret, "Of the shop", act=act)
    assert acts()[1:] == [("secret.described", "shop", "keeper")]
    with pytest.raises(SecretRefused):
        secret_changes.describe(secret, "a" * 201, act=act)


@pytest.mark.parametrize("name", ["", "Shop", "-a", "a b", "a" * 61, "shop\n", "lädchen", "shop"])
def test_a_name_is_plain_and_nobody_elses(secret, name):
    with pytest.raises(SecretRefused):
        secret_changes.store(name, "swordfish")
    assert Secret.objects.count() == 1


@pytest.mark.parametrize("value", ["", "a" * 10_001, "sword", "  sword\n", "'sword'"])
def test_a_value_is_neither_short_nor_endless(secret, value):
    with pytest.raises(SecretRefused):
        secret_changes.store("other", value)
    with pytest.raises(SecretRefused):
        secret_changes.replace(secret, value)
    assert secret_changes.refusal_of(value)
    assert named_secrets.value_of("shop") == "swordfish"


@given(st.text(max_size=12))
def test_what_may_be_stored_is_hidden_wherever_it_is_reported(value):
    if not secret_changes.refusal_of(value):
        with hiding([value]):
            assert core(value) not in redacted(f"It said: {value}.")


def test_a_check_names_the_short_ones_of_before(secret, keys):
    def told():
        found = run_checks(tags=["database"], databases=["default"])
        return [one.msg for one in found if one.id == "stripeflow.W013"]

    assert told() == []
    for name in ("two", "one"):
        secret_changes.keep(name, "sword")
    (message,) = told()
    assert message == "Secrets of fewer than 6 characters are not hidden in outputs and errors: “one”, “two”."
    keys(Fernet.generate_key().decode())
    assert told() == []


def test_what_is_gone_is_not_replaced(secret):
    Secret.objects.all().delete()
    with pytest.raises(SecretRefused, match="not there any more"):
        secret_changes.replace(secret, "halibut")


def test_what_is_gone_is_not_deleted_once_more(secret, act):
    secret_changes.delete(Secret.objects.get(), act=act)
    with pytest.raises(SecretRefused, match="not there any more"):
        secret_changes.delete(secret, act=act)
    assert acts()[1:] == [("secret.deleted", "shop", "keeper")]


def test_a_secret_that_nobody_needs_is_deleted(secret, act):
    secret_changes.delete(secret, act=act)
    assert not Secret.objects.exists()
    assert acts()[1:] == [("secret.deleted", "shop", "keeper")]


def test_a_secret_in_use_is_kept_and_the_workflows_are_named(secret, recorder):
    kind = recording_action(recorder, key="test.secret")
    kind.inputs = (StringInput("text", label="Text", secret=True),)
    with registry.temporarily(kind):
        lifecycle.create(document(action("one", "test.secret", text={"secret": "shop"}), name="Refunds"))
        with pytest.raises(SecretRefused, match="in use by: “Refunds”"):
            secret_changes.delete(secret)
        with pytest.raises(SecretRefused, match="in use by: “Refunds”"):
            secret_changes.delete(secret, act=Act(user_with_role("author")))
        with pytest.raises(SecretRefused, match="in use by: 1 workflow[.]"):
            secret_changes.delete(secret, act=Act(user_with_role()))
    assert Secret.objects.exists()


@pytest.fixture
def active(recorder, secret):
    """Activates a workflow that names the secret; what that gives takes its action away again."""

    def activate(text="a", **declared):
        kind = recording_action(recorder, key="test.secret")
        kind.inputs += (StringInput("password", label="Password", secret=True, references=False),)
        for name, value in declared.items():
            setattr(kind, name, value)
        registered.enter_context(registry.temporarily(kind))
        workflow = lifecycle.create(
            document(action("one", "test.secret", text=text, password={"secret": "shop"}))
        )
        lifecycle.activate(workflow)
        return registered.close

    with ExitStack() as registered:
        yield activate


HARMLESS, MONEY, SENDS = {}, {"moves_money": True}, {"text": "{{ trigger.id }}"}
CUSTOMERS = {"changes_customers": True}


@pytest.mark.parametrize(
    ("roles", "used", "is_refused"),
    [
        (("author",), HARMLESS, False),
        (("author",), MONEY, True),
        (("author", "money"), MONEY, False),
        (("author",), {"destructive": True}, True),
        (("author",), CUSTOMERS, True),
        (("author", "customers"), CUSTOMERS, False),
        (("author",), SENDS, True),
        (("author", "publisher"), SENDS, False),
    ],
)
def test_what_runs_gets_another_value_only_by_who_may_publish_such(active, secret, roles, used, is_refused):
    active(**used)
    with pytest.raises(PermissionDenied) if is_refused else nullcontext():
        secret_changes.replace(secret, "halibut", act=Act(user_with_role(*roles)))
    assert named_secrets.value_of("shop") == ("swordfish" if is_refused else "halibut")


def test_an_action_that_is_not_installed_may_move_money_with_the_secret(active, secret):
    uninstall = active()
    uninstall()
    with pytest.raises(PermissionDenied, match="not installed"):
        secret_changes.replace(secret, "halibut", act=Act(user_with_role("author")))
    with pytest.raises(SecretRefused, match="in use by"):
        secret_changes.delete(secret)


def test_a_secret_that_what_runs_has_lost_is_not_stored_again_by_others(active, secret):
    active(**MONEY)
    Secret.objects.all().delete()
    with pytest.raises(PermissionDenied):
        secret_changes.store("shop", "halibut", act=Act(user_with_role("author")))
    secret_changes.store("shop", "halibut", act=Act(user_with_role("author", "money")))


def test_rotation_brings_every_secret_under_the_first_key(secret, keys):
    new = Fernet.generate_key().decode()
    old = Fernet.generate_key().decode()
    keys(old)
    secret_changes.replace(secret, "halibut")
    keys(new, old)
    assert (secret_changes.rotate(), secret_changes.rotate()) == (1, 0)
    keys(new)
    assert named_secrets.value_of("shop") == "halibut"


def test_rotation_tells_of_what_no_key_opens_and_does_the_others(secret, keys):
    keys(Fernet.generate_key().decode())
    secret_changes.store("other", "halibut")
    keys(Fernet.generate_key().decode())
    secret_changes.store("third", "haddock")
    with pytest.raises(CannotDecrypt):
        secret_changes.rotate()
    assert named_secrets.value_of("third") == "haddock"


def test_a_free_name_is_made_of_titles(secret):
    assert secret_changes.free_name("Shöp", "API key") == "shop-api-key"
    assert secret_changes.free_name("shop") == "shop-2"
    assert secret_changes.free_name("返金") == "secret"
    assert len(secret_changes.free_name("a" * 100)) <= 60
