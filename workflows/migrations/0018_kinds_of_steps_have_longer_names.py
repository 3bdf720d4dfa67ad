
from django.db import migrations, models

class Migration(migrations.Migration):

    dependencies = [
        ('stripeflow_workflows', '0017_activations_are_found_by_source_and_topic'),
    ]

    operations = [
        migrations.AlterField(
            model_name='step',
            name='kind',
            field=models.CharField(default='action', max_length=16, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='steprun',
            name='kind',
            field=models.CharField(max_length=16, verbose_name='kind'),
        ),
    ]
