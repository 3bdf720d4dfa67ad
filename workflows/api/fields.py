"""Fields that are the same in every host project, whatever its REST_FRAMEWORK settings say of formats."""

from datetime import UTC, tzinfo
from typing import Any

from rest_framework import ISO_8601, serializers


class TimeField(serializers.DateTimeField):
    """A time in ISO 8601, told in UTC. One that is given without a zone is in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format=ISO_8601, input_formats=[ISO_8601], **options)

    def default_timezone(self) -> tzinfo:
        return UTC
