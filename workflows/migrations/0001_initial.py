import django.core.validators
import django.db.models.deletion
import django.db.models.fields.json
import django.db.models.functions.text
import django.utils.timezone
import uuid
import stripeflow.workflows.models.workflow
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('stripeflow_triggers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Beat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255, unique=True)),
                ('at', models.DateTimeField()),
                ('host', models.CharField(max_length=200)),
                ('pid', models.PositiveBigIntegerField()),
            ],
            options={
                'verbose_name': 'heartbeat',
                'verbose_name_plural': 'heartbeats',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Branch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('key', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,59}$', 'A key is at most 60 lower-case letters, digits and underscores, and starts with a letter.')], verbose_name='key')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('match', models.CharField(choices=[('all', 'all of these conditions are met'), ('any', 'any of these conditions is met'), ('none', 'none of these conditions is met')], default='all', max_length=4, verbose_name='taken if')),
                ('otherwise', models.BooleanField(default=False, editable=False, verbose_name='all other cases')),
                ('on_error', models.BooleanField(default=False, editable=False, verbose_name='error branch')),
            ],
            options={
                'verbose_name': 'branch',
                'verbose_name_plural': 'branches',
                'ordering': ('otherwise', 'position', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Trigger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.CharField(choices=[('stripe_event', 'A Stripe event')], default='stripe_event', max_length=32, verbose_name='starts on')),
                ('event_types', models.JSONField(blank=True, default=list, help_text='Each of these Stripe events starts the workflow.', verbose_name='events')),
                ('mode', models.CharField(blank=True, choices=[('live', 'Live events only'), ('test', 'Test events only'), ('both', 'Live and test events')], max_length=4, verbose_name='mode')),
                ('accounts', models.CharField(blank=True, choices=[('own', 'Your own account'), ('connected', 'All connected accounts'), ('all', 'Your own account and all connected accounts'), ('listed', 'Some connected accounts')], max_length=9, verbose_name='accounts')),
                ('listed_accounts', models.JSONField(blank=True, default=list, verbose_name='listed accounts')),
                ('match', models.CharField(choices=[('all', 'all of these conditions are met'), ('any', 'any of these conditions is met'), ('none', 'none of these conditions is met')], default='all', max_length=4, verbose_name='start only if')),
            ],
            options={
                'verbose_name': 'trigger',
                'verbose_name_plural': 'triggers',
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='What the token is for.', max_length=100, verbose_name='name')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('hint', models.CharField(editable=False, max_length=16, verbose_name='starts with')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used at')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked at')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Deauthorization',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('livemode', models.BooleanField(verbose_name='live mode')),
                ('account', models.CharField(max_length=255, verbose_name='connected account')),
                ('told_at', models.DateTimeField(verbose_name='as of')),
                ('deauthorized_at', models.DateTimeField(blank=True, null=True, verbose_name='disconnected at')),
                ('held_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'verbose_name': 'disconnected account',
                'verbose_name_plural': 'disconnected accounts',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('livemode', 'account'), name='stripeflow_deauthorization_unique')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('waiting', 'Waiting'), ('held', 'Held'), ('outcome_unknown', 'Outcome unknown'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('canceled', 'Canceled')], default='queued', max_length=16, verbose_name='status')),
                ('object_id', models.CharField(blank=True, max_length=255, verbose_name='object')),
                ('livemode', models.BooleanField(default=False, verbose_name='live mode')),
                ('account', models.CharField(blank=True, max_length=255, verbose_name='connected account')),
                ('explanation', models.JSONField(blank=True, null=True, verbose_name='why it started')),
                ('error', models.JSONField(blank=True, null=True, verbose_name='error')),
                ('held_reason', models.CharField(blank=True, choices=[('paused', 'The workflow is paused.'), ('switch', 'All workflows are stopped.'), ('object', 'Too many runs for this object within an hour.'), ('restored', 'A backup was restored; a step may be done that nobody can recognise.'), ('undecided', 'A condition is unknown, so no branch could be chosen.'), ('deauthorized', 'The account has disconnected the application.'), ('account_paused', 'The workflow is paused for this account and mode.')], max_length=16, verbose_name='held because')),
                ('released_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('depth', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('token', models.UUIDField(blank=True, editable=False, null=True)),
                ('lease_expires_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('claims', models.PositiveIntegerField(default=0, editable=False, verbose_name='times taken by a worker')),
                ('idle_claims', models.PositiveIntegerField(default=0, editable=False)),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='next attempt at')),
                ('rung_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('queued_at', models.DateTimeField(blank=True, default=django.utils.timezone.now, editable=False, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('pruned_at', models.DateTimeField(blank=True, help_text='When its inputs and outputs were emptied, being old.', null=True, verbose_name='emptied')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stripeflow_triggers.event', verbose_name='event')),
                ('rerun_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reruns', to='stripeflow_workflows.run')),
            ],
            options={
                'verbose_name': 'run',
                'verbose_name_plural': 'runs',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='RunOperation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('cancel', 'Canceled'), ('retry', 'Tried again from the failed step'), ('release', 'Released'), ('happened', 'Said that the step did happen'), ('did_not_happen', 'Said that the step did not happen'), ('again', 'Had the step done again'), ('choose', 'Chose the branch'), ('rerun', 'Started again'), ('replay', 'Started by a replay of its event')], max_length=20, verbose_name='what')),
                ('step', models.CharField(blank=True, max_length=300, verbose_name='step')),
                ('branch', models.CharField(blank=True, max_length=60, verbose_name='branch')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='operations', to='stripeflow_workflows.run')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
            ],
            options={
                'verbose_name': 'operation on a run',
                'verbose_name_plural': 'operations on runs',
                'ordering': ('at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Spending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=40)),
                ('livemode', models.BooleanField()),
                ('account', models.CharField(blank=True, max_length=255)),
                ('day', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('amount', models.BigIntegerField(default=0, help_text='Minor units.')),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('scope', 'livemode', 'account', 'day', 'currency'), name='stripeflow_spending_unique')],
            },
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('key', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]{0,59}$', 'A key is at most 60 lower-case letters, digits and underscores, and starts with a letter.')], verbose_name='key')),
                ('kind', models.CharField(choices=[('action', 'Action'), ('branch', 'Branch')], default='action', max_length=8, verbose_name='kind')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('action', models.CharField(blank=True, max_length=100, verbose_name='action')),
                ('inputs', models.JSONField(blank=True, default=dict, verbose_name='inputs')),
                ('on_error', models.CharField(choices=[('stop', 'Stop the run'), ('continue', 'Go on with the next step'), ('branch', 'Take the error branch')], default='stop', max_length=16, verbose_name='if it fails')),
                ('acts_as', models.CharField(choices=[('event', 'The account of the event'), ('platform', 'Your own account (the platform)')], default='event', max_length=8, verbose_name='acts as')),
                ('retry', models.JSONField(blank=True, default=dict, verbose_name='tried again')),
                ('if_undecided', models.CharField(blank=True, choices=[('otherwise', 'Take “All other cases”'), ('stop', 'Stop for a person')], max_length=16, verbose_name='if it cannot be decided')),
                ('branch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='stripeflow_workflows.branch')),
            ],
            options={
                'verbose_name': 'step',
                'verbose_name_plural': 'steps',
                'ordering': ('position', 'id'),
            },
        ),
        migrations.AddField(
            model_name='branch',
            name='step',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='branches', to='stripeflow_workflows.step'),
        ),
        migrations.CreateModel(
            name='Switch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stopped_at', models.DateTimeField(blank=True, null=True, verbose_name='stopped at')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
            ],
            options={
                'verbose_name': 'kill switch',
                'verbose_name_plural': 'kill switch',
                'permissions': [('use_switch', 'Can stop all workflows, and start them again')],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Condition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('kind', models.CharField(choices=[('test', 'Condition'), ('group', 'Group of conditions'), ('list', 'Conditions on the items of a list')], default='test', max_length=8, verbose_name='kind')),
                ('field', models.CharField(blank=True, max_length=300, verbose_name='field')),
                ('operator', models.CharField(blank=True, max_length=50, verbose_name='operator')),
                ('value', models.JSONField(blank=True, null=True, verbose_name='value')),
                ('read_as', models.CharField(blank=True, choices=[('number', 'a number'), ('date', 'a date'), ('boolean', 'yes or no'), ('count', 'the number of items')], max_length=8, verbose_name='compared as')),
                ('match', models.CharField(choices=[('all', 'all of these conditions are met'), ('any', 'any of these conditions is met'), ('none', 'none of these conditions is met')], default='all', max_length=4, verbose_name='met if')),
                ('quantifier', models.CharField(choices=[('any', 'any item'), ('all', 'every item'), ('none', 'no item')], default='any', max_length=4, verbose_name='for')),
                ('branch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='stripeflow_workflows.branch')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='stripeflow_workflows.condition')),
                ('trigger', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='stripeflow_workflows.trigger')),
            ],
            options={
                'verbose_name': 'condition',
                'verbose_name_plural': 'conditions',
                'ordering': ('position', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Workflow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('active', 'Active'), ('inactive', 'Inactive'), ('archived', 'Archived')], db_index=True, default='draft', max_length=16, verbose_name='status')),
                ('paused_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='paused at')),
                ('paused_reason', models.CharField(blank=True, editable=False, max_length=500, verbose_name='reason of the pause')),
                ('refund_caps', models.JSONField(blank=True, default=dict, help_text="By currency, in minor units. Without one, only the installation's limit holds.", verbose_name='daily refund limits')),
                ('template_key', models.CharField(blank=True, editable=False, max_length=100, verbose_name='made from template')),
                ('revision', models.PositiveIntegerField(default=1, editable=False, verbose_name='revision')),
                ('run_seed', models.CharField(default=stripeflow.workflows.models.workflow.new_seed, editable=False, max_length=32, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('owner', models.ForeignKey(blank=True, help_text='Is told when a run fails or the workflow is paused.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'workflow',
                'verbose_name_plural': 'workflows',
                'ordering': ('name', 'id'),
                'permissions': [('activate_workflow', 'Can activate, deactivate and archive workflows'), ('run_money_moving_workflow', 'Can activate and run workflows that move money')],
            },
        ),
        migrations.AddField(
            model_name='trigger',
            name='workflow',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='trigger', to='stripeflow_workflows.workflow', verbose_name='workflow'),
        ),
        migrations.AddField(
            model_name='step',
            name='workflow',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='stripeflow_workflows.workflow'),
        ),
        migrations.AddField(
            model_name='run',
            name='workflow',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='stripeflow_workflows.workflow', verbose_name='workflow'),
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255, unique=True)),
                ('livemode', models.BooleanField()),
                ('account', models.CharField(blank=True, max_length=255)),
                ('day', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('amount', models.BigIntegerField()),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='stripeflow_workflows.workflow')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Edit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('document', models.JSONField()),
                ('is_undone', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='edits', to='stripeflow_workflows.workflow')),
            ],
            options={
                'ordering': ('-revision',),
            },
        ),
        migrations.CreateModel(
            name='AccountPause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('livemode', models.BooleanField(verbose_name='live mode')),
                ('account', models.CharField(blank=True, max_length=255, verbose_name='connected account')),
                ('cause', models.CharField(choices=[('refused', 'Stripe refused the key.'), ('flood', 'Too many runs started within a minute.')], max_length=8, verbose_name='cause')),
                ('paused_at', models.DateTimeField(verbose_name='paused at')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason of the pause')),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_pauses', to='stripeflow_workflows.workflow')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='WorkflowVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('document', models.JSONField(verbose_name='definition')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='stripeflow_workflows.workflow', verbose_name='workflow')),
            ],
            options={
                'verbose_name': 'version',
                'verbose_name_plural': 'versions',
                'ordering': ('-number',),
            },
        ),
        migrations.AddField(
            model_name='workflow',
            name='active_version',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stripeflow_workflows.workflowversion', verbose_name='active version'),
        ),
        migrations.CreateModel(
            name='StepRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run_created_at', models.DateTimeField(editable=False)),
                ('path', models.CharField(max_length=300, verbose_name='step')),
                ('step_key', models.CharField(max_length=60)),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('kind', models.CharField(max_length=8, verbose_name='kind')),
                ('action', models.CharField(blank=True, max_length=100, verbose_name='action')),
                ('status', models.CharField(choices=[('started', 'Started'), ('waiting', 'Waiting'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('skipped', 'Skipped'), ('outcome_unknown', 'Outcome unknown')], default='started', max_length=16, verbose_name='status')),
                ('inputs', models.JSONField(blank=True, null=True, verbose_name='inputs')),
                ('outputs', models.JSONField(blank=True, null=True, verbose_name='outputs')),
                ('made_id', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Left(django.db.models.fields.json.KeyTextTransform('id', 'outputs'), 255), output_field=models.CharField(max_length=255, null=True))),
                ('error', models.JSONField(blank=True, null=True, verbose_name='error')),
                ('branch_key', models.CharField(blank=True, max_length=60, verbose_name='branch taken')),
                ('explanation', models.JSONField(blank=True, null=True, verbose_name='why')),
                ('token', models.UUIDField(blank=True, editable=False, null=True)),
                ('group', models.PositiveIntegerField(default=1, editable=False, verbose_name='try of a person')),
                ('superseded_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('idempotency_key', models.CharField(blank=True, db_index=True, max_length=255, verbose_name='idempotency key')),
                ('attempts', models.PositiveIntegerField(default=1, verbose_name='attempts')),
                ('interruptions', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('may_have_acted', models.BooleanField(default=False, editable=False)),
                ('look_up', models.CharField(blank=True, choices=[('due', 'It is looked up whether it happened, before anything is sent again.'), ('found', 'Found when it was looked up: it had happened, and was not sent again.'), ('not_found', 'Not found when it was looked up: it was sent again with a new key.'), ('unclear', 'It was looked up, and nobody can tell from that whether it happened.')], editable=False, max_length=12, verbose_name='look-up')),
                ('look_ups', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('started_at', models.DateTimeField(verbose_name='started at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='stripeflow_workflows.run')),
                ('version', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stripeflow_workflows.workflowversion')),
            ],
            options={
                'verbose_name': 'step run',
                'verbose_name_plural': 'step runs',
                'ordering': ('id',),
            },
        ),
        migrations.AddField(
            model_name='run',
            name='version',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='stripeflow_workflows.workflowversion', verbose_name='version'),
        ),
        migrations.CreateModel(
            name='Activation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_type', models.CharField(max_length=100)),
                ('livemode', models.BooleanField(blank=True, null=True)),
                ('accounts', models.CharField(choices=[('own', 'Your own account'), ('connected', 'All connected accounts'), ('all', 'Your own account and all connected accounts'), ('listed', 'Some connected accounts')], default='all', max_length=9)),
                ('listed', models.TextField(blank=True)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('workflow', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='activations', to='stripeflow_workflows.workflow')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='activations', to='stripeflow_workflows.workflowversion')),
            ],
            options={
                'verbose_name': 'activation',
                'verbose_name_plural': 'activations',
                'ordering': ('started_at', 'id'),
            },
        ),
        migrations.AddConstraint(
            model_name='branch',
            constraint=models.UniqueConstraint(fields=('step', 'key'), name='stripeflow_branch_key_unique'),
        ),
        migrations.AddConstraint(
            model_name='branch',
            constraint=models.UniqueConstraint(condition=models.Q(('otherwise', True)), fields=('step',), name='stripeflow_branch_one_otherwise'),
        ),
        migrations.AddConstraint(
            model_name='branch',
            constraint=models.UniqueConstraint(condition=models.Q(('on_error', True)), fields=('step',), name='stripeflow_branch_one_on_error'),
        ),
        migrations.AddConstraint(
            model_name='branch',
            constraint=models.CheckConstraint(condition=models.Q(('otherwise', False), ('on_error', False), _connector='OR'), name='stripeflow_branch_is_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='condition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('branch__isnull', True), ('parent__isnull', True), ('trigger__isnull', False)), models.Q(('branch__isnull', False), ('parent__isnull', True), ('trigger__isnull', True)), models.Q(('branch__isnull', True), ('parent__isnull', False), ('trigger__isnull', True)), _connector='OR'), name='stripeflow_condition_has_one_home'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.UniqueConstraint(fields=('workflow', 'key'), name='stripeflow_step_key_unique'),
        ),
        migrations.AddConstraint(
            model_name='edit',
            constraint=models.UniqueConstraint(fields=('workflow', 'revision'), name='stripeflow_edit_once_per_revision'),
        ),
        migrations.AddConstraint(
            model_name='accountpause',
            constraint=models.UniqueConstraint(fields=('workflow', 'livemode', 'account'), name='stripeflow_account_pause_unique'),
        ),
        migrations.AddConstraint(
            model_name='workflowversion',
            constraint=models.UniqueConstraint(fields=('workflow', 'number'), name='stripeflow_version_number_unique'),
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['version', 'step_key', 'status', 'branch_key', 'run_created_at'], name='stripeflow_step_counts'),
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(fields=['made_id'], name='stripeflow_step_made'),
        ),
        migrations.AddConstraint(
            model_name='steprun',
            constraint=models.UniqueConstraint(fields=('run', 'path', 'group'), name='stripeflow_step_once_per_group'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('status__in', ['queued', 'waiting', 'running'])), fields=['status', 'due_at'], name='stripeflow_run_due'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('status__in', ['held', 'outcome_unknown', 'failed', 'canceled'])), fields=['status', '-created_at'], name='stripeflow_run_attention'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['-created_at'], name='stripeflow_run_newest'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['workflow', '-created_at'], name='stripeflow_run_by_workflow'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['object_id', 'livemode', 'account', 'workflow', '-created_at'], name='stripeflow_run_by_object'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['account', 'livemode', 'workflow', '-created_at'], name='stripeflow_run_by_account'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('status__in', ['queued', 'waiting'])), fields=['status', 'livemode', 'account', 'due_at'], name='stripeflow_run_turns'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['version', 'status', 'created_at'], name='stripeflow_run_counts'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(condition=models.Q(('rerun_of__isnull', True)), fields=('workflow', 'event'), name='stripeflow_run_once_per_event'),
        ),
        migrations.AddIndex(
            model_name='activation',
            index=models.Index(fields=['event_type', 'ended_at', 'started_at'], name='stripeflow_activation_match'),
        ),
        migrations.AddConstraint(
            model_name='activation',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('workflow', 'event_type'), name='stripeflow_activation_one_open'),
        ),
        migrations.AddConstraint(
            model_name='activation',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='stripeflow_activation_ends_after_start'),
        ),
    ]
