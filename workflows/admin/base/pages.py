"""Pages of the admin beside Django's own: each is a class, and a `ModelAdmin` lists its own in `pages`."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from stripeflow.triggers.guarded_admin import GuardedAdmin


class AdminPage:
    """One address below a model's pages: `get` and `post` answer it.

    A subclass sets its `name`, its `permission`, and the `template` if it shows one. For users without the
    permission nothing is read, not even the method.
    """

    name: ClassVar[str]
    permission: ClassVar[Callable[[Any], bool]]
    template: ClassVar[str]
    route: ClassVar[str] = "{name}/"
    # A page that asks more of its `ModelAdmin` declares a narrower type.
    admin: "PagedAdmin"

    def __init__(self, admin: "PagedAdmin") -> None:
        self.admin = admin

    @classmethod
    def pattern(cls, admin: "PagedAdmin") -> URLPattern:
        """The address of this page below those of `admin`."""
        view = admin.behind(cls.permission, cls(admin).answer)
        return path(cls.route.format(name=cls.name), view, name=cls.url_name(admin))

    @classmethod
    def url_name(cls, admin: "PagedAdmin") -> str:
        """The name under which `reverse` finds it."""
        return f"{admin.opts.app_label}_{admin.opts.model_name}_{cls.name}"

    def answer(self, request: HttpRequest, **address: Any) -> HttpResponseBase:
        """Find what the address names, and answer the method. Raises `Http404`."""
        answers = {"GET": self.get, "HEAD": self.get, "POST": self.post}
        found = self.found(request, **address)
        answer = answers.get(request.method or "")
        return answer(request, **found) if answer else HttpResponseNotAllowed(["GET", "POST"])

    def found(self, request: HttpRequest, *args: Any, **address: Any) -> dict[str, Any]:
        """The arguments of `get` and `post`: the parts of the address, or the rows that it names."""
        return address

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A page without its own `get` is a button, which only posts."""
        raise Http404

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A page without its own `post` only shows."""
        return HttpResponseNotAllowed(["GET"])

    def shown(self, request: HttpRequest, *args: Any, **context: Any) -> HttpResponse:
        """The page's template, within the admin's frame."""
        return self.admin.shown(request, self.template, context)


class PagedAdmin(GuardedAdmin):
    """A `ModelAdmin` with `pages` of its own beside Django's: lists, forms and histories."""

    pages: ClassVar[tuple[type[AdminPage], ...]] = ()
    # Whether Django's own pages have addresses at all.
    has_django_pages: ClassVar[bool] = True

    def get_urls(self) -> list[URLPattern]:
        own = [page.pattern(self) for page in self.pages]
        return [*own, *super().get_urls()] if self.has_django_pages else own

    def shown(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        """A template of ours, within the admin's frame. `context` says its `title`."""
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, template, frame | context)
