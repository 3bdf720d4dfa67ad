"""The clock of the state machine."""

from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)


class FakeClock:
    """Our clock, which somebody may set, and the true one, which others go by."""

    def __init__(self) -> None:
        self.now = self.true = BEGIN

    def forward(self, by: timedelta) -> None:
        self.now += by
        self.true += by

    def jump(self, by: timedelta) -> None:
        self.now += by

    @property
    def is_right(self) -> bool:
        return self.now == self.true
