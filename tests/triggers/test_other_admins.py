"""The pages of django-q2 and dj-stripe."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import NoReverseMatch, reverse
from djstripe.models import APIKey, Customer, WebhookEndpoint

from stripeflow.triggers.other_admins import SUPERUSER_ONLY

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]
SECRET = "sk_test_" + "a" * 24
MIRRORED = [
    model for model in apps.get_app_config("djstripe").get_models() if admin.site.is_registered(model)
]


@pytest.fixture
def customer():
    return Customer.objects.create(
        id="cus_1", livemode=False, stripe_data={"id": "cus_1", "object": "customer"}
    )


@pytest.fixture
def staff(django_user_model, client):
    """Somebody with every permission on dj-stripe's tables, and on payloads, who is no superuser."""
    user = django_user_model.objects.create_user("staff", password=None, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="djstripe"))
    user.user_permissions.add(Permission.objects.get(codename="view_payload"))
    client.force_login(user)
    return user


def address(model, page, *args):
    return reverse(f"admin:djstripe_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", ["schedule", "success", "failure", "ormq"])
def test_queue_has_no_pages(model):
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:django_q_{model}_changelist")


def test_there_are_mirrored_pages():
    assert len(MIRRORED) > 30


@pytest.mark.parametrize("model", MIRRORED, ids=lambda model: model.__name__)
def test_list_of_a_mirrored_table_opens(admin_client, model):
    assert admin_client.get(address(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", MIRRORED, ids=lambda model: model.__name__)
def test_nothing_is_added_to_a_mirrored_table(admin_client, model):
    assert admin_client.get(address(model, "add")).status_code == 403


def test_mirrored_object_opens_and_can_not_be_changed(admin_client, customer):
    page = address(Customer, "change", customer.pk)
    assert admin_client.get(page).status_code == 200
    assert admin_client.post(page, {}).status_code == 403
    assert admin_client.post(address(Customer, "delete", customer.pk), {"post": "yes"}).status_code == 403


def test_list_offers_no_actions(admin_client, customer):
    assert 'name="action"' not in admin_client.get(address(Customer, "changelist")).content.decode()


def test_actions_at_stripe_have_no_address():
    with pytest.raises(NoReverseMatch):
        reverse("admin:djstripe_custom_action", args=["_resync_instances", "customer"])


@pytest.mark.parametrize("name", sorted(SUPERUSER_ONLY))
def test_tables_with_secrets_are_closed_to_staff(client, staff, name):
    model = apps.get_model("djstripe", name)
    assert client.get(address(model, "changelist")).status_code == 403


def test_other_tables_are_open_to_staff_who_may_see_them(client, staff):
    assert client.get(address(Customer, "changelist")).status_code == 200


@pytest.mark.parametrize("model", MIRRORED, ids=lambda model: model.__name__)
def test_copies_of_payloads_are_closed_to_who_may_see_none(client, staff, model):
    staff.user_permissions.remove(Permission.objects.get(codename="view_payload"))
    assert client.get(address(model, "changelist")).status_code == 403


def test_secrets_are_not_shown_to_staff(client, staff):
    key = APIKey.objects.create(id="key_1", type="secret", secret=SECRET, livemode=False)
    endpoint = WebhookEndpoint.objects.create(
        id="we_1", secret="whsec_open", url="https://a.example", livemode=False, enabled_events=["*"]
    )
    for model, row in ((APIKey, key), (WebhookEndpoint, endpoint)):
        assert client.get(address(model, "change", row.pk)).status_code == 403


IN_A_HOST = """
import django
from django.conf import settings

from stripeflow_site import settings as site

ours = [app for app in site.INSTALLED_APPS if "stripeflow_site" not in app]
packages = ["django.contrib.admin", "djstripe", "django_q"]
others = [app for app in ours if app not in packages]
settings.configure(
    INSTALLED_APPS={order},
    DATABASES=site.DATABASES,
    ROOT_URLCONF="stripeflow_site.urls",
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    SECRET_KEY="x",
    STRIPEFLOW={{"GUARD_ADMINS": {guarded}}},
)
django.setup()
from django.contrib import admin
from django_q.models import Schedule

from stripeflow.triggers.checks import check_djstripe_admin
from stripeflow.triggers.queue.django_q.safety import check_admin

found = [message.id for message in check_djstripe_admin(None) + check_admin()]
print(",".join(found), admin.site.is_registered(Schedule))
"""


@pytest.mark.parametrize("order", ["[*packages, *others]", "[*others, *packages]"])
@pytest.mark.parametrize(
    ("guarded", "printed"),
    [
        ([], "stripeflow.W006,stripeflow.W103 True"),
        (["djstripe"], "stripeflow.W103 True"),
        (["djstripe", "django_q"], "False"),
    ],
)
def test_host_guards_the_pages_by_a_setting_wherever_its_apps_stand(order, guarded, printed):
    script = IN_A_HOST.format(order=order, guarded=guarded)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == printed
