from stripeflow_site.standin.identifiers import new_id


def test_id_carries_its_prefix_and_letters_only():
    prefix, _, rest = new_id("ch").partition("_")

    assert prefix == "ch"
    assert rest.isalnum()
    assert len(rest) == 24


def test_ids_do_not_repeat():
    assert len({new_id("evt") for _ in range(5000)}) == 5000
