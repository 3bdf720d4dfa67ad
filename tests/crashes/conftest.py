from tests.postgres import postgres_cluster, postgres_url  # noqa: F401  fixtures
from tests.workflows.conftest import finish, recorder, start  # noqa: F401  fixtures
