import pytest

from tests.actions.outbound.hostile import Hostile


@pytest.fixture
def serve(settings):
    """Starts a server that answers by a script, and lets requests go there."""
    started = []

    def start(script, **options):
        server = Hostile(script, **options).__enter__()
        started.append(server)
        allowed = [one.origin for one in started]
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OUTBOUND_ALLOWED_ORIGINS": allowed}
        return server

    yield start
    for server in started:
        server.__exit__()
