"""A typed client of the API, made by a generator from our schema, and sent through Django's test client."""

import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import httpx

NAME = "generated_stripeflow_client"


def generated(schema, folder):
    """The generated package. A warning of the generator is a failure: it means that something is left out."""
    source, settings, package = folder / "schema.json", folder / "config.yaml", folder / NAME
    source.write_text(json.dumps(schema))
    settings.write_text("post_hooks: []\n")
    command = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--fail-on-warning"]
    command += ["--path", source, "--config", settings, "--meta", "none", "--output-path", package]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return package


class Calls:
    """Calls operations by their ids."""

    def __init__(self, api):
        self.client = importlib.import_module(NAME).AuthenticatedClient(
            base_url="http://testserver",
            token=api.token_text,
            raise_on_unexpected_status=True,
            httpx_args={"transport": _Transport(api.client)},
        )

    def __call__(self, operation, *, body=None, **arguments):
        """The answer, with what the client has made of it."""
        (module,) = [one for one in _modules() if one.__name__.rpartition(".")[2] == operation]
        if body is not None:
            wanted = inspect.signature(module.sync_detailed).parameters["body"].annotation
            (model,) = [one for one in getattr(wanted, "__args__", (wanted,)) if hasattr(one, "from_dict")]
            arguments["body"] = model.from_dict(body)
        return module.sync_detailed(client=self.client, **arguments)


class _Transport(httpx.BaseTransport):
    def __init__(self, client):
        self.client = client

    def handle_request(self, request):
        names = {"content-type", "content-length", "host"}
        answer = self.client.generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            content_type=request.headers.get("content-type", ""),
            headers={name: value for name, value in request.headers.items() if name not in names},
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)


def operations():
    """The ids of all operations that the generated client has."""
    return {module.__name__.rpartition(".")[2] for module in _modules()}


def _modules():
    package = importlib.import_module(NAME)
    for path in sorted(Path(package.__file__).parent.glob("api/*/*.py")):
        if path.stem != "__init__":
            yield importlib.import_module(f"{NAME}.api.{path.parent.name}.{path.stem}")
