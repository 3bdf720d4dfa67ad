from stripeflow.actions import people


def test_active_staff_are_listed_by_username(staff):
    staff("zoe_editor")
    staff("approver")
    staff("former", is_active=False)
    staff("customer", is_staff=False)
    assert [user.get_username() for user in people.active_staff()] == ["approver", "zoe_editor"]


def test_a_person_is_shown_by_full_name_and_address(staff):
    user = staff("editor", first_name="Site", last_name="Editor")
    assert people.described(user) == "Site Editor <editor@example.com>"


def test_a_person_without_name_and_address_is_shown_by_username(staff):
    assert people.described(staff("editor", email="")) == "editor"
