"""No page may run a script of its own text, or load anything from elsewhere. (Browser tests see the rest.)"""

import re

import pytest

PAGES = ["/admin/", "/admin/stripeflow_workflows/workflow/", "/admin/stripeflow_workflows/workflow/add/"]
INLINE = re.compile(
    rb"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style|\son\w+=|javascript:", re.I
)


def directives(response):
    parts = (part.split() for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("page", [*PAGES, "/api/v1/docs/"])
def test_pages_are_under_the_policy_and_within_it(admin_client, page):
    response = admin_client.get(page)
    assert response.status_code == 200
    assert directives(response)["script-src"] == ["'self'"]
    assert directives(response)["default-src"] == ["'none'"]
    assert INLINE.findall(response.content) == []


def test_the_documentation_of_the_api_gets_its_script_as_a_file(admin_client):
    page = admin_client.get("/api/v1/docs/").content.decode()
    [script] = re.findall(r'<script src="(/api/[^"]+)"', page)
    response = admin_client.get(script)
    assert response.headers["Content-Type"].startswith("application/javascript")
    assert "SwaggerUIBundle" in response.content.decode()


@pytest.mark.parametrize("text", [b"<script>", b'<p onclick="x()">', b"<style>", b'<a href="javascript:x">'])
def test_the_look_for_inline_scripts_finds_them(text):
    assert INLINE.findall(text)
