"""The addresses of the API, to be included at `api/v1/`. Each says which method does what."""

from django.urls import path, re_path

from stripeflow.workflows.api.accounts import DisconnectedAccounts
from stripeflow.workflows.api.approvals import Approvals
from stripeflow.workflows.api.audit import Audit
from stripeflow.workflows.api.bulk import BulkInvocations
from stripeflow.workflows.api.catalogue import Catalogue
from stripeflow.workflows.api.connections import Connections
from stripeflow.workflows.api.counts import CountsOfSteps
from stripeflow.workflows.api.destinations import Deliveries, Destinations
from stripeflow.workflows.api.events import Events
from stripeflow.workflows.api.invoking import Invocations
from stripeflow.workflows.api.items import Items
from stripeflow.workflows.api.limits import DailyLimits
from stripeflow.workflows.api.named_secrets import Secrets
from stripeflow.workflows.api.pauses import Pauses
from stripeflow.workflows.api.rehearsals import Rehearsals
from stripeflow.workflows.api.replays import Replays
from stripeflow.workflows.api.run_operations import RunOperations
from stripeflow.workflows.api.runs import Runs
from stripeflow.workflows.api.schedules import Schedules
from stripeflow.workflows.api.schema_views import Docs, Schema
from stripeflow.workflows.api.sdk import InstalledSdk
from stripeflow.workflows.api.suppressions import Suppressions
from stripeflow.workflows.api.switch import KillSwitch
from stripeflow.workflows.api.templates import Templates
from stripeflow.workflows.api.versions import Versions
from stripeflow.workflows.api.views import NothingHere
from stripeflow.workflows.api.workflows import Workflows

app_name = "stripeflow_api"

_METHODS = ("get", "post", "put", "patch", "delete")

urlpatterns = [
    path("workflows/", Workflows.as_view({"get": "list", "post": "create"}), name="workflows"),
    path("workflows/validate/", Workflows.as_view({"post": "validate_document"}), name="validate"),
    path("workflows/<int:pk>/", Workflows.as_view({"get": "retrieve", "put": "update"}), name="workflow"),
    path(
        "workflows/<int:pk>/validate/",
        Workflows.as_view({"get": "validate"}),
        name="workflow-validate",
    ),
    path("workflows/<int:pk>/activate/", Workflows.as_view({"post": "activate"}), name="workflow-activate"),
    path(
        "workflows/<int:pk>/deactivate/",
        Workflows.as_view({"post": "deactivate"}),
        name="workflow-deactivate",
    ),
    path("workflows/<int:pk>/archive/", Workflows.as_view({"post": "archive"}), name="workflow-archive"),
    path("workflows/<int:pk>/restore/", Workflows.as_view({"post": "restore"}), name="workflow-restore"),
    path(
        "workflows/<int:pk>/duplicate/", Workflows.as_view({"post": "duplicate"}), name="workflow-duplicate"
    ),
    path(
        "workflows/<int:pk>/limits/",
        DailyLimits.as_view({"get": "show", "put": "set"}),
        name="workflow-limits",
    ),
    path("workflows/<int:pk>/pause/", Pauses.as_view({"post": "pause"}), name="workflow-pause"),
    path("workflows/<int:pk>/resume/", Pauses.as_view({"post": "resume"}), name="workflow-resume"),
    path(
        "workflows/<int:pk>/invoke/",
        Invocations.as_view({"get": "describe", "post": "invoke"}),
        name="workflow-invoke",
    ),
    path(
        "workflows/<int:pk>/invoke/bulk/",
        BulkInvocations.as_view({"post": "start"}),
        name="workflow-bulk-invoke",
    ),
    path(
        "workflows/<int:pk>/invoke/bulk/preview/",
        BulkInvocations.as_view({"post": "preview"}),
        name="workflow-bulk-preview",
    ),
    path(
        "workflows/<int:pk>/schedule/",
        Schedules.as_view({"get": "retrieve"}),
        name="workflow-schedule",
    ),
    path(
        "workflows/<int:pk>/schedule/left-out/",
        Schedules.as_view({"get": "left_out"}),
        name="workflow-left-out",
    ),
    path(
        "workflows/<int:pk>/schedule/fill/preview/",
        Schedules.as_view({"post": "preview"}),
        name="workflow-fill-preview",
    ),
    path("workflows/<int:pk>/schedule/fill/", Schedules.as_view({"post": "fill"}), name="workflow-fill"),
    path("workflows/<int:pk>/test/", Rehearsals.as_view({"post": "test"}), name="workflow-test"),
    path("workflows/<int:pk>/backtest/", Rehearsals.as_view({"post": "backtest"}), name="workflow-backtest"),
    path("workflows/<int:pk>/counts/", CountsOfSteps.as_view({"get": "counts"}), name="workflow-counts"),
    path("workflows/<int:pk>/versions/", Versions.as_view({"get": "list"}), name="versions"),
    path(
        "workflows/<int:pk>/versions/<int:number>/",
        Versions.as_view({"get": "retrieve"}),
        name="version",
    ),
    path("templates/", Templates.as_view({"get": "list"}), name="templates"),
    path(
        "templates/<str:key>/",
        Templates.as_view({"patch": "change", "delete": "remove"}),
        name="template",
    ),
    path(
        "workflows/<int:pk>/template/",
        Templates.as_view({"post": "save"}),
        name="workflow-template",
    ),
    path(
        "templates/<str:key>/workflows/",
        Templates.as_view({"post": "create_workflow"}),
        name="template-workflows",
    ),
    path(
        "templates/<str:key>/backtest/",
        Templates.as_view({"post": "backtest"}),
        name="template-backtest",
    ),
    path("runs/", Runs.as_view({"get": "list"}), name="runs"),
    path("runs/<uuid:pk>/", Runs.as_view({"get": "retrieve"}), name="run"),
    path("runs/<uuid:pk>/retry-preview/", Items.as_view({"get": "preview"}), name="run-retry-preview"),
    path("runs/<uuid:pk>/items/", Items.as_view({"get": "list"}), name="run-items"),
    path("runs/<uuid:pk>/items/<int:item>/", Items.as_view({"get": "retrieve"}), name="run-item"),
    path("runs/bulk/", RunOperations.as_view({"post": "bulk"}), name="runs-bulk"),
    path("runs/bulk/resolve/", RunOperations.as_view({"post": "bulk_resolve"}), name="runs-bulk-resolve"),
    path("runs/bulk/choose/", RunOperations.as_view({"post": "bulk_choose"}), name="runs-bulk-choose"),
    *(
        path(f"runs/<uuid:pk>/{name}/", RunOperations.as_view({"post": name}), name=f"run-{name}")
        for name in ("cancel", "retry", "release", "wake", "restart", "rerun", "resolve", "choose")
    ),
    path("approvals/", Approvals.as_view({"get": "list"}), name="approvals"),
    path("approvals/bulk/decide/", Approvals.as_view({"post": "bulk_decide"}), name="approvals-bulk-decide"),
    path("approvals/<int:pk>/", Approvals.as_view({"get": "retrieve"}), name="approval"),
    path("approvals/<int:pk>/decide/", Approvals.as_view({"post": "decide"}), name="approval-decide"),
    path(
        "disconnected-accounts/",
        DisconnectedAccounts.as_view({"get": "list"}),
        name="disconnected-accounts",
    ),
    path(
        "disconnected-accounts/<int:pk>/reconnect/",
        DisconnectedAccounts.as_view({"post": "reconnect"}),
        name="disconnected-account-reconnect",
    ),
    path("replays/", Replays.as_view({"post": "start"}), name="replays"),
    path("replays/preview/", Replays.as_view({"post": "preview"}), name="replays-preview"),
    path("secrets/", Secrets.as_view({"get": "list", "post": "create"}), name="secrets"),
    path(
        "secrets/<str:name>/",
        Secrets.as_view({"get": "retrieve", "put": "change", "delete": "remove"}),
        name="secret",
    ),
    path("suppressions/", Suppressions.as_view({"get": "list", "post": "create"}), name="suppressions"),
    path("suppressions/<int:pk>/", Suppressions.as_view({"delete": "remove"}), name="suppression"),
    path(
        "event-destinations/",
        Destinations.as_view({"get": "list", "post": "create"}),
        name="event-destinations",
    ),
    path(
        "event-destinations/<int:pk>/",
        Destinations.as_view({"get": "retrieve", "patch": "change", "delete": "remove"}),
        name="event-destination",
    ),
    *(
        path(
            f"event-destinations/<int:pk>/{name}/",
            Destinations.as_view({"post": name}),
            name=f"event-destination-{name}",
        )
        for name in ("enable", "disable", "rotate", "ping")
    ),
    path("deliveries/", Deliveries.as_view({"get": "list"}), name="deliveries"),
    path("deliveries/<int:pk>/", Deliveries.as_view({"get": "retrieve"}), name="delivery"),
    path(
        "deliveries/<int:pk>/send-again/",
        Deliveries.as_view({"post": "send_again"}),
        name="delivery-send-again",
    ),
    path("connections/", Connections.as_view({"get": "list", "post": "create"}), name="connections"),
    path(
        "connections/<str:name>/",
        Connections.as_view({"get": "retrieve", "put": "change", "delete": "remove"}),
        name="connection",
    ),
    path("switch/", KillSwitch.as_view({"get": "show", "post": "turn"}), name="switch"),
    path("events/", Events.as_view({"get": "list"}), name="events"),
    path("events/<str:key>/", Events.as_view({"get": "retrieve"}), name="event"),
    path("events/<str:key>/why/", Events.as_view({"get": "why"}), name="event-why"),
    path("catalogue/event-types/", Catalogue.as_view({"get": "event_types"}), name="event-types"),
    path("catalogue/objects/", Catalogue.as_view({"get": "objects"}), name="objects"),
    path(
        "catalogue/objects/<str:name>/fields/",
        Catalogue.as_view({"get": "object_fields"}),
        name="object-fields",
    ),
    path("catalogue/trigger-types/", Catalogue.as_view({"get": "trigger_types"}), name="trigger-types"),
    path("catalogue/actions/", Catalogue.as_view({"get": "actions"}), name="actions"),
    path("catalogue/actions/<str:key>/", Catalogue.as_view({"get": "one_action"}), name="action"),
    path("catalogue/operations/", Catalogue.as_view({"get": "operations"}), name="operations"),
    path("catalogue/sdk/", InstalledSdk.as_view({"get": "show"}), name="sdk"),
    path("catalogue/operators/", Catalogue.as_view({"get": "operators"}), name="operators"),
    path("catalogue/filters/", Catalogue.as_view({"get": "filters"}), name="filters"),
    path("audit/", Audit.as_view({"get": "list"}), name="audit"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    re_path(
        # Whatever it holds, also a newline, which a dot would not match.
        r"^(?P<rest>[\s\S]*)\Z",
        NothingHere.as_view(dict.fromkeys(_METHODS, "nothing")),
        name="nothing",
    ),
]
