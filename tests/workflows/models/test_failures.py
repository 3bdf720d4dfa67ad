from stripeflow.actions.wording import worded
from stripeflow.workflows.models.failures import failure, public_sentence, sentence, shown, with_reason

TOLD = worded("No such charge: {id}.", id="ch_secret")


def test_the_message_is_for_those_who_may_see_payloads():
    kept = failure("not_found", TOLD, details={"param": "secret"})
    assert sentence(kept, payloads=True) == "No such charge: ch_secret."
    assert sentence(kept, payloads=False) == "No such charge: …."


def test_what_is_shown_has_no_details_without_the_permission():
    kept = failure("not_found", TOLD, details={"param": "secret"}, step="one")
    known = {"code": "not_found", "step": "one"}
    assert shown(kept, payloads=True) == known | {
        "message": "No such charge: ch_secret.",
        "details": {"param": "secret"},
    }
    assert shown(kept, payloads=False) == known | {"message": "No such charge: ….", "details": None}


def test_an_error_that_tells_no_public_sentence_shows_only_its_code():
    """One of an older row, or of an action that gives a plain text."""
    for kept in ({"code": "odd", "message": "It was secret."}, failure("odd", "It was secret.")):
        told = sentence(kept, payloads=False)
        assert "odd" in told
        assert "secret" not in told
        assert sentence(kept, payloads=True) == "It was secret."
    assert public_sentence("odd", "It was secret.") == told


def test_no_error_is_shown_as_none():
    assert (shown(None, payloads=True), sentence(None, payloads=False)) == (None, "")


def test_a_reason_is_added_to_both_sentences():
    kept = with_reason(failure("key_expired", worded("Too old.")), TOLD)
    assert (kept["message"], kept["public"]) == (
        "Too old. No such charge: ch_secret.",
        "Too old. No such charge: ….",
    )


def test_a_plain_reason_is_added_for_those_alone_who_may_see_values():
    kept = with_reason(failure("key_expired", worded("Too old.")), "It was secret.")
    assert (kept["message"], kept["public"]) == ("Too old. It was secret.", "Too old.")


def test_a_reason_makes_no_older_error_public():
    assert "public" not in with_reason({"code": "odd", "message": "It was secret."}, TOLD)
