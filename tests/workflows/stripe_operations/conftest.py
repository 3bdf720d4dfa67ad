from tests.actions.conftest import context, make_context, running_standin, standin  # noqa: F401 - fixtures
