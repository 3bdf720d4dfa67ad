"""The address of a run's page is read from the project's addresses once, whatever these are."""

from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path, reverse, set_script_prefix

from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.models import Run

urlpatterns = [path("no-admin-here/", HttpResponse)]


@pytest.fixture
def run():
    return Run(pk=uuid4())


def django_says(run):
    return reverse("admin:stripeflow_workflows_run_change", args=[run.pk])


def test_each_run_has_its_own(run):
    assert run_url(run) == django_says(run)
    other = Run(pk=uuid4())
    assert run_url(other) == django_says(other)


def test_a_project_without_the_admin_has_none(run):
    assert run_url(run)
    with override_settings(ROOT_URLCONF=__name__):
        assert run_url(run) == ""
    assert run_url(run) == django_says(run)


def test_a_project_below_a_path_has_it_below_that(run):
    try:
        set_script_prefix("/shop/")
        assert run_url(run) == django_says(run)
        assert run_url(run).startswith("/shop/")
    finally:
        set_script_prefix("/")
    assert not run_url(run).startswith("/shop/")
