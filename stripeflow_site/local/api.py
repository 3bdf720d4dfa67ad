"""A client of the REST API of an installation on this machine; standard library only."""

import http.client
import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

TIMEOUT_SECONDS = 60.0

Document = dict[str, Any]


class ApiRefused(RuntimeError):
    """The API answered with another status than 2xx."""

    def __init__(self, status: int, body: Any) -> None:  # noqa: ANN401 - any JSON value
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Api:
    """Calls as the bearer of a token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token

    def answers(self) -> bool:
        """Whether the web server answers at all, with whatever status."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", "/admin/login/")
            return bool(connection.getresponse().status)
        except OSError:
            return False
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> Document:  # noqa: ANN401
        """The JSON at `path`, relative to the API's root. Raises `ApiRefused`."""
        target = f"{path}?{urlencode(query, doseq=True)}" if query else path
        return self._call("GET", target)[0]

    def post(self, path: str, document: Document | None = None, *, key: str = "") -> Document:
        """With a key, sent again it does the same once. Raises `ApiRefused`."""
        return self._call("POST", path, document or {}, {"Idempotency-Key": key} if key else None)[0]

    def replace(self, path: str, document: Document) -> Document:
        """Replace what is at `path`, as it is now. Raises `ApiRefused`."""
        _current, etag = self._call("GET", path)
        return self._call("PUT", path, document, {"If-Match": etag})[0]

    def activate(self, workflow_id: int) -> Document:
        """Activate the workflow as it is now, whatever it does. Raises `ApiRefused`."""
        _current, etag = self._call("GET", f"workflows/{workflow_id}/")
        return self._call("POST", f"workflows/{workflow_id}/activate/", {}, {"If-Match": etag})[0]

    def results(self, path: str, **query: Any) -> list[Document]:  # noqa: ANN401
        """All entries of a list, whatever the number of its pages."""
        page = self.get(path, limit=100, **query)
        found = list(page["results"])
        while page.get("next"):
            page = self._call("GET", page["next"].partition("/api/v1/")[2])[0]
            found += page["results"]
        return found

    def event(self, event_id: str) -> Document | None:
        """An accepted event by Stripe's id, or None."""
        try:
            return self.get(f"events/{quote(event_id, safe='')}/")
        except ApiRefused as refused:
            if refused.status == 404:
                return None
            raise

    def runs(self, **query: Any) -> list[Document]:  # noqa: ANN401
        """Runs with their steps, oldest first."""
        found = [self.get(f"runs/{run['id']}/") for run in self.results("runs/", **query)]
        return found[::-1]

    def _call(
        self, method: str, path: str, document: Document | None = None, headers: dict[str, str] | None = None
    ) -> tuple[Any, str]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT_SECONDS)
        sent = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **(headers or {})}
        body = None
        if document is not None:
            body = json.dumps(document)
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, f"/api/v1/{path}", body=body, headers=sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if not 200 <= answer.status < 300:
            raise ApiRefused(answer.status, text)
        return (json.loads(text) if text else {}), answer.headers.get("ETag", "")
