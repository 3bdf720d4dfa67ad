"""The texts of our scripts in the reader's language, for their `gettext`."""

from typing import Any

from django.forms.widgets import Script
from django.urls import URLPattern, path, reverse
from django.views.i18n import JavaScriptCatalog

PACKAGES = ["stripeflow.workflows", "stripeflow.actions"]
_NAME = "stripeflow_workflows_texts"


class Texts(Script):
    """Among a page's scripts: the catalogue, whose address is known only once a page is made."""

    @property
    def path(self) -> str:
        return reverse(f"admin:{_NAME}")


TEXTS = Texts("texts")


class TextViews:
    """The address of the catalogue. Django's own (`admin:jsi18n`) has the texts of the admin alone."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        view = JavaScriptCatalog.as_view(packages=PACKAGES)
        own = path("texts.js", self.admin_site.admin_view(view), name=_NAME)
        return [own, *super().get_urls()]  # type: ignore[misc]
