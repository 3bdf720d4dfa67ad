"""Guards the lists of the admin: an address may use only the look-ups that their filters declare."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.widgets import url_params_from_lookup_dict
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

VIEW_PAYLOAD = "stripeflow_triggers.view_payload"


class NotEdited:
    """Rows that people only read: no page of Django's adds, changes or deletes one. For a `ModelAdmin`."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class GuardedAdmin(admin.ModelAdmin):
    """A `ModelAdmin` that refuses look-ups, and that asks for permission before it reads a row.

    Django allows every column of the model in a list's address, with any look-up. Whether a row is listed
    then reveals what the column holds, letter by letter, to people who may not read it.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Whether the list's address may hold `lookup`: of its filters, `pk`, or of Django's pop-up."""
        return lookup == "pk" or lookup in self._declared(request) or self._is_of_popup(lookup, value)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        self.check_view(request)
        return super().change_view(request, object_id, form_url, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.check_view(request)
        return super().history_view(request, object_id, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_delete_permission(request):
            raise PermissionDenied
        return super().delete_view(request, object_id, extra_context)

    def behind(self, question: Callable[[Any], bool], view: Callable[..., Any]) -> Callable[..., Any]:
        """`view` for an address of its own, for staff of whom `question` is true of the user.

        The question comes before the view, its method, form and row, which would reveal what exists.
        """

        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not question(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        asked.question = question  # type: ignore[attr-defined]  # a mark on the view
        return self.admin_site.admin_view(asked)

    def check_view(self, request: HttpRequest) -> None:
        """Raise `PermissionDenied` for people who may see no row, before the row is looked up."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied

    def _declared(self, request: HttpRequest | None) -> frozenset[str]:
        """The parameters of the list's filters; read once, since some filters query the database."""
        filters = tuple(self.get_list_filter(cast(HttpRequest, request)))
        known: dict[str, frozenset[str]] = self.__dict__.setdefault("_parameters_of", {})
        if repr(filters) not in known:
            names = {name for one in filters for name in _parameters(self, one, request)}
            known[repr(filters)] = frozenset(names | self._dates())
        return known[repr(filters)]

    def _dates(self) -> set[str]:
        named = self.date_hierarchy
        return {f"{named}__{part}" for part in ("year", "month", "day")} if named else set()

    def _is_of_popup(self, lookup: str, value: str) -> bool:
        """Whether a foreign key's own choice of rows says so, in the window that offers them."""
        declared = (one() if callable(one) else one for one in self.opts.related_fkey_lookups)
        return any((lookup, value) in url_params_from_lookup_dict(one).items() for one in declared)


def _parameters(model_admin: admin.ModelAdmin, declared: Any, request: HttpRequest | None) -> Iterable[str]:
    """The names in a list's address that one entry of `list_filter` takes, in Django's own words."""
    if isinstance(declared, type) and issubclass(declared, admin.SimpleListFilter):
        return (str(declared.parameter_name),)
    if callable(declared):
        return declared(request, {}, model_admin.model, model_admin).expected_parameters()
    path, made = declared if isinstance(declared, list | tuple) else (declared, admin.FieldListFilter.create)
    field = get_fields_from_path(model_admin.model, path)[-1]
    return made(field, request, {}, model_admin.model, model_admin, field_path=path).expected_parameters()
