import gc
import os
import signal

import pytest

from stripeflow.workflows.worker.forked import Forked


@pytest.fixture(autouse=True)
def garbage_collection():
    """As it is in other tests."""
    yield
    gc.unfreeze()


@pytest.fixture
def answer():
    """What a forked process says of itself."""

    def answer(question, **environment):
        ours, theirs = os.pipe()
        process = Forked(lambda: os.write(theirs, str(question()).encode()), environment=environment)
        os.close(theirs)
        with os.fdopen(ours) as said:
            text = said.read()
        assert process.wait() == 0
        return text

    return answer


def wait_for_signals():
    while True:
        signal.pause()


def test_it_leads_a_session_and_a_group_of_its_own(answer):
    assert answer(lambda: os.getpid() == os.getsid(0) == os.getpgid(0)) == "True"


def test_its_group_is_there_as_soon_as_it_is_started():
    process = Forked(wait_for_signals, environment={})
    assert os.getpgid(process.pid) == process.pid
    process.kill()
    process.wait()


def test_it_has_the_additional_environment(answer):
    assert answer(lambda: os.environ["QUEUE_OF"], QUEUE_OF="ours") == "ours"
    assert "QUEUE_OF" not in os.environ


def test_it_collects_garbage_but_not_what_it_shares(answer):
    assert answer(lambda: gc.isenabled() and gc.get_freeze_count() > 0) == "True"


def test_it_ends_by_the_signals_that_its_starter_handles(monkeypatch):
    seen = []
    before = signal.signal(signal.SIGTERM, lambda *_: seen.append(True))
    try:
        process = Forked(wait_for_signals, environment={})
        assert process.poll() is None
        process.terminate()
        assert process.wait() == -signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == []


def test_signals_reach_its_starter_after_the_fork():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    Forked(lambda: None, environment={}).wait()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_it_is_killed_and_its_end_is_known_for_good():
    process = Forked(wait_for_signals, environment={})
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert process.poll() == -signal.SIGKILL
    process.terminate()  # and its id is not asked again


def fail():
    raise ValueError("The sample fails.")


def exit_with_three():
    raise SystemExit(3)


@pytest.mark.parametrize(("work", "code"), [(lambda: None, 0), (fail, 1), (exit_with_three, 3)])
def test_its_exit_code_says_how_it_ended(work, code):
    assert Forked(work, environment={}).wait() == code


def test_what_it_raises_is_printed_and_goes_no_further(capfd):
    Forked(fail, environment={}).wait()
    assert "The sample fails." in capfd.readouterr().err
