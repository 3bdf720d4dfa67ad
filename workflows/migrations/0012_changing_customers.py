"""A permission of its own for workflows that change customers. Who could set them off still can.

Going back leaves the permission and the scope where they were given: older code asks for neither.
"""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

NAME, TITLE = "run_customer_changing_workflow", "Can activate and run workflows that change customers"
# What has set such workflows off: activating, acting on runs, ending a stop, replacing a secret.
SETS_OFF = ("activate_workflow", "change_run", "use_switch", "change_secret")
SCOPES = ("run", "edit", "publish")


def keep_what_people_could(apps, schema_editor):
    """Give it to the users and groups that have one of `SETS_OFF`; a new installation has none."""
    permissions = apps.get_model("auth", "Permission").objects
    old = permissions.filter(content_type__app_label="stripeflow_workflows", codename__in=SETS_OFF)
    if not old.exists():
        return
    types = apps.get_model("contenttypes", "ContentType").objects
    kind, _made = types.get_or_create(app_label="stripeflow_workflows", model="workflow")
    new, _made = permissions.get_or_create(content_type=kind, codename=NAME, defaults={"name": TITLE})
    for group in apps.get_model("auth", "Group").objects.filter(permissions__in=old).distinct():
        group.permissions.add(new)
    users = apps.get_model(settings.AUTH_USER_MODEL)
    # A project may have users of another kind, who get their permissions from elsewhere.
    if hasattr(users, "user_permissions"):
        for user in users._base_manager.filter(user_permissions__in=old).distinct():
            user.user_permissions.add(new)


def keep_what_tokens_could(apps, schema_editor):
    """Give the scope to the tokens that have one of `SCOPES`."""
    tokens = apps.get_model("stripeflow_workflows", "ApiToken").objects
    acting = Q()
    for scope in SCOPES:
        acting |= Q(scopes__contains=scope)
    for token in tokens.filter(acting):
        words = token.scopes.split()
        # Before the strongest one, as `token_scope` orders them.
        at = words.index("money") if "money" in words else len(words)
        tokens.filter(pk=token.pk).update(scopes=" ".join([*words[:at], "customers", *words[at:]]))


class Migration(migrations.Migration):

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('stripeflow_workflows', '0011_audit_log_entries'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='workflow',
            options={'ordering': ('name', 'id'), 'permissions': [('activate_workflow', 'Can activate, deactivate and archive workflows'), ('run_money_moving_workflow', 'Can activate and run workflows that move money'), ('run_customer_changing_workflow', 'Can activate and run workflows that change customers')], 'verbose_name': 'workflow', 'verbose_name_plural': 'workflows'},
        ),
        migrations.AlterField(
            model_name='run',
            name='held_reason',
            field=models.CharField(blank=True, choices=[('paused', 'The workflow is paused.'), ('switch', 'All workflows are stopped.'), ('object', 'Too many runs for this object within an hour.'), ('restored', 'A backup was restored; a step may be done that nobody can recognise.'), ('undecided', 'A condition is unknown, so no branch could be chosen.'), ('deauthorized', 'The account has disconnected the application.'), ('account_paused', 'The workflow is paused for this account and mode.'), ('awaits_release', 'It moves money, destroys something or changes customers, and waits for somebody who may release it.')], max_length=16, verbose_name='held because'),
        ),
        migrations.RunPython(keep_what_people_could, migrations.RunPython.noop),
        migrations.RunPython(keep_what_tokens_could, migrations.RunPython.noop),
    ]
