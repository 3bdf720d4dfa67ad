"""`--no-skips` makes a skipped test a failure of the whole run."""

import pytest

_skipped = []


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="fail if a test was skipped")


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
