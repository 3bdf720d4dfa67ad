"""Settings of a host project that has turned everything of the REST framework another way."""

from stripeflow_site.settings import *  # noqa: F403

ELSEWHERE = "tests.workflows.api.hostile_parts"
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.BrowsableAPIRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FormParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [f"{ELSEWHERE}.Nobody"],
    "DEFAULT_THROTTLE_CLASSES": [f"{ELSEWHERE}.Never"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": f"{ELSEWHERE}.NoFormat",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "ALLOWED_VERSIONS": ["host"],
    "DEFAULT_VERSION": "host",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 1,
    "DEFAULT_FILTER_BACKENDS": [f"{ELSEWHERE}.NothingPasses"],
    "DEFAULT_SCHEMA_CLASS": "rest_framework.schemas.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "VIEW_NAME_FUNCTION": f"{ELSEWHERE}.broken",
    "VIEW_DESCRIPTION_FUNCTION": f"{ELSEWHERE}.broken",
    "EXCEPTION_HANDLER": f"{ELSEWHERE}.broken",
    "NON_FIELD_ERRORS_KEY": "__all__",
    # Parameters and keywords of ours.
    "URL_FORMAT_OVERRIDE": "status",
    "FORMAT_SUFFIX_KWARG": "pk",
    "SEARCH_PARAM": "workflow",
    "ORDERING_PARAM": "limit",
    "DATE_FORMAT": "%d.%m.%Y",
    "DATE_INPUT_FORMATS": ["%d.%m.%Y"],
    "DATETIME_FORMAT": "%d.%m.%Y %H:%M",
    "DATETIME_INPUT_FORMATS": ["%d.%m.%Y %H:%M"],
    "TIME_FORMAT": "%H.%M",
    "TIME_INPUT_FORMATS": ["%H.%M"],
    "DURATION_FORMAT": "iso-8601",
    "UNICODE_JSON": False,
    "COMPACT_JSON": False,
    "STRICT_JSON": False,
    "COERCE_DECIMAL_TO_STRING": False,
    "COERCE_BIGINT_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,
    "CAMELIZE_NAMES": True,
    "ENUM_SUFFIX": "Host",
    "APPEND_COMPONENTS": {"schemas": {"Host": {"type": "object"}}},
    "SECURITY": [{"host": []}],
    "SERVERS": [{"url": "https://host.example"}],
}
TIME_ZONE = "Asia/Tokyo"
