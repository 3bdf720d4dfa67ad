from django.db import models


class Order(models.Model):
    status = models.CharField(max_length=20, default="open")
    total = models.IntegerField(default=0)  # in cents
    charge = models.CharField(max_length=255, blank=True)

    class Meta:
        app_label = "shop"

    def __str__(self) -> str:
        return f"Order {self.pk}"
