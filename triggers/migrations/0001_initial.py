import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='MirrorSlot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(unique=True)),
                ('token', models.UUIDField(blank=True, null=True)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('rung_at', models.DateTimeField(blank=True, null=True)),
                ('wanted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'mirror slot',
                'verbose_name_plural': 'mirror slots',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('stripe', 'Stripe'), ('schedule', 'Schedule'), ('on_demand', 'On demand')], max_length=16, verbose_name='source')),
                ('external_id', models.CharField(help_text="Stripe's evt_… ID, or the caller's own.", max_length=255, verbose_name='event ID')),
                ('body_digest', models.CharField(blank=True, editable=False, help_text='Tells events of one ID apart where Stripe gives the same one to several; else empty.', max_length=64)),
                ('type', models.CharField(max_length=255, verbose_name='type')),
                ('created', models.DateTimeField(help_text='When it happened, in whole seconds for Stripe.', verbose_name='created')),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='received')),
                ('livemode', models.BooleanField(default=False, verbose_name='live mode')),
                ('account', models.CharField(blank=True, max_length=255, verbose_name='connected account')),
                ('api_version', models.CharField(blank=True, max_length=255, verbose_name='API version')),
                ('object_type', models.CharField(blank=True, max_length=255, verbose_name='object type')),
                ('object_id', models.CharField(blank=True, max_length=255, verbose_name='object ID')),
                ('request_idempotency_key', models.CharField(blank=True, max_length=255, verbose_name='idempotency key of the causing call')),
                ('payload', models.JSONField(default=dict, verbose_name='payload')),
                ('raw_body', models.TextField(blank=True, verbose_name='body as received')),
                ('pruned_at', models.DateTimeField(blank=True, help_text='When payload and body were emptied, being old.', null=True, verbose_name='emptied')),
                ('duplicates', models.PositiveIntegerField(default=0, editable=False, verbose_name='further deliveries')),
                ('fetch_state', models.CharField(choices=[('none', 'Came whole'), ('pending', 'To be fetched'), ('done', 'Fetched'), ('failed', 'Failed')], default='none', help_text='A thin event is fetched before it is matched; attempts and error are those of matching.', max_length=16, verbose_name='fetch')),
                ('matched_at', models.DateTimeField(blank=True, null=True, verbose_name='matched')),
                ('match_due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='next match')),
                ('match_attempts', models.PositiveIntegerField(default=0, verbose_name='failed matches')),
                ('match_error', models.TextField(blank=True, verbose_name='match error')),
                ('mirror_state', models.CharField(choices=[('off', 'Not mirrored'), ('pending', 'Pending'), ('done', 'Mirrored'), ('left', 'Left alone'), ('failed', 'Failed')], default='off', max_length=16, verbose_name='mirror')),
                ('mirrored_at', models.DateTimeField(blank=True, null=True, verbose_name='mirrored')),
                ('mirror_due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='next mirror attempt')),
                ('mirror_attempts', models.PositiveIntegerField(default=0, verbose_name='mirror attempts')),
                ('mirror_error', models.TextField(blank=True, verbose_name='mirror error')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'permissions': [('view_payload', 'Can view the payload of events')],
                'indexes': [models.Index(fields=['type', 'created'], name='stripeflow_event_type'), models.Index(fields=['external_id'], name='stripeflow_event_external'), models.Index(fields=['object_id'], name='stripeflow_event_object'), models.Index(fields=['request_idempotency_key'], name='stripeflow_event_key'), models.Index(fields=['-received_at'], name='stripeflow_event_received'), models.Index(condition=models.Q(('duplicates__gt', 0)), fields=['type', 'duplicates'], name='stripeflow_event_copies'), models.Index(condition=models.Q(('matched_at__isnull', True)), fields=['match_due_at'], name='stripeflow_event_match_due'), models.Index(condition=models.Q(('matched_at__isnull', True)), fields=['livemode', 'account', 'match_due_at'], name='stripeflow_event_match_turns'), models.Index(condition=models.Q(('mirror_state', 'pending')), fields=['mirror_due_at'], name='stripeflow_event_mirror_due')],
                'constraints': [models.UniqueConstraint(fields=('source', 'external_id', 'account', 'livemode', 'body_digest'), name='stripeflow_event_identity')],
            },
        ),
    ]
