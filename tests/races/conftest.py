from tests.postgres import postgres_cluster, postgres_url  # noqa: F401  fixtures
from tests.workflows.conftest import _no_kept_plans, finish, recorder, start  # noqa: F401  fixtures
