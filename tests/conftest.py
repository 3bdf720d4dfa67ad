"""`--no-skips` makes a skipped test a failure of the run; the queue of tests; who runs what in parallel."""

import pytest
from hypothesis import settings

from tests.in_parallel import scope_of

# The same examples each time: what passed here passes elsewhere. `make properties` looks for new ones.
settings.register_profile("gate", derandomize=True)
settings.register_profile("search", max_examples=1000, print_blob=True)
settings.load_profile("gate")

_skipped = []


def pytest_configure(config):
    """Have WhiteNoise find a static file when it is asked for; else it reads all for each test's client."""
    from django import conf

    if conf.settings.configured:  # not so for the tests of a pure package alone
        conf.settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _nothing_kept_of_another_database():
    """Each test's database gives its ids again, and holds other events."""
    from django.apps import apps

    if not apps.ready:  # a test of a pure package, run without settings
        return
    from django.core.cache import cache

    from stripeflow.triggers.recent import forget
    from stripeflow.workflows.monitoring.health import forget_checks
    from stripeflow.workflows.versions.plans import forget_plans

    # No turn of another test's person.
    cache.clear()
    forget_plans()
    forget_checks()
    forget()


@pytest.fixture
def queue():
    """The queue in memory: its messages wait in `queue.messages`, `queue.run()` does what they ask for."""
    # Imported here: the tests of the pure packages need no settings.
    from stripeflow.triggers.queue import temporarily
    from stripeflow.triggers.queue.memory import MemoryBackend

    with temporarily(MemoryBackend()) as backend:
        yield backend


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="fail if a test was skipped")


def pytest_collection_modifyitems(config, items):
    """On another database, leave out what is about PostgreSQL alone."""
    left_out = [item for item in items if item.get_closest_marker("postgresql") and not _is_postgresql()]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_postgresql():
    from django.db import connection

    return connection.vendor == "postgresql"


def pytest_runtest_logreport(report):
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    if session.config.option.no_skips and _skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    if config.option.no_skips and _skipped:
        terminalreporter.section("Skipped, which --no-skips forbids", red=True)
        for nodeid in _skipped:
            terminalreporter.line(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Send tests one by one, but those that share something to one process, so that it is made once.

    xdist's own groups do it by changing an item's `_nodeid`, which pytest 9 does not look at.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByWhatIsShared(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return scope_of(nodeid)

        def mark_test_complete(self, node, item_index, duration=0):
            """Forget it too, once all that shares something is done: xdist counts through them each time."""
            super().mark_test_complete(node, item_index, duration)
            scope = self._split_scope(self.registered_collections[node][item_index])
            if all(self.assigned_work[node][scope].values()):
                del self.assigned_work[node][scope]

    return ByWhatIsShared(config, log)
