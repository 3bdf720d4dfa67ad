"""The texts of our scripts in the reader's language, for their `gettext`."""

from typing import Any

from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.i18n import JavaScriptCatalog

from stripeflow.workflows.admin.base.pages import AdminPage, PagedAdmin

PACKAGES = ["stripeflow.workflows", "stripeflow.actions"]
_NAME = "stripeflow_workflows_texts"


class Texts(Script):
    """The catalogue as one of a page's scripts; its address is known only when a page is rendered."""

    @property
    def path(self) -> str:
        return reverse(f"admin:{_NAME}")


TEXTS = Texts("texts")


def _everybody(user: Any) -> bool:
    """Everybody who comes into the admin: the catalogue holds nothing of any row."""
    return True


class TextsPage(AdminPage):
    """The catalogue. Django's own (`admin:jsi18n`) has the texts of the admin alone."""

    name = "texts"
    route = "texts.js"
    permission = _everybody

    @classmethod
    def url_name(cls, admin: PagedAdmin) -> str:
        return _NAME

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return JavaScriptCatalog.as_view(packages=PACKAGES)(request)
