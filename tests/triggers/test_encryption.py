import pytest
from cryptography.fernet import Fernet

from stripeflow.triggers import encryption

ONE, TWO = (Fernet.generate_key().decode() for _number in range(2))


@pytest.fixture
def keys(settings):
    """Sets the keys that encrypt."""

    def set_keys(*keys):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": list(keys)}

    return set_keys


def test_what_is_kept_does_not_show_the_text_and_gives_it_back(keys):
    keys(ONE)
    kept = encryption.encrypted("a sécret")
    assert "cret" not in kept
    assert encryption.is_encrypted(kept)
    assert not encryption.is_encrypted("whsec_a")
    assert encryption.decrypted(kept) == "a sécret"


def test_every_key_decrypts_and_the_first_one_encrypts(keys):
    keys(ONE)
    old = encryption.encrypted("a")
    keys(TWO, ONE)
    assert encryption.decrypted(old) == "a"
    new = encryption.encrypted("a")
    keys(TWO)
    assert encryption.decrypted(new) == "a"
    with pytest.raises(encryption.CannotDecrypt):
        encryption.decrypted(old)


def test_rotation_brings_a_value_under_the_first_key_once(keys):
    keys(ONE)
    old = encryption.encrypted("a")
    assert encryption.rotated(old) == old
    keys(TWO, ONE)
    new = encryption.rotated(old)
    assert encryption.rotated(new) == new
    keys(TWO)
    assert encryption.decrypted(new) == "a"


def test_without_keys_they_follow_from_the_secret_key_and_its_fallbacks(keys, settings):
    keys()
    settings.SECRET_KEY = "of-today"
    kept = encryption.encrypted("a")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "of-tomorrow", ["of-today"]
    assert encryption.decrypted(kept) == "a"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(encryption.CannotDecrypt):
        encryption.decrypted(kept)


def test_what_was_encrypted_before_there_were_keys_is_still_read(keys):
    keys()
    kept = encryption.encrypted("a")
    keys(ONE)
    assert encryption.decrypted(kept) == "a"
    assert encryption.rotated(kept) != kept


@pytest.mark.parametrize("kept", ["", "fernet:", "fernet:abc", "fernet:ü", "whsec_a"])
def test_what_is_no_such_value_cannot_be_decrypted(keys, kept):
    keys(ONE)
    with pytest.raises(encryption.CannotDecrypt):
        encryption.decrypted(kept)


def test_a_key_may_lack_its_padding(keys):
    keys(ONE)
    kept = encryption.encrypted("a")
    keys(ONE.rstrip("="))
    assert encryption.decrypted(kept) == "a"


@pytest.mark.parametrize(
    "key", ["", "abc", "ü" * 43, ONE[:-3], ONE + "aaaa"], ids=["none", "short", "foreign", "cut", "long"]
)
def test_what_is_no_key_is_refused(key):
    with pytest.raises(ValueError):  # noqa: PT011
        encryption.fernet_key(key)
