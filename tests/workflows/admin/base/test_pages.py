"""Pages of the admin are classes: each asks for its permission first, and answers what it says it does."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse

from stripeflow.workflows.admin.base.pages import AdminPage, PagedAdmin
from stripeflow.workflows.models import Switch

OURS = [one for one in admin.site._registry.values() if isinstance(one, PagedAdmin)]
PAGES = [(owner, page) for owner in OURS for page in owner.pages]
STAFF = User(username="staff", is_staff=True, is_active=True)


class NumberPage(AdminPage):
    """A page that shows."""

    name = "number"
    route = "<int:number>/{name}/"

    @staticmethod
    def permission(user):
        return user.username == "staff"

    def get(self, request, number):
        return HttpResponse(str(number))


class PressButton(NumberPage):
    name = "press"

    def get(self, request, number):
        return AdminPage.get(self, request)

    def post(self, request, number):
        return HttpResponse("pressed")


class NamelessPermission(AdminPage):
    name = "open"


class NumberAdmin(PagedAdmin):
    pages = (NumberPage, PressButton)


@pytest.fixture
def urls():
    found = NumberAdmin(Switch, admin.site).get_urls()
    return {one.name.removeprefix("stripeflow_workflows_switch_"): one for one in found if one.name}


@pytest.fixture
def asked(rf, urls):
    """Ask a page by this method, as this user."""

    def asked(name, method="get", user=STAFF):
        request = getattr(rf, method)("/")
        request.user, request._dont_enforce_csrf_checks = user, True
        return urls[name].callback(request, number=7)

    return asked


@pytest.mark.parametrize(("owner", "page"), PAGES, ids=lambda one: getattr(one, "__name__", ""))
def test_every_page_has_a_name_an_address_and_a_permission(owner, page):
    pattern = page.pattern(owner)
    assert pattern.name == page.url_name(owner)
    assert page.name in pattern.name
    assert pattern.callback.question is page.permission
    assert page.get is not AdminPage.get or page.post is not AdminPage.post


@pytest.mark.parametrize("owner", OURS, ids=lambda one: one.opts.model_name)
def test_no_two_pages_share_a_name_or_an_address(owner):
    assert len({page.name for page in owner.pages}) == len(owner.pages)
    assert len({str(page.pattern(owner).pattern) for page in owner.pages}) == len(owner.pages)


def test_a_page_is_found_by_its_model_and_name(urls):
    assert str(urls["number"].pattern) == "<int:number>/number/"
    assert "changelist" in urls


def test_the_page_is_given_what_stands_in_the_address(asked):
    assert asked("number").content == b"7"
    assert asked("number", "head").status_code == 200


@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize("page", ["number", "press"])
def test_the_permission_is_asked_before_the_method(asked, page, method):
    with pytest.raises(PermissionDenied):
        asked(page, method, User(username="other", is_staff=True, is_active=True))


def test_who_is_not_staff_is_led_to_the_log_in(asked, db):
    answer = asked("number", user=AnonymousUser())
    assert answer.status_code == 302
    assert reverse("admin:login") in answer["Location"]


def test_a_page_that_shows_takes_no_posts(asked):
    assert asked("number", "post").status_code == 405


def test_a_button_cannot_be_opened(asked):
    assert asked("press", "post").content == b"pressed"
    with pytest.raises(Http404):
        asked("press", "get")


def test_other_methods_are_not_answered(asked):
    assert asked("press", "delete").status_code == 405


def test_a_page_without_a_permission_gets_no_address():
    with pytest.raises(AttributeError, match="permission"):
        NamelessPermission.pattern(NumberAdmin(Switch, admin.site))
