"""The doors to API tokens."""

from stripeflow.workflows.models import ApiToken
from tests.workflows.admin.addresses import address


def token(workflow):
    token = ApiToken(user=workflow.owner, name="CI")
    token.issue()
    token.save()


def delete_token(client, workflow):
    client.post(address(ApiToken.objects.get(), "delete"), {"post": "yes"})


def token_action(name):
    def go(client, workflow):
        chosen = {"action": name, "_selected_action": [ApiToken.objects.get().pk], "index": 0, "post": "yes"}
        client.post(address("apitoken", "changelist"), chosen)

    return go
