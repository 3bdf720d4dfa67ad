import stat

import pytest

from stripeflow_site.secret_key import kept_secret, local_secret_key


def test_secret_is_made_once(tmp_path):
    path = tmp_path / "secret"
    assert kept_secret(path) == kept_secret(path)


def test_two_installations_have_different_secrets(tmp_path):
    assert kept_secret(tmp_path / "one") != kept_secret(tmp_path / "two")


def test_only_the_owner_may_read_it(tmp_path):
    kept_secret(tmp_path / "secret")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_secret_key_is_long_enough(tmp_path):
    assert len(local_secret_key(tmp_path)) >= 64


def test_empty_secret_key_is_refused(tmp_path):
    (tmp_path / "secret_key").touch()
    with pytest.raises(RuntimeError, match="is empty"):
        local_secret_key(tmp_path)
