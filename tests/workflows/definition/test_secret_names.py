from stripeflow.workflows.definition import secret_names


def test_no_secret_is_there_until_somebody_says_so():
    import importlib.util

    spec = importlib.util.find_spec(secret_names.__name__)
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    assert fresh.missing(["one"]) == {"one"}


def test_missing_is_what_is_not_stored(monkeypatch):
    monkeypatch.setattr(secret_names, "_stored", lambda names: names & {"one"})
    assert secret_names.missing(["one", "two"]) == {"two"}
    assert secret_names.missing([]) == set()
