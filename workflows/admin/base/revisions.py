"""Two people at one workflow: what the second one sends is checked against what they saw."""

from django.http import Http404, HttpRequest


def posted_revision(request: HttpRequest) -> int:
    """The revision that a small form carries. Raises `Http404` if it is not a number."""
    try:
        return int(request.POST["revision"])
    except (KeyError, ValueError) as error:
        raise Http404 from error
