from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("sales", "0003_cohorts")]

    operations = [
        TrigramExtension(),
        migrations.RemoveIndex(model_name="customer", name="customer_by_email"),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                "store", OpClass(Upper("email"), "text_pattern_ops"), name="customer_by_email"
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="customer_by_name"),
        ),
        migrations.RemoveIndex(model_name="order", name="order_by_number"),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                "store", OpClass(Upper("number"), "text_pattern_ops"), name="order_by_number"
            ),
        ),
    ]
